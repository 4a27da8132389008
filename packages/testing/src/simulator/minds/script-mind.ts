import type { Mind, Reply } from "../mind.js";

/**
 * Gives the replies in order; text may stand for a reply of one text block, and a function is asked when its turn comes.
 * One that gives up because its client left is asked again by the same request. One request too many is an error.
 */
export function scriptMind(replies: readonly (string | Reply | Mind)[]): Mind {
  let next = 0;
  const givenUp = new Map<string, Mind[]>();
  return async (request, context) => {
    const key = JSON.stringify(request);
    const reply = givenUp.get(key)?.shift() ?? replies[next++];
    if (reply === undefined)
      throw new Error(`the script has ${replies.length} replies and was asked for one more`);
    if (typeof reply !== "function") return reply;
    try {
      return await reply(request, context);
    } catch (error) {
      if (context.signal.aborted) givenUp.set(key, [...(givenUp.get(key) ?? []), reply]);
      throw error;
    }
  };
}
