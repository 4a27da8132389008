import type { Environment } from "@lockstitch/core";

interface Sleep {
  readonly until: number;
  readonly milliseconds: number;
  readonly wake: () => void;
}

/** Sleeping without time: whoever leads the replay ends the sleeps. */
export interface PendingSleeps {
  readonly sleep: Environment["sleep"];
  /** Ends the one that would end first. False where nobody sleeps. */
  wakeNext(): boolean;
  /** Ends one of this length. */
  wake(milliseconds: number): boolean;
}

/** @param now what time it was in the log when the sleep began */
export function createPendingSleeps(note: () => void, now: () => number): PendingSleeps {
  const sleeps = new Set<Sleep>();
  const wake = (sleep: Sleep | undefined): boolean => {
    sleep?.wake();
    return sleep !== undefined;
  };
  return {
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        note();
        if (signal?.aborted) return reject(signal.reason);
        const over = (): void => {
          note();
          sleeps.delete(sleep);
          signal?.removeEventListener("abort", onAbort);
        };
        const onAbort = (): void => {
          over();
          reject(signal?.reason);
        };
        const sleep: Sleep = {
          until: now() + milliseconds,
          milliseconds,
          wake() {
            over();
            resolve();
          },
        };
        sleeps.add(sleep);
        signal?.addEventListener("abort", onAbort, { once: true });
      }),
    wakeNext: () => wake([...sleeps].sort((a, b) => a.until - b.until)[0]),
    wake: (milliseconds) => wake([...sleeps].find((sleep) => sleep.milliseconds === milliseconds)),
  };
}
