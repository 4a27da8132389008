import { createHash } from "node:crypto";
import type { Mind, Said } from "../mind.js";

/** The mind to ask for one answer. */
export interface Asked {
  readonly mind: Mind;
  /** To be called where the reply does not arrive whole: the next such request gets it. */
  missed(): void;
}

/**
 * A client that gets a broken answer sends the same request again. A script or a recording has each reply once only, and
 * would have moved on: here the same request gets the same reply, until it arrives.
 */
export function lasting(mind: Mind): () => Asked {
  const kept = new Map<string, Said[]>();
  return () => {
    let keep: () => unknown = () => {};
    return {
      async mind(request, context) {
        const key = createHash("sha256").update(JSON.stringify(request)).digest("hex");
        const missed = kept.get(key) ?? [];
        // Taken at once, so that of two requests side by side only one gets it.
        kept.set(key, missed.slice(1));
        const reply = missed.length > 0 ? missed[0] : await mind(request, context);
        keep = () => kept.set(key, [...(kept.get(key) ?? []), reply]);
        return reply;
      },
      missed: () => void keep(),
    };
  };
}
