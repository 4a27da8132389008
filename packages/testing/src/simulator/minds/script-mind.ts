import type { Mind, Reply } from "../mind.js";

/**
 * Gives the replies in order; text may stand for a reply of one text block, and a function is asked when its turn comes.
 * One request too many is an error.
 */
export function scriptMind(replies: readonly (string | Reply | Mind)[]): Mind {
  let next = 0;
  return (request, context) => {
    const reply = replies[next++];
    if (reply === undefined)
      throw new Error(`the script has ${replies.length} replies and was asked for one more`);
    if (typeof reply === "function") return reply(request, context);
    return reply;
  };
}
