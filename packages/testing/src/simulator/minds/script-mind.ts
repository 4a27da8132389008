import type { Mind, Reply } from "../mind.js";

/**
 * Gives the replies in order; text may stand for a reply of one text block, and a function is asked when its turn comes.
 * One that gives up because its client left is asked again by the same request. One request too many is an error.
 *
 * @throws TypeError for a reply that is not there, such as a constant that was renamed.
 */
export function scriptMind(replies: readonly (string | Reply | Mind)[]): Mind {
  const missing = Array.from(replies).findIndex((reply) => reply === undefined || reply === null);
  if (missing >= 0)
    throw new TypeError(
      `Reply ${missing + 1} of ${replies.length} is ${String(replies[missing])}. A reply is text, { content }, { status, error }, { message } or a function of the request.`,
    );
  let next = 0;
  const givenUp = new Map<string, Mind[]>();
  return async (request, context) => {
    // Whoever asks again may have it streamed.
    const key = JSON.stringify({ ...request, stream: undefined });
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
