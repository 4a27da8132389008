import type Anthropic from "@anthropic-ai/sdk";
import type { Claude, ModelCall, ModelRequest, StreamEvent, Wait } from "@lockstitch/core";
import type { CassetteCall } from "./cassette.js";
import { openCassette } from "./cassette-writer.js";
import { faultOfMessage } from "./check-call.js";
import { isObject } from "./is-object.js";
import { type RecordedError, toRecordedError } from "./recorded-error.js";
import { checkRedact, createRedactor, type Redact } from "./redact.js";
import { redactEvents } from "./redact-events.js";
import { redactData, redactValue } from "./redact-value.js";

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
 * when it settles, so that a crash leaves what was recorded. Secrets are taken out before anything is written.
 *
 * Throws `CassetteError` where the file can't be begun, and `TypeError` for a `redact` that is neither list nor function; calls reject with it where they can't be written down.
 */
export function record(claude: Claude, file: string, options: RecordOptions = {}): Claude {
  checkRedact(options.redact);
  const write = openCassette(file, options.ifExists);
  const keep = (call: CassetteCall): void => write(JSON.stringify(redactCall(call, options.redact)));

  return async (request, call) => {
    // As it is now: whoever is given it may go on changing it.
    const asked = copy(request);
    const events: (StreamEvent | Wait)[] = [];
    const listening: ModelCall = {
      signal: call.signal,
      emit(event) {
        events.push(copy(event));
        call.emit(event);
      },
    };
    let message: Anthropic.Message;
    try {
      message = await claude(request, listening);
    } catch (error) {
      keep({ request: asked, events, error: toRecordedError(error, call.signal.aborted) });
      throw error;
    }
    keep({ request: asked, events, ...outcomeOf(message) });
    return message;
  };
}

/** A Claude function may be anybody's. What is no reply is kept as the error that a run takes it for; one that tells no usage used none. */
function outcomeOf(
  reply: unknown,
): { readonly message: Anthropic.Message } | { readonly error: RecordedError } {
  const message = isObject(reply) ? copy({ ...reply, usage: reply.usage ?? noUsage }) : reply;
  const fault = faultOfMessage(message);
  return fault === undefined
    ? { message: message as unknown as Anthropic.Message }
    : {
        error: { name: "BrokenStreamError", message: `The reply is not one of the Messages API: ${fault}.` },
      };
}

const noUsage = { input_tokens: 0, output_tokens: 0 };

function redactCall(call: CassetteCall, redact: Redact | undefined): CassetteCall {
  const redactor = createRedactor(redact);
  const request = redactValue(call.request, redactor) as ModelRequest;
  const events = redactEvents(call.events, redactor);
  return "message" in call
    ? { request, events, message: redactValue(call.message, redactor) as Anthropic.Message }
    : { request, events, error: redactError(call.error, redactor) };
}

/** Its details may be anything, and so may its name and type: it need not be an error of the API. */
function redactError(
  { details, name, type, ...rest }: RecordedError,
  redactor: (text: string) => string,
): RecordedError {
  return {
    name: redactor(name),
    ...(type === undefined ? {} : { type: redactor(type) }),
    ...(redactValue(rest, redactor) as Omit<RecordedError, "name" | "type" | "details">),
    ...(details === undefined ? {} : { details: redactData(details, redactor) }),
  };
}

function copy<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
