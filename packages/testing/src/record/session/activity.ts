/** Tells when nothing moves any more: everything that is going on waits for the one who leads the replay. */
export interface Activity {
  /** Something has moved. */
  note(): void;
  /** The agent's own code is at work, and may wait for what nobody sees. */
  during<Value>(work: () => Value | Promise<Value>): Promise<Value>;
  /** Whether it is. */
  isAtWork(): boolean;
  /** Resolves when nothing moves, or it is over. */
  untilStill(isOver: () => boolean): Promise<void>;
}

/** Code at work is given longer, as it may go on by itself; even then only what its log tells of happens to it. */
const turns = { whenIdle: 5, whenAtWork: 100 } as const;

export function createActivity(): Activity {
  let moves = 0;
  let working = 0;
  return {
    note() {
      moves += 1;
    },
    async during(work) {
      working += 1;
      try {
        return await work();
      } finally {
        working -= 1;
        moves += 1;
      }
    },
    isAtWork: () => working > 0,
    async untilStill(isOver) {
      let seen = moves;
      for (let still = 0; !isOver() && still < (working === 0 ? turns.whenIdle : turns.whenAtWork); ) {
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
