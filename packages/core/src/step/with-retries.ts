import pRetry from "p-retry";
import { planRetry, type Retry } from "../claude/retry.js";
import { type RetryBudget, retryBudgetOf } from "../claude/retry-budget.js";
import { LockstitchError, messageOf } from "../errors.js";
import type { PreparedAgent } from "../prepare-agent.js";
import { planCall } from "../pure/budget/budget.js";
import type { LiveRun } from "./live-run.js";

/**
 * Tries a model call as often as it is worth it. Rejects with the last attempt's error, which then says how often it was tried
 * (`attempts`) and which wait the server asked for where that was too long (`retryAfterMs`). An abort returns, and so does a run whose
 * tokens are used up: the loop sees to both.
 * @param agent that asks
 */
export async function withRetries(
  run: LiveRun,
  agent: PreparedAgent,
  tryOnce: () => Promise<"made" | "over">,
): Promise<void> {
  const budget = retryBudgetOf(run.claude);
  let attempts = 0;
  let retries = 0;
  try {
    const made = await pRetry(
      (number) => {
        attempts = number;
        return tryOnce().catch(asError);
      },
      {
        retries: run.retry.attempts - 1,
        // p-retry waits by the real clock, and knows no retry-after: all waiting is done in shouldRetry.
        minTimeout: 0,
        shouldRetry: async ({ error, attemptNumber }) => {
          const plan = planOf(run, error, attemptNumber);
          if (isOver(run, agent) || plan.type !== "after" || !(await takeRetry(run, budget))) return false;
          retries += 1;
          run.show({
            type: "wait",
            reason: "retry",
            ms: plan.ms,
            attempt: attemptNumber + 1,
            error: messageOf(error),
          });
          await run.environment.sleep(plan.ms, run.signal);
          return !run.signal.aborted;
        },
      },
    );
    budget.giveBack(made === "made" ? retries + earnedBySuccess : retries);
  } catch (error) {
    const plan = planOf(run, error, attempts);
    if (run.signal.aborted || (plan.type === "after" && isOver(run, agent))) return;
    throw noted(error, {
      attempts,
      ...(plan.type === "too_long" ? { retryAfterMs: plan.retryAfterMs } : {}),
    });
  }
}

/** Looked at between attempts as well: each of them is paid for. */
function isOver({ signal, state, environment }: LiveRun, agent: PreparedAgent): boolean {
  return signal.aborted || planCall(state, agent, environment.now()).type === "over";
}

/**
 * Waits a while for a retry where many runs want one: after a moment's trouble the first to succeed give theirs back, and all get
 * through; in an outage nobody does, and the call fails with the error it had.
 */
async function takeRetry({ environment, signal, retry }: LiveRun, budget: RetryBudget): Promise<boolean> {
  // Counted, not read off the clock: a clock that stands still must not keep this here.
  for (let waited = 0; !budget.take(environment.now()); waited += lookAgainMs) {
    if (signal.aborted || waited >= retry.maxRetryAfterMs) return false;
    await environment.sleep(lookAgainMs, signal).catch(() => {});
  }
  return !signal.aborted;
}

/** What goes well shows that the service bears more. */
const earnedBySuccess = 2;

const lookAgainMs = 1_000;

function planOf({ environment, retry }: LiveRun, error: unknown, failed: number): Retry {
  return planRetry(error, failed, environment.random(), environment.now(), retry);
}

/** A Claude function may throw anything; what is thrown on is an error with a class and a way out. */
function asError(thrown: unknown): never {
  if (thrown instanceof Error) throw thrown;
  throw new LockstitchError(
    "claude",
    `The Claude function threw something that is no error: ${messageOf(thrown)}. Throw an Error.`,
    {
      cause: thrown,
    },
  );
}

/** A frozen error can't take notes; it is still the error that tells why. */
function noted(
  error: unknown,
  notes: { readonly attempts: number; readonly retryAfterMs?: number },
): unknown {
  try {
    return error instanceof Error ? Object.assign(error, notes) : error;
  } catch {
    return error;
  }
}
