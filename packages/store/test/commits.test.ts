import { describe, expect, it, vi } from "vitest";
import { watchedMachine } from "./faulty.js";
import { all, begin, freshStore, said, texts } from "./helpers.js";
import { temporaryDirectory } from "./temporary.js";

/** Counts what is done to the log, and holds up its syncs for as long as it is told to. */
function watchedStore(directory: string) {
  const counts = { writes: 0, syncs: 0, bytes: 0 };
  let gate: Promise<void> | undefined;
  let open = () => {};
  const machine = watchedMachine({
    async before(operation, path, bytes) {
      if (!path.endsWith(".jsonl")) return;
      if (operation === "write") {
        counts.writes += 1;
        counts.bytes += bytes;
      }
      if (operation === "sync") {
        counts.syncs += 1;
        await gate;
      }
    },
  });
  return {
    store: freshStore(directory, {}, machine),
    reset: () => void Object.assign(counts, { writes: 0, syncs: 0, bytes: 0 }),
    counts,
    hold: () => {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    },
    letGo: () => {
      gate = undefined;
      open();
    },
  };
}

const names = Array.from({ length: 100 }, (_, index) => `s${index}`);

describe("commits of many sessions", () => {
  it("share their writes and their syncs", async () => {
    const { store, counts, reset } = watchedStore(temporaryDirectory());
    const logs = await Promise.all(names.map((name) => begin(store, name)));
    reset();
    await Promise.all(logs.map((log) => log.append([said("a")], { barrier: true })));
    expect(counts).toMatchObject({ writes: 1, syncs: 1 });
    reset();
    await Promise.all(
      logs.map(async (log) => {
        for (let round = 0; round < 10; round++) await log.append([said(`b${round}`)], { barrier: true });
      }),
    );
    // While one sync is under way, those who missed it gather for the next.
    expect(counts.syncs).toBeLessThan(40);
    expect(counts.writes).toBeLessThan(40);
    for (const name of names) expect(texts(await all(store.read(name)))).toHaveLength(11);
  });

  it("are synced only for a barrier or a post", async () => {
    const { store, counts, reset } = watchedStore(temporaryDirectory());
    const log = await begin(store, "s");
    reset();
    for (let round = 0; round < 10; round++) await log.append([said("a")]);
    expect(counts).toMatchObject({ writes: 10, syncs: 0 });
    await log.append([], { barrier: true });
    expect(counts.syncs).toBe(1);
    // Nothing was written since: it is on disk already.
    await log.append([], { barrier: true });
    expect(counts.syncs).toBe(1);
    await store.post("s", [said("b")]);
    expect(counts.syncs).toBe(2);
  });

  it("are not held up by a sync that others wait for, but never overtake their own session's", async () => {
    const { store, hold, letGo } = watchedStore(temporaryDirectory());
    const [log, other] = await Promise.all([begin(store, "s"), begin(store, "t")]);
    hold();
    const order: string[] = [];
    const note = (name: string) => () => void order.push(name);
    const waiting = [
      log.append([said("a")], { barrier: true }).then(note("barrier")),
      log.append([said("b")]).then(note("after the barrier")),
    ];
    await other.append([said("c")]).then(note("other"));
    await other.append([said("d")]).then(note("other again"));
    // Whoever reads sees what is written, whether or not it is on disk yet.
    expect(texts(await all(store.read("s")))).toEqual(["a", "b"]);
    expect(order).toEqual(["other", "other again"]);
    letGo();
    await Promise.all(waiting);
    expect(order).toEqual(["other", "other again", "barrier", "after the barrier"]);
  });

  it("are acknowledged behind a barrier only by a sync that began after they were written", async () => {
    const { store, counts, hold, letGo, reset } = watchedStore(temporaryDirectory());
    const [log, other] = await Promise.all([begin(store, "s"), begin(store, "t")]);
    reset();
    hold();
    const first = log.append([said("a")], { barrier: true });
    await vi.waitFor(() => expect(counts.syncs).toBe(1), 10_000);
    // Written while the first sync is under way, which may not see it any more.
    await other.append([said("b")]);
    const second = other.append([], { barrier: true });
    letGo();
    await Promise.all([first, second]);
    expect(counts.syncs).toBe(2);
  });
});

describe("an append", () => {
  it("of more events than a call can have arguments is committed, and told", async () => {
    const store = freshStore(temporaryDirectory());
    const log = await begin(store, "s");
    const events = await log.append(Array.from({ length: 200_000 }, () => said("a")));
    expect([events.length, events.at(-1)?.seq]).toEqual([200_000, 200_001]);
  });

  it("of any size is written whole", async () => {
    const directory = temporaryDirectory();
    const store = freshStore(directory);
    const log = await begin(store, "s");
    const large = "ä".repeat(3_000_000);
    await log.append([said(large), said("small"), said(large)]);
    expect(texts(await all(store.read("s"))).map((text) => text.length)).toEqual([3_000_000, 5, 3_000_000]);
    expect(
      texts(await all(freshStore(directory).read("s"))).every((text) => [large, "small"].includes(text)),
    ).toBe(true);
  });
});
