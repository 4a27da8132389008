import { onAbort } from "../on-abort.js";
import type { LiveRun } from "./live-run.js";
import { raceAbort } from "./race-abort.js";

/** Thrown, and given to the work's signal as its reason, when its time is up. */
class TimeIsUp extends Error {
  override readonly name = "TimeoutError";
}

/** Whatever was thrown: a revoked proxy can't even be asked what it is. */
export function isTimeUp(error: unknown): boolean {
  try {
    return error instanceof TimeIsUp;
  } catch {
    return false;
  }
}

/** Runs `work` until it is done, `signal` aborts, or so many milliseconds have passed, whichever comes first. */
export function withinTime<Value>(
  run: LiveRun,
  milliseconds: number | undefined,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Value | Promise<Value>,
): Promise<Value> {
  if (milliseconds === undefined || milliseconds === Infinity) return raceAbort(signal, work);
  return raceAbort(signal, async (inner) => {
    const limit = new AbortController();
    const over = new AbortController();
    const release = onAbort(inner, () => limit.abort(inner.reason));
    run.environment.sleep(milliseconds, over.signal).then(
      () => limit.abort(new TimeIsUp(`not done within ${milliseconds} ms`)),
      () => {},
    );
    try {
      return await raceAbort(limit.signal, () => work(limit.signal));
    } finally {
      release();
      over.abort();
    }
  });
}
