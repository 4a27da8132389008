import type { Environment } from "../environment.js";

/** A clock that only goes forward. `atLeast` moves it on to a time that is known to have come. */
export interface SteadyClock {
  (): number;
  atLeast(time: number): void;
}

/** A clock that is set back, or that stands still while one sleeps, must not make anybody wait for the same hour twice. */
export function steadyClock(clock: Pick<Environment, "now">): SteadyClock {
  let correction = 0;
  let latest = clock.now();
  const now = (): number => {
    const time = clock.now() + correction;
    if (time < latest) correction += latest - time;
    latest = Math.max(latest, time);
    return latest;
  };
  const atLeast = (time: number): void => {
    correction += Math.max(0, time - now());
  };
  return Object.assign(now, { atLeast });
}
