/**
 * Time, chance, ids and waiting. The loop reads them from nowhere else, so that a seed can rule a whole run.
 * (A store stamps its events by its own clock, which decides nothing.)
 */
export interface Environment {
  /** Milliseconds since 1970. */
  now(): number;
  /** A number in [0, 1). */
  random(): number;
  /** A fresh unique id. */
  id(): string;
  /** Resolves after `milliseconds`; rejects with the signal's reason as soon as it aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The real world. */
export const realEnvironment: Environment = {
  now: () => Date.now(),
  random: () => Math.random(),
  id: () => crypto.randomUUID(),
  sleep: async (milliseconds, signal) => {
    for (let left = milliseconds; left > 0; left -= longestTimer)
      await oneTimer(Math.min(left, longestTimer), signal);
    signal?.throwIfAborted();
  },
};

/** In milliseconds, about 24 days. A timer that is set for longer rings at once. */
const longestTimer = 2_147_483_647;

function oneTimer(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
