/** Hands items to any number of readers: each sees all that was kept, from the first, then what comes live. */
export interface Feed<Item> extends AsyncIterable<Item> {
  /** `kept: false`: only for readers who are there now. */
  push(item: Item, options: { readonly kept: boolean }): void;
  /** Readers end, or throw the error, once they have seen everything. */
  close(end?: { readonly error: unknown }): void;
}

interface Reader<Item> {
  readonly queue: Item[];
  wake: () => void;
}

export function createFeed<Item>(): Feed<Item> {
  const kept: Item[] = [];
  const readers = new Set<Reader<Item>>();
  let end: { readonly error?: unknown } | undefined;

  async function* read(): AsyncGenerator<Item, void, undefined> {
    const reader: Reader<Item> = { queue: [...kept], wake: () => {} };
    readers.add(reader);
    try {
      for (;;) {
        // Taken whole: shifting one by one would copy the rest each time.
        const items = reader.queue.splice(0);
        yield* items;
        if (reader.queue.length > 0 || items.length > 0) continue;
        if (end !== undefined) break;
        await new Promise<void>((resolve) => {
          reader.wake = resolve;
        });
      }
      if (end !== undefined && "error" in end) throw end.error;
    } finally {
      readers.delete(reader);
    }
  }

  return {
    push(item, options) {
      if (options.kept) kept.push(item);
      for (const reader of readers) {
        reader.queue.push(item);
        reader.wake();
      }
    },
    close(how = {} as { readonly error: unknown }) {
      end ??= how;
      for (const reader of readers) reader.wake();
    },
    [Symbol.asyncIterator]: read,
  };
}
