/** Those who wait, by whose they are: one of each in turn, and first come, first served among the same one's. */
export interface FairQueue<Item> {
  readonly size: number;
  /** `whose` undefined: nobody's but its own. */
  add(item: Item, whose: string | undefined): void;
  /** Whose turn it is. */
  first(): Item | undefined;
  /** The first leaves, and the next one's turn has come. */
  shift(): void;
  delete(item: Item): void;
  /** In the order in which they would leave. */
  inTurn(): Iterable<Item>;
}

export function createFairQueue<Item>(): FairQueue<Item> {
  // In the order of their turns.
  const rows = new Map<unknown, Item[]>();
  const owners = new Map<Item, unknown>();

  const takeOut = (item: Item): void => {
    const owner = owners.get(item);
    const row = rows.get(owner);
    if (row === undefined || !owners.delete(item)) return;
    row.splice(row.indexOf(item), 1);
    if (row.length === 0) rows.delete(owner);
  };
  const first = (): Item | undefined => {
    for (const row of rows.values()) return row[0];
    return undefined;
  };

  return {
    get size() {
      return owners.size;
    },
    add(item, whose) {
      const owner = whose ?? item;
      owners.set(item, owner);
      const row = rows.get(owner);
      if (row === undefined) rows.set(owner, [item]);
      else row.push(item);
    },
    first,
    shift() {
      const item = first();
      if (item === undefined) return;
      const owner = owners.get(item);
      takeOut(item);
      const row = rows.get(owner);
      if (row === undefined) return;
      rows.delete(owner);
      rows.set(owner, row);
    },
    delete: takeOut,
    *inTurn() {
      for (let round = 0, left = owners.size; left > 0; round++) {
        for (const row of rows.values()) {
          const item = row[round];
          if (item === undefined) continue;
          left -= 1;
          yield item;
        }
      }
    },
  };
}
