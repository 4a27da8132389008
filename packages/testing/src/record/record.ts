import type Anthropic from "@anthropic-ai/sdk";
import type { Claude, ModelCall, ModelRequest, StreamEvent, Wait } from "@lockstitch/core";
import type { CassetteCall } from "./cassette.js";
import { openCassette } from "./cassette-writer.js";
import { faultOfMessage } from "./check-call.js";
import { cutTextsOf } from "./cut-texts.js";
import { isObject } from "./is-object.js";
import { type RecordedError, toRecordedError } from "./recorded-error.js";
import { checkRedact, createRedactor, type Redact } from "./redact.js";
import { redactEvents } from "./redact-events.js";
import { redactData, redactValue } from "./redact-value.js";
import type { SecretRemover } from "./secrets.js";

export interface RecordOptions {
  /**
   * What must not stand in the file beside secrets of a known form and those of the environment, which never do: texts, or a function
   * that is given every text, and every number of a tool's input as a text, and returns what may be kept of it. Give the same to
   * `replay()` where it is a function.
   */
  readonly redact?: Redact;
  /** A file that is there already is refused, unless this says to go on with it (after a crash, say) or to begin anew. */
  readonly ifExists?: "append" | "overwrite";
}

/**
 * A Claude function that does what `claude` does, and keeps every call in a cassette, a file of JSON lines. Each call is on disk
 * when it settles, so that a crash leaves what was recorded. Secrets are taken out before anything is written. It counts tokens as
 * `claude` does; counts are not kept.
 *
 * Throws `CassetteError` where the file can't be begun, and `TypeError` for a `redact` that is neither list nor function or an
 * `ifExists` that there is not; calls reject with `CassetteError` where they can't be written down.
 */
export function record(claude: Claude, file: string, options: RecordOptions = {}): Claude {
  checkRedact(options.redact);
  checkIfExists(options.ifExists);
  const cassette = openCassette(file, options.ifExists);
  const cutTexts = new Set<string>();
  const keep = (call: CassetteCall): void =>
    cassette.write(JSON.stringify(redactCall(call, options.redact, cutTexts)));
  let calls = cassette.asked;

  const recorded: Claude = async (request, call) => {
    // As it is now: whoever is given it may go on changing it.
    const asked = {
      asked: ++calls,
      ...(call.session === undefined ? {} : { session: call.session }),
      request: copy(request),
    };
    const events: (StreamEvent | Wait)[] = [];
    const listening: ModelCall = {
      ...call,
      emit(event) {
        events.push(copy(event));
        call.emit(event);
      },
    };
    let message: Anthropic.Message;
    try {
      message = await claude(request, listening);
    } catch (error) {
      keep({ ...asked, events, error: toRecordedError(error, call.signal.aborted) });
      throw error;
    }
    keep({ ...asked, events, ...outcomeOf(message) });
    return message;
  };
  return claude.countTokens === undefined
    ? recorded
    : Object.assign(recorded, { countTokens: claude.countTokens });
}

function checkIfExists(ifExists: unknown): void {
  if (ifExists === undefined || ifExists === "append" || ifExists === "overwrite") return;
  throw new TypeError(
    `\`ifExists\` is ${JSON.stringify(ifExists) ?? String(ifExists)}; it must be "append" or "overwrite". Leave it out to have a file that is there refused.`,
  );
}

/** A Claude function may be anybody's. What is no reply is kept as the error that a run takes it for; one that tells no usage used none. */
function outcomeOf(
  reply: unknown,
): { readonly message: Anthropic.Message } | { readonly error: RecordedError } {
  const message = isObject(reply)
    ? copy({ ...reply, ...named(reply), usage: reply.usage ?? noUsage })
    : reply;
  const fault = faultOfMessage(message);
  return fault === undefined
    ? { message: message as unknown as Anthropic.Message }
    : {
        error: { name: "BrokenStreamError", message: `The reply is not one of the Messages API: ${fault}.` },
      };
}

/** A run looks at neither of these; a cassette has them as they are meant. */
function named(reply: object): Partial<Anthropic.Message> {
  return {
    ...("type" in reply ? { type: "message" } : {}),
    ...("role" in reply ? { role: "assistant" } : {}),
  };
}

const noUsage = { input_tokens: 0, output_tokens: 0 };

/** @param cutTexts what limits have cut off so far: a secret may have lost its end there, and the next requests say it again */
function redactCall(call: CassetteCall, redact: Redact | undefined, cutTexts: Set<string>): CassetteCall {
  const known = createRedactor(redact);
  const redactor: SecretRemover = (text, place) =>
    known(text, { isCutOff: place?.isCutOff === true || cutTexts.has(text) });
  if ("message" in call) for (const text of cutTextsOf(call.message)) cutTexts.add(text);
  const { asked, session } = call;
  const clean = {
    ...(asked === undefined ? {} : { asked }),
    ...(session === undefined ? {} : { session: redactor(session) }),
    request: redactValue(call.request, redactor) as ModelRequest,
    events: redactEvents(call.events, redactor),
  };
  return "message" in call
    ? { ...clean, message: redactValue(call.message, redactor) as Anthropic.Message }
    : { ...clean, error: redactError(call.error, redactor) };
}

/**
 * Its details may be anything, and so may its name and type: it need not be an error of the API. What it quotes may be the beginning of
 * what was too long, or came too late.
 */
function redactError(
  { details, name, type, ...rest }: RecordedError,
  redactor: SecretRemover,
): RecordedError {
  const cut = (text: string) => redactor(text, { isCutOff: true });
  return {
    name: redactor(name),
    ...(type === undefined ? {} : { type: redactor(type) }),
    ...(redactValue(rest, cut, redactor) as Omit<RecordedError, "name" | "type" | "details">),
    ...(details === undefined ? {} : { details: redactData(details, cut, redactor) }),
  };
}

function copy<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
