import { createHash } from "node:crypto";
import type { Mind, Reply } from "../mind.js";

/**
 * A client that gets a broken answer sends the same request again. A script or a recording has each reply once only, and
 * would have moved on: here the same request gets the same reply, until it arrives.
 *
 * @returns the mind to ask for one answer, which will arrive whole or not.
 */
export function lasting(mind: Mind): (arrives: boolean) => Mind {
  const kept = new Map<string, Reply | undefined>();
  return (arrives) => async (request, context) => {
    const key = createHash("sha256").update(JSON.stringify(request)).digest("hex");
    const reply = kept.has(key) ? kept.get(key) : await mind(request, context);
    if (arrives) kept.delete(key);
    else kept.set(key, reply);
    return reply;
  };
}
