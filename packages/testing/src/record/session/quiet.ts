import type { Environment } from "@lockstitch/core";

/** Tells when nothing moves any more: everything that is going on waits for the one who leads the replay. */
export interface Quiet {
  /** Something has moved. */
  touch(): void;
  /** The agent's own code is at work, and may wait for what nobody sees. */
  busy<Value>(work: () => Value | Promise<Value>): Promise<Value>;
  /** Whether it is. */
  isBusy(): boolean;
  /** Resolves when it is quiet, or over. */
  untilQuiet(isOver: () => boolean): Promise<void>;
}

/** Code at work is given longer, as it may go on by itself; even then only what its log tells of happens to it. */
const turns = { whenIdle: 5, whenBusy: 100 } as const;

export function createQuiet(): Quiet {
  let moves = 0;
  let working = 0;
  return {
    touch() {
      moves += 1;
    },
    async busy(work) {
      working += 1;
      try {
        return await work();
      } finally {
        working -= 1;
        moves += 1;
      }
    },
    isBusy: () => working > 0,
    async untilQuiet(isOver) {
      let seen = moves;
      for (let still = 0; !isOver() && still < (working === 0 ? turns.whenIdle : turns.whenBusy); ) {
        await turn();
        still = seen === moves ? still + 1 : 0;
        seen = moves;
      }
    },
  };
}

/** What is ready happens first: promises, then what comes from outside, then timers. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

interface Sleeper {
  readonly until: number;
  readonly milliseconds: number;
  readonly wake: () => void;
}

/** Sleeping without time: whoever leads the replay wakes the sleepers. */
export interface Sleepers {
  readonly sleep: Environment["sleep"];
  /** Wakes the one who would wake first. False where nobody sleeps. */
  wakeNext(): boolean;
  /** Wakes whoever sleeps for so long. */
  wake(milliseconds: number): boolean;
}

export function createSleepers(touch: () => void): Sleepers {
  const sleepers = new Set<Sleeper>();
  let now = 0;
  const wake = (sleeper: Sleeper | undefined): boolean => {
    sleeper?.wake();
    return sleeper !== undefined;
  };
  return {
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        touch();
        if (signal?.aborted) return reject(signal.reason);
        const over = (): void => {
          touch();
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", onAbort);
        };
        const onAbort = (): void => {
          over();
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          until: now + milliseconds,
          milliseconds,
          wake() {
            over();
            now = Math.max(now, sleeper.until);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", onAbort, { once: true });
      }),
    wakeNext: () => wake([...sleepers].sort((a, b) => a.until - b.until)[0]),
    wake: (milliseconds) => wake([...sleepers].find((sleeper) => sleeper.milliseconds === milliseconds)),
  };
}
