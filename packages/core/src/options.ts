import { claude } from "./claude/claude.js";
import { defaultRetry, type RetryOptions } from "./claude/retry.js";
import type { Claude } from "./claude-function.js";
import type { Environment } from "./environment.js";
import { AgentError } from "./errors.js";
import type { AgentEvent, Delta } from "./events.js";
import type { Model } from "./models/models.js";
import type { PriceBook } from "./models/prices.js";
import type { Store } from "./store/store.js";

export interface RunOptions {
  /** The way to the model. Default: `claude()`, with the key from the environment. */
  readonly claude?: Claude;
  /** Where the log is kept. Default: in memory, for as long as the run. */
  readonly store?: Store;
  /** Goes on with this conversation, or begins it under this id. Needs a store. */
  readonly session?: string;
  /** Start-or-resume, what a job worker wants: the first call starts the session, every later one resumes it, and the input is taken once. */
  readonly ifExists?: "resume";
  /**
   * What to do in a session that began with another system prompt or other tools: reject with `PrefixChangedError` (the default), or
   * go on, with the new prompt in a system message, or in a new segment with the new tools.
   */
  readonly ifPrefixChanged?: "reject" | "continue";
  /** Aborting it aborts the run. */
  readonly signal?: AbortSignal;
  /** Called with every committed event and every delta, in order. What it throws is reported and stops nothing. */
  readonly onEvent?: (event: AgentEvent | Delta) => void;
  readonly retry?: RetryOptions;
  /** What tokens cost. Default `officialPrices`; `extendPrices(officialPrices, rows)` puts your own rows in their place. */
  readonly prices?: PriceBook;
  /** The catalogue of models. Default `models`; yours extend it as `[...mine, ...models]`. */
  readonly models?: readonly Model[];
  /** The clock, chance and ids that the run goes by. Default: the real ones. */
  readonly environment?: Environment;
}

const knownOptions: ReadonlySet<string> = new Set<keyof RunOptions>([
  "claude",
  "store",
  "session",
  "ifExists",
  "ifPrefixChanged",
  "signal",
  "onEvent",
  "retry",
  "prices",
  "models",
  "environment",
]);

/** Throws `AgentError` for options that can't be meant. */
export function checkOptions(options: RunOptions): void {
  if (typeof options !== "object" || options === null)
    throw new AgentError("The options must be an object, e.g. { signal }.");
  for (const name of Object.keys(options)) {
    if (!knownOptions.has(name)) {
      throw new AgentError(
        `There is no option ${JSON.stringify(name)}. The options are: ${[...knownOptions].join(", ")}.`,
      );
    }
  }
  const { claude: ask, onEvent, session, ifExists, ifPrefixChanged, store, signal, retry } = options;
  if (ask !== undefined && typeof ask !== "function")
    throw new AgentError("options.claude must be a function, e.g. claude({ client }).");
  if (onEvent !== undefined && typeof onEvent !== "function")
    throw new AgentError("options.onEvent must be a function.");
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new AgentError(
      "options.signal must be an AbortSignal: pass controller.signal, not the controller.",
    );
  }
  if (ifExists !== undefined && ifExists !== "resume")
    throw new AgentError('options.ifExists is "resume", or left out.');
  if (ifPrefixChanged !== undefined && ifPrefixChanged !== "reject" && ifPrefixChanged !== "continue")
    throw new AgentError('options.ifPrefixChanged is "reject" or "continue".');
  if ((session ?? ifExists) !== undefined && store === undefined) {
    throw new AgentError(
      "A session needs a store to live in: pass `store` beside `session`, e.g. memoryStore().",
    );
  }
  if (session !== undefined && (typeof session !== "string" || session.trim() === "")) {
    throw new AgentError("options.session must be a non-empty string. Leave it out for a new conversation.");
  }
  if (ifExists !== undefined && session === undefined)
    throw new AgentError(
      "Start-or-resume needs the session to resume: without options.session every call would start another.",
    );
  const unknown = Object.keys(retry ?? {}).find((name) => !Object.hasOwn(defaultRetry, name));
  if (unknown !== undefined)
    throw new AgentError(
      `options.retry has no ${JSON.stringify(unknown)}. It has: ${Object.keys(defaultRetry).join(", ")}.`,
    );
  const { attempts, maxRetryAfterMs } = retryOf(retry);
  if (!(Number.isInteger(attempts) && attempts >= 1)) {
    throw new AgentError(
      `retry.attempts is ${String(attempts)}; it must be a whole number of at least 1, the first attempt included.`,
    );
  }
  if (!(typeof maxRetryAfterMs === "number" && maxRetryAfterMs >= 0))
    throw new AgentError(
      `retry.maxRetryAfterMs is ${String(maxRetryAfterMs)}; it must be 0 or more milliseconds.`,
    );
}

export function retryOf(retry: RetryOptions | undefined): Required<RetryOptions> {
  return {
    attempts: retry?.attempts ?? defaultRetry.attempts,
    maxRetryAfterMs: retry?.maxRetryAfterMs ?? defaultRetry.maxRetryAfterMs,
  };
}

let sharedClaude: Claude | undefined;

/** One for the whole process, so that all runs share its connections and its retry budget. */
export function defaultClaude(): Claude {
  sharedClaude ??= claude();
  return sharedClaude;
}
