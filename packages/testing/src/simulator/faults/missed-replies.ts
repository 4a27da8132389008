import { createHash } from "node:crypto";
import type { Mind, Said } from "../mind.js";

/** The mind to ask for one answer. */
export interface Asked {
  readonly mind: Mind;
  /** To be called where the reply does not arrive whole, even while the mind still thinks: the next such request gets it. */
  missed(): void;
}

/**
 * A client that gets a broken answer, or is tired of waiting for one, sends the same request again. A script or a recording
 * has each reply once only, and would have moved on: here the same request gets the same reply, until it arrives. A mind
 * that gave up when its client left has not said anything, and is asked again.
 */
export function keepingMissedReplies(mind: Mind): () => Asked {
  const kept = new Map<string, Promise<Said>[]>();
  return () => {
    let keep: () => void = () => {};
    return {
      mind(request, context) {
        const key = createHash("sha256").update(JSON.stringify(request)).digest("hex");
        const [missed, ...others] = kept.get(key) ?? [];
        // Taken at once, so that of two requests side by side only one gets it.
        if (others.length > 0) kept.set(key, others);
        else kept.delete(key);
        const ask = async (): Promise<Said> => mind(request, context);
        const reply = missed?.catch(ask) ?? ask();
        keep = () => kept.set(key, [...(kept.get(key) ?? []), reply]);
        return reply;
      },
      missed() {
        keep();
        keep = () => {};
      },
    };
  };
}
