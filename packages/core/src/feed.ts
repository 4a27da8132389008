/** Hands items to any number of readers: each sees all that was kept, from the first, then what comes live. */
export interface Feed<Item> extends AsyncIterable<Item> {
  /** `kept: false`: only for readers who are there now. */
  push(item: Item, options: { readonly kept: boolean }): void;
  /** Readers end, or throw the error, once they have seen everything. */
  close(end?: { readonly error: unknown }): void;
}

type End =
  | { readonly type: "open" }
  | { readonly type: "ended" }
  | { readonly type: "failed"; readonly error: unknown };

export function createFeed<Item>(): Feed<Item> {
  const kept: Item[] = [];
  const readers = new Set<Reader<Item>>();
  let end: End = { type: "open" };

  return {
    push(item, options) {
      if (options.kept) kept.push(item);
      for (const reader of readers) reader.push(item);
    },
    close(failure) {
      if (end.type !== "open") return;
      end = failure === undefined ? { type: "ended" } : { type: "failed", error: failure.error };
      for (const reader of readers) reader.wake();
    },
    [Symbol.asyncIterator]() {
      const reader = createReader(
        kept,
        () => end,
        () => readers.delete(reader),
      );
      readers.add(reader);
      return reader.iterator;
    },
  };
}

interface Reader<Item> {
  push(item: Item): void;
  wake(): void;
  readonly iterator: AsyncIterator<Item, undefined>;
}

/** Written by hand: a generator that waits for its next item can't be left before that item has come. */
function createReader<Item>(kept: readonly Item[], end: () => End, leave: () => void): Reader<Item> {
  let queue = [...kept];
  let position = 0;
  let left = false;
  let sleepers: (() => void)[] = [];
  const wake = (): void => {
    const woken = sleepers;
    sleepers = [];
    for (const sleeper of woken) sleeper();
  };

  const done = (): IteratorResult<Item, undefined> => {
    left = true;
    leave();
    wake();
    return { done: true, value: undefined };
  };

  const next = async (): Promise<IteratorResult<Item, undefined>> => {
    for (;;) {
      if (left) return { done: true, value: undefined };
      if (position < queue.length) return { done: false, value: queue[position++] as Item };
      // Read to the end: let go of what was read, in one stroke.
      queue = [];
      position = 0;
      const now = end();
      if (now.type === "ended") return done();
      if (now.type === "failed") {
        done();
        throw now.error;
      }
      await new Promise<void>((resolve) => {
        sleepers.push(resolve);
      });
    }
  };

  return {
    push(item) {
      queue.push(item);
      wake();
    },
    wake,
    iterator: { next, return: async () => done() },
  };
}
