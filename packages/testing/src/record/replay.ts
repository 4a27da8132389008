import type { Agent, Claude, ModelRequest } from "@lockstitch/core";
import { type CassetteCall, readCassette } from "./cassette.js";
import { firstDifference, likeness } from "./compare.js";
import { inWords } from "./difference-words.js";
import { ReplayError } from "./errors.js";
import { type NormalRequest, normalRequest } from "./normal-form.js";
import { fromRecordedError } from "./recorded-error.js";
import { recordedResults, servedAgent } from "./recorded-results.js";
import { checkRedact, createRedactor, type Redact } from "./redact.js";
import { redactData, redactValue } from "./redact-value.js";

export interface ReplayOptions {
  /** What was given to `record()`, where it was a function: requests are compared as it leaves them. */
  readonly redact?: Redact;
}

export interface Replay extends Claude {
  /**
   * The same agent with its tools served from the recording, so that a run is reproduced without any effect. The agent and not
   * its tools alone: results were cut to the agent's `maxResultLength` when they were recorded, so that limit has to go too.
   */
  agent(agent: Agent): Agent;
  /** Throws `ReplayError` where recorded calls were not asked for. With `agent()` those of subagents are not: tools that are served run none. */
  assertUsedUp(): void;
}

/** A recorded call and whether it was replayed. */
interface RecordedCall {
  readonly call: CassetteCall;
  readonly request: NormalRequest;
  /** Made by a subagent that a recorded call ran. */
  readonly isBelow: boolean;
  used: boolean;
}

/**
 * A Claude function that gives what `record()` has kept: the same events, the same message, or an error of the same class. Nothing
 * is sent. A request must equal one that was recorded and not replayed yet: of equal ones that which was asked first, so that the calls
 * of one run come in their order and parallel runs find their own. Only what is made anew each time is not compared (see `normal-form.ts`), nor what
 * stood where a secret was taken out.
 *
 * Throws `CassetteError` for a file that can't be read, and `TypeError` for a `redact` that is neither list nor function. Calls reject with `ReplayError`, which tells the first difference.
 */
export function replay(file: string, options: ReplayOptions = {}): Replay {
  checkRedact(options.redact);
  const calls = readCassette(file);
  const isBelow = belowOthers(calls);
  const recorded = calls.map(
    (call): RecordedCall => ({
      call,
      request: recordedRequest(call),
      isBelow: isBelow(call),
      used: false,
    }),
  );
  const results = recordedResults(calls);
  let unanswered: unknown;
  let isServed = false;

  const claude: Claude = async (request, { signal, emit }) => {
    signal.throwIfAborted();
    const { call } = findCall(file, recorded, request, options.redact);
    for (const event of call.events) {
      emit(structuredClone(event));
      signal.throwIfAborted();
    }
    if ("message" in call) return structuredClone(call.message);
    if (call.error.aborted !== true) throw fromRecordedError(call.error);
    // Whoever aborted it then may do so again, on what was just emitted.
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    throw new ReplayError(
      "no_reply",
      `When this call was recorded in ${file} it was aborted after ${call.events.length} events, so its reply is not known. Abort the run here too, or record it again.`,
    );
  };
  return Object.assign(claude, {
    agent(agent: Agent) {
      isServed = true;
      return servedAgent(agent, (id, name, input) => {
        try {
          return results.resultOf(id, name, input);
        } catch (error) {
          unanswered ??= error;
          throw error;
        }
      });
    },
    assertUsedUp() {
      if (unanswered !== undefined) throw unanswered;
      const wanted = recorded.filter((call) => !(isServed && call.isBelow));
      const left = wanted.filter(({ used }) => !used).length;
      if (left > 0)
        throw new ReplayError(
          "not_used",
          `The replay stopped after ${wanted.length - left} of the ${wanted.length} calls in ${file}; ${left} were not asked for.`,
        );
    },
  });
}

/** Whether a call is of a session that begins with another of the recording and a colon: a call of that one has run it. */
function belowOthers(calls: readonly CassetteCall[]): (call: CassetteCall) => boolean {
  const sessions = new Set(calls.map(({ session }) => session));
  return ({ session = "" }) =>
    Array.from(session.matchAll(/:/g)).some(({ index }) => sessions.has(session.slice(0, index)));
}

/** An older version may have left a credential in its place whose name this one knows. */
function recordedRequest({ request }: CassetteCall): NormalRequest {
  return normalRequest(redactValue(request, (text) => text) as ModelRequest);
}

function findCall(
  file: string,
  recorded: readonly RecordedCall[],
  request: ModelRequest,
  redact: Redact | undefined,
): RecordedCall {
  const redactor = createRedactor(redact);
  // Texts as they are, but for what the caller's own function takes out: what a key stood for is compared by what is around it.
  const texts = typeof redact === "function" ? redact : (text: string) => text;
  const got = normalRequest(redactValue(request, texts, redactor) as ModelRequest);
  const equal = recorded.filter((call) => firstDifference(call.request, got) === undefined);
  const found = equal.find(({ used }) => !used);
  if (found === undefined) throw notFound(file, recorded, equal.length, got, redactor);
  found.used = true;
  return found;
}

/** Nothing that came is quoted with a secret in it: an error ends up in a test's report. */
function notFound(
  file: string,
  recorded: readonly RecordedCall[],
  equal: number,
  got: NormalRequest,
  redactor: (text: string) => string,
): ReplayError {
  const [first, ...others] = recorded.filter(({ used }) => !used);
  if (first === undefined || equal > 0) {
    const which =
      first === undefined
        ? `all its ${recorded.length} calls were replayed`
        : `this request was recorded ${equal === 1 ? "once" : `${equal} times`}`;
    const last = JSON.stringify(redactData(got.messages.at(-1), redactor))?.slice(0, 300);
    return new ReplayError(
      "used_up",
      `${file} is used up: ${which}, and another came. Its last message is ${last}. If this is meant, record it again.`,
    );
  }
  const likely = others.reduce(
    (best, one) => (likeness(one.request, got) > likeness(best.request, got) ? one : best),
    first,
  );
  const call = `call ${recorded.indexOf(likely) + 1} of ${recorded.length}`;
  return new ReplayError(
    "different_request",
    `The request is not the one that was recorded in ${file}, ${call}. ${wordsOf(likely.request, got, redactor)}. If this is meant, record it again.`,
  );
}

function wordsOf(expected: NormalRequest, got: NormalRequest, redactor: (text: string) => string): string {
  const found = firstDifference(expected, got);
  // Before it is cut: half a key is not recognised any more.
  return found === undefined
    ? ""
    : inWords({ ...found, got: redactData(found.got, redactor) }, expected, got);
}
