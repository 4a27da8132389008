import type { Environment } from "@lockstitch/core";

/** A clock that stands still until it is moved by hand. Chance is always one half. */
export interface HandClock extends Environment {
  /** Moves on, and wakes everybody who is due on the way, in order. */
  advance(milliseconds: number): void;
  /** Moves on to the first who is due by then, and wakes them. False where nobody is. */
  wakeNext(until: number): boolean;
  /** Sleeps that nobody has ended. */
  pending(): number;
  /**
   * Lets everything happen until `done` settles: whatever is ready first, then whoever wakes next.
   * False where nothing is left that could ever happen, or only what lies `limitMs` ahead.
   * @param quiet after so many turns of the event loop nothing goes on any more but what waits for the clock. Default 200
   */
  live(done: Promise<unknown>, limitMs: number, quiet?: number): Promise<boolean>;
}

interface Sleeper {
  readonly at: number;
  wake(): void;
}

export function handClock(): HandClock {
  let now = 1_800_000_000_000;
  let ids = 0;
  const sleepers = new Set<Sleeper>();

  const sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = (): void => {
        sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        at: now + milliseconds,
        wake: () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      sleepers.add(sleeper);
      signal?.addEventListener("abort", onAbort, { once: true });
    });

  const wakeNext = (until: number): boolean => {
    let first: Sleeper | undefined;
    for (const sleeper of sleepers) if (first === undefined || sleeper.at < first.at) first = sleeper;
    if (first === undefined || first.at > until) return false;
    now = Math.max(now, first.at);
    first.wake();
    return true;
  };

  return {
    now: () => now,
    random: () => 0.5,
    id: () => `id_${++ids}`,
    sleep,
    wakeNext,
    advance(milliseconds) {
      const until = now + milliseconds;
      while (wakeNext(until));
      now = until;
    },
    pending: () => sleepers.size,
    async live(done, limitMs, quiet = 200) {
      const until = now + limitMs;
      let settled = false;
      const settle = (): void => {
        settled = true;
      };
      done.then(settle, settle);
      do {
        for (let turn = 0; turn < quiet && !settled; turn++) await turns(1);
      } while (!settled && wakeNext(until));
      return settled;
    },
  };
}

/** Lets the event loop go round, so that all that is ready happens: promises first, as often as they make each other ready. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
