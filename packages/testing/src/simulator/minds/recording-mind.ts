import type { MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import { difference } from "../../record/compare.js";
import { type NormalRequest, normalRequest } from "../../record/normal-form.js";
import { checkRedact, createRedactor, type Redact } from "../../record/redact.js";
import { redactValue } from "../../record/redact-value.js";
import type { Mind, Reply } from "../mind.js";

/** What was asked once, and what came back. */
export interface Exchange {
  readonly request: MessageCreateParams;
  readonly reply: Reply;
}

/** Whether a recorded request stands for one that has just come. */
export type Fits = (recorded: MessageCreateParams, request: MessageCreateParams) => boolean;

export interface RecordingOptions {
  /** What was given to `record()`, where it was a function: messages are compared as it leaves them. */
  readonly redact?: Redact;
}

/**
 * Plays recorded exchanges: a request gets the reply of the first one that fits and has not been played yet, so that
 * parallel conversations find their own. Passes where none fits.
 *
 * By default `messages` must be the same, and nothing else: system prompt, tools, model and settings may have changed
 * since. Cache markers, ids of calls, and whether a text stands alone or in a block, make no difference, nor does what was redacted.
 *
 * @param how to compare: options, or a function that does it
 * @throws TypeError for a `redact` that is neither list nor function.
 */
export function recordingMind(exchanges: Iterable<Exchange>, how: Fits | RecordingOptions = {}): Mind {
  const fits = typeof how === "function" ? how : sameMessages(how.redact);
  const unplayed = [...exchanges];
  return (request) => {
    const index = unplayed.findIndex((exchange) => fits(exchange.request, request));
    return index === -1 ? undefined : unplayed.splice(index, 1)[0]?.reply;
  };
}

/** As `replay()` compares them: what stood where a secret was taken out is not known, and ids of calls are made anew. */
function sameMessages(redact: Redact | undefined): Fits {
  checkRedact(redact);
  const came = once((request: MessageCreateParams) => normalOf(withoutSecrets(request, redact)));
  return (recorded, request) => difference([], normalRecorded(recorded), came(request)) === undefined;
}

function normalOf({ messages }: Pick<MessageCreateParams, "messages">): NormalRequest["messages"] {
  return normalRequest({ messages }).messages;
}

/** Every exchange is looked at for every request, and every request for every exchange: each is made comparable once. An older recording may have credentials whose names are known by now. */
const normalRecorded = once(({ messages }: MessageCreateParams) =>
  normalOf({ messages: redactValue(messages, (text) => text) as MessageCreateParams["messages"] }),
);

/** A secret may have been the name of a field; texts are left as they are, to be compared with what is around the mark, but for what the caller's own function takes out. */
function withoutSecrets(
  { messages }: MessageCreateParams,
  redact: Redact | undefined,
): Pick<MessageCreateParams, "messages"> {
  const texts = typeof redact === "function" ? redact : (text: string) => text;
  return {
    messages: redactValue(messages, texts, createRedactor(redact)) as MessageCreateParams["messages"],
  };
}

function once<Key extends object, Value>(work: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, Value>();
  return (key) => {
    const value = made.get(key) ?? work(key);
    made.set(key, value);
    return value;
  };
}
