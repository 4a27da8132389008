/**
 * A bucket of retries shared by all runs of one Claude function. In an outage every call fails, and if each were tried five
 * times the service would get five times its load just when it can't bear it. What a call takes it gives back once it succeeds,
 * so that faults which pass cost nothing.
 */
export interface RetryBudget {
  /** Takes one retry; false where none is left. */
  take(now: number): boolean;
  giveBack(count: number): void;
}

/** Together at most 100 retries in ten minutes in which nothing succeeds: with a thousand runs, a tenth more than their first calls. */
const capacity = 90;
const refillEveryMs = 60_000;

export function createRetryBudget(): RetryBudget {
  let left = capacity;
  let filledAt: number | undefined;
  return {
    take(now) {
      filledAt ??= now;
      const fresh = Math.max(0, Math.floor((now - filledAt) / refillEveryMs));
      filledAt += fresh * refillEveryMs;
      left = Math.min(capacity, left + fresh);
      if (left < 1) return false;
      left -= 1;
      return true;
    },
    giveBack(count) {
      left = Math.min(capacity, left + count);
    },
  };
}

const budgets = new WeakMap<object, RetryBudget>();

/** The one budget of a Claude function. */
export function retryBudgetOf(claude: object): RetryBudget {
  const budget = budgets.get(claude) ?? createRetryBudget();
  budgets.set(claude, budget);
  return budget;
}

/** Gives a Claude function the budget of what it goes over, e.g. a client. */
export function shareRetryBudget(claude: object, over: object): void {
  budgets.set(claude, retryBudgetOf(over));
}
