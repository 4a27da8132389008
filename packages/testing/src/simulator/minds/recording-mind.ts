import type { MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import { difference } from "../../record/compare.js";
import { normalRequest } from "../../record/normal-form.js";
import { redactValue } from "../../record/redact-value.js";
import { createSecretRemover } from "../../record/secrets.js";
import type { Mind, Reply } from "../mind.js";

/** What was asked once, and what came back. */
export interface Exchange {
  readonly request: MessageCreateParams;
  readonly reply: Reply;
}

/** Whether a recorded request stands for one that has just come. */
export type Fits = (recorded: MessageCreateParams, request: MessageCreateParams) => boolean;

/**
 * Plays recorded exchanges: a request gets the reply of the first one that fits and has not been played yet, so that
 * parallel conversations find their own. Passes where none fits.
 *
 * By default `messages` must be the same, and nothing else: system prompt, tools, model and settings may have changed
 * since. Cache markers, ids of calls, and whether a text stands alone or in a block, make no difference, nor does what was redacted.
 */
export function recordingMind(exchanges: Iterable<Exchange>, fits: Fits = sameMessages): Mind {
  const unplayed = [...exchanges];
  return (request) => {
    const index = unplayed.findIndex((exchange) => fits(exchange.request, request));
    return index === -1 ? undefined : unplayed.splice(index, 1)[0]?.reply;
  };
}

/** As `replay()` compares them: what stood where a secret was taken out is not known, and ids of calls are made anew. */
function sameMessages(recorded: MessageCreateParams, request: MessageCreateParams): boolean {
  return difference([], normalOf(recorded), normalOf(withoutSecrets(request))) === undefined;
}

/** Every exchange is looked at for every request, and every request for every exchange: each is made comparable once. */
const normalOf = once(({ messages }: MessageCreateParams) => normalRequest({ messages }).messages);

/** A secret may have been the name of a field; texts are left as they are, to be compared with what is around the mark. */
const withoutSecrets = once(({ messages }: MessageCreateParams) => {
  const remover = createSecretRemover([], process.env);
  return { messages: redactValue(messages, (text) => text, remover) } as MessageCreateParams;
});

function once<Key extends object, Value>(work: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, Value>();
  return (key) => {
    const value = made.get(key) ?? work(key);
    made.set(key, value);
    return value;
  };
}
