import { claude } from "./claude/claude.js";
import { defaultRetry, type RetryOptions } from "./claude/retry.js";
import type { Claude } from "./claude-function.js";
import type { Environment } from "./environment.js";
import { AgentError } from "./errors.js";
import type { AgentEvent, Delta } from "./events.js";
import type { Store } from "./store/store.js";

export interface RunOptions {
  /** The way to the model. Default: `claude()`, with the key from the environment. */
  readonly claude?: Claude;
  /** Where the log is kept. Default: in memory, for as long as the run. */
  readonly store?: Store;
  /** Goes on with this conversation, or begins it under this id. Needs a store. */
  readonly session?: string;
  /** Aborting it aborts the run. */
  readonly signal?: AbortSignal;
  /** Called with every committed event and every delta, in order. What it throws is reported and stops nothing. */
  readonly onEvent?: (event: AgentEvent | Delta) => void;
  readonly retry?: RetryOptions;
  /** The clock, chance and ids that the run goes by. Default: the real ones. */
  readonly environment?: Environment;
}

/** Throws `AgentError` for options that can't be meant. */
export function checkOptions({ session, store, retry }: RunOptions): void {
  if (session !== undefined && store === undefined) {
    throw new AgentError(
      "A session needs a store to live in: pass `store` beside `session`, e.g. memoryStore().",
    );
  }
  if (session !== undefined && (typeof session !== "string" || session.trim() === "")) {
    throw new AgentError("options.session must be a non-empty string. Leave it out for a new conversation.");
  }
  const { attempts, maxRetryAfterMs } = retryOf(retry);
  if (!(Number.isInteger(attempts) && attempts >= 1)) {
    throw new AgentError(
      `retry.attempts is ${String(attempts)}; it must be a whole number of at least 1, the first attempt included.`,
    );
  }
  if (!(maxRetryAfterMs >= 0))
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
