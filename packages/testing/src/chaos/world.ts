import type { Environment } from "@lockstitch/core";
import type { Random } from "./random.js";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly ring: () => void;
}

/** A world without real time: nothing waits, and everything happens in an order that a seed fixes. */
export interface World {
  readonly environment: Environment;
  now(): number;
  /** Calls `react` at that moment. Returns how to take it back. */
  at(moment: number, react: () => void): () => void;
  /** Lets time pass until `done` settles. False where nothing is left that could ever happen, or `limitMs` have passed. */
  live(done: Promise<unknown>, limitMs: number): Promise<boolean>;
  /** Sleeps of the environment that nobody has ended. */
  sleeping(): number;
}

export function createWorld(random: Random): World {
  let now = Date.UTC(2026, 10, 22);
  let order = 0;
  let ids = 0;
  let sleeping = 0;
  const timers = new Set<Timer>();

  const at = (moment: number, ring: () => void): (() => void) => {
    const timer: Timer = { at: Math.max(moment, now), order: order++, ring };
    timers.add(timer);
    return () => timers.delete(timer);
  };

  const sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      sleeping += 1;
      const wake = (): void => {
        sleeping -= 1;
        cancel();
        signal?.removeEventListener("abort", onAbort);
      };
      const onAbort = (): void => {
        wake();
        reject(signal?.reason);
      };
      const cancel = at(now + milliseconds, () => {
        wake();
        resolve();
      });
      signal?.addEventListener("abort", onAbort, { once: true });
    });

  const next = (): Timer | undefined =>
    [...timers].reduce<Timer | undefined>(
      (first, timer) =>
        first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order)
          ? timer
          : first,
      undefined,
    );

  const live = async (done: Promise<unknown>, limitMs: number): Promise<boolean> => {
    const limit = now + limitMs;
    let settled = false;
    const settle = (): void => {
      settled = true;
    };
    done.then(settle, settle);
    for (;;) {
      await turn();
      if (settled) return true;
      const timer = next();
      if (timer === undefined || timer.at > limit) return false;
      timers.delete(timer);
      now = timer.at;
      timer.ring();
    }
  };

  const environment: Environment = { now: () => now, random: random.next, id: () => `id_${++ids}`, sleep };
  return { environment, now: () => now, at, live, sleeping: () => sleeping };
}

/** Everything that is ready happens: promises first, as often as they make each other ready. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
