import type Anthropic from "@anthropic-ai/sdk";
import type { Claude, ModelCall, ModelRequest } from "../claude-function.js";
import { type Environment, realEnvironment } from "../environment.js";
import { AgentError } from "../errors.js";
import { onAbort } from "../on-abort.js";
import { canCount, countOver } from "./count-tokens.js";
import { type Exchange, exchangeMessage, type MessagesClient } from "./exchange.js";
import { checkKey, createClient, type Key } from "./key.js";
import { checkNames } from "./known-names.js";
import { type Governor, govern, governorOf } from "./rate/governor.js";
import { redact } from "./redact.js";
import { shareRetryBudget } from "./retry-budget.js";
import { secretsOf } from "./secrets.js";
import { typedError } from "./typed-error.js";
import { defaultTimeouts, startWatchdog, type Timeouts } from "./watchdog.js";

export interface ClaudeOptions {
  /** Used as it is, with its retries switched off: retrying is the loop's work. Default: a client made with `key`. */
  readonly client?: MessagesClient;
  /** Default: the environment's ANTHROPIC_API_KEY. */
  readonly key?: Key;
  readonly timeouts?: Timeouts;
  /**
   * Keeps under the API's rate limits, e.g. `createGovernor({ tier: "start" })`; `false`: nothing does. Default: one for each client,
   * shared by all that go over it, which begins without limits and learns them from the API's headers.
   */
  readonly governor?: Governor | false;
  /** The clock that the timeouts and the default governor go by. Default: the real one. */
  readonly clock?: Pick<Environment, "now" | "sleep">;
}

/**
 * The way to the API over the official SDK: one streamed attempt a call. A call rejects with `MissingKeyError` where there is no key to
 * send, and with `KeyError` for one that can't be had or sent. No error that leaves it holds the key, whoever wrote it there.
 * Throws `AgentError` for options that can't be meant.
 */
export function claude(options: ClaudeOptions = {}): Claude {
  checkNames("claude()", options, { client: true, key: true, timeouts: true, governor: true, clock: true });
  if (options.client !== undefined && typeof options.client?.messages?.create !== "function")
    throw new AgentError(
      "options.client must be a client of the SDK, e.g. new Anthropic(). Leave it out for the default.",
    );
  if (options.client !== undefined && options.key !== undefined)
    throw new AgentError(
      "options.key is for the client that is made here; a client of your own has its own.",
    );
  checkKey(options.key);
  if (options.governor !== undefined && options.governor !== false) checkGovernor(options.governor);
  const clock = options.clock ?? realEnvironment;
  const settings: Settings = { timeouts: timeoutsOf(options.timeouts), clock };
  let client = options.client;
  const connect = () => (client ??= createClient(options.key));
  const ask: Claude = async (request, call) => {
    const over = connect();
    const governor = options.governor ?? governorOf(over, clock);
    if (governor === false) return attempt(over, request, call, settings, () => {});
    return govern(governor, request, call, (watched, answered) =>
      attempt(over, request, watched, settings, answered),
    );
  };
  // A client that is made here, when it is first needed, can count.
  if (client === undefined || canCount(client))
    Object.assign(ask, { countTokens: countOver(connect, settings.timeouts.headersMs) });
  // Two of these on one client are one way to the API: an outage must not be multiplied by their number.
  if (client !== undefined) shareRetryBudget(ask, client);
  return ask;
}

interface Settings {
  readonly timeouts: Required<Timeouts>;
  readonly clock: Pick<Environment, "now" | "sleep">;
}

function checkGovernor(governor: Governor): void {
  if (typeof governor?.enter !== "function")
    throw new AgentError(
      "options.governor must be a governor, e.g. createGovernor(), or false. Leave it out for the default.",
    );
}

function timeoutsOf(given: Timeouts = {}): Required<Timeouts> {
  checkNames("timeouts", given, { headersMs: true, bytesMs: true, contentMs: true });
  const timeouts = { ...defaultTimeouts };
  for (const name of ["headersMs", "bytesMs", "contentMs"] as const) {
    const value = given[name] ?? timeouts[name];
    if (!(typeof value === "number" && value > 0)) {
      throw new AgentError(
        `timeouts.${name} is ${typeof value === "number" ? value : `a ${typeof value}`}; it must be a positive number of milliseconds.`,
      );
    }
    timeouts[name] = value;
  }
  return timeouts;
}

/** Given up, its connection closed, as soon as the API is silent for too long or the call's signal aborts. */
async function attempt(
  client: MessagesClient,
  request: ModelRequest,
  call: ModelCall,
  { timeouts, clock }: Settings,
  answered: (response: Response) => void,
): Promise<Anthropic.Message> {
  call.signal.throwIfAborted();
  const transport = new AbortController();
  const silent = rejectable();
  const watchdog = startWatchdog(timeouts, clock, silent.reject);
  const release = onAbort(call.signal, () => silent.reject(call.signal.reason));
  let response: Response | undefined;
  const exchange: Exchange = {
    watchdog,
    transport,
    clock,
    answered(found) {
      response = found;
      answered(found);
    },
  };
  try {
    return await Promise.race([silent.promise, exchangeMessage(client, request, call, exchange)]);
  } catch (error) {
    transport.abort();
    if (call.signal.aborted) throw call.signal.reason;
    throw redact(typedError(error, response), secretsOf(client));
  } finally {
    watchdog.stop();
    release();
  }
}

function rejectable(): { readonly promise: Promise<never>; reject(error: unknown): void } {
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<never>((_, rejects) => {
    reject = rejects;
  });
  promise.catch(() => {});
  return { promise, reject: (error) => reject(error) };
}
