import type { Mind, Reply } from "./mind.js";

/** Gives the replies in order; a function among them is asked when its turn comes. One request too many is an error. */
export function scriptMind(replies: readonly (Reply | Mind)[]): Mind {
  let next = 0;
  return (request, context) => {
    const reply = replies[next++];
    if (reply === undefined)
      throw new Error(`the script has ${replies.length} replies and was asked for one more`);
    return typeof reply === "function" ? reply(request, context) : reply;
  };
}
