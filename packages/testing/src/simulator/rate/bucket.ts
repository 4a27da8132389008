const minute = 60_000;

/** A token bucket: it holds a minute's worth, is full at first, and fills up evenly. */
export interface Bucket {
  /** What it holds when full, and what flows in each minute. */
  readonly limit: number;
  /** What is in it; below zero where more was spent than it held. */
  level(now: number): number;
  spend(amount: number, now: number): void;
  /** Milliseconds until it holds `amount`; 0 if it does. */
  waitFor(amount: number, now: number): number;
}

/** All times are milliseconds of one clock. A clock that goes back takes nothing away. */
export function createBucket(limit: number, start: number): Bucket {
  let held = limit;
  let seen = start;
  const level = (now: number): number => {
    held = Math.min(limit, held + (Math.max(0, now - seen) * limit) / minute);
    seen = now;
    return held;
  };
  return {
    limit,
    level,
    spend(amount, now) {
      held = level(now) - amount;
    },
    waitFor: (amount, now) => (Math.max(0, amount - level(now)) * minute) / limit,
  };
}
