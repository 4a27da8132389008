import assert from "node:assert/strict";
import type { Store } from "@lockstitch/core";
import { postCases } from "./store-contract-posts.js";
import { all, bare, begin, call, follow, said, seqs, texts, turns } from "./store-contract-steps.js";

/** One thing that every store must do. `check` rejects where it doesn't, with an `AssertionError`. */
export interface ContractCase {
  /** A sentence that states the behaviour. */
  readonly name: string;
  check(): Promise<void>;
}

/**
 * What every store must do, whatever it is made of. `makeStore` is called once a case, and gives a store without sessions:
 *
 * `for (const { name, check } of storeContract(() => memoryStore())) it(name, check);`
 */
export function storeContract(makeStore: () => Store | Promise<Store>): readonly ContractCase[] {
  return Object.entries({ ...cases, ...postCases }).map(([name, check]) => ({
    name,
    check: async () => check(await makeStore()),
  }));
}

const cases: Readonly<Record<string, (store: Store) => Promise<void>>> = {
  async "numbers and dates what is appended, and gives it back"(store) {
    const log = await begin(store, "s");
    const events = await log.append([said("a"), said("b")]);
    assert.deepEqual(bare(events), [
      { session: "s", seq: 2, ...said("a") },
      { session: "s", seq: 3, ...said("b") },
    ]);
    for (const { at } of events) assert.ok(Number.isFinite(at));
    const [first, ...rest] = await all(store.read("s"));
    assert.equal(first?.type, "session.start");
    assert.deepEqual(rest, events);
  },

  async "reads from any point, and nothing of a session that isn't there"(store) {
    const log = await begin(store, "s");
    for (const content of ["b", "c", "d"]) await log.append([said(content)]);
    assert.deepEqual(seqs(await all(store.read("s", 2))), [3, 4]);
    assert.deepEqual(await all(store.read("s", 4)), []);
    assert.deepEqual(await all(store.read("s", 9)), []);
    assert.deepEqual(await all(store.read("unknown")), []);
  },

  async "returns what others posted with the next append, once and in order"(store) {
    const log = await begin(store, "s");
    await store.post("s", [said("b"), said("c")]);
    assert.deepEqual(seqs(await log.append([said("d")])), [2, 3, 4]);
    assert.deepEqual(await log.append([]), []);
    await store.post("s", [said("e")]);
    assert.deepEqual(seqs(await log.append([])), [5]);
  },

  async "commits nothing with ifSeq when something was posted since, and says what"(store) {
    const log = await begin(store, "s");
    await store.post("s", [said("b")]);
    assert.deepEqual(seqs(await log.append([said("c")], { ifSeq: 1 })), [2]);
    assert.deepEqual(seqs(await log.append([said("c")], { ifSeq: 2 })), [3]);
    assert.deepEqual(await log.append([said("d")], { ifSeq: 2, barrier: true }), []);
    assert.deepEqual(texts(await all(store.read("s"))), ["b", "c"]);
  },

  async "judges ifSeq by the appends that were made before, whether or not they are through"(store) {
    const log = await begin(store, "s");
    const first = log.append([said("a")], { barrier: true });
    const second = log.append([said("b")], { ifSeq: 1 });
    const third = log.append([said("c")], { ifSeq: 2 });
    assert.deepEqual(seqs(await first), [2]);
    assert.deepEqual(await second, []);
    assert.deepEqual(seqs(await third), [3]);
  },

  async "resolves appends in the order they were made, with or without a barrier"(store) {
    const log = await begin(store, "s");
    const order: number[] = [];
    const appends = Array.from({ length: 20 }, async (_, index) => {
      const events = await log.append([said(String(index))], { barrier: index % 3 === 0 });
      order.push(index);
      return seqs(events);
    });
    const expected = Array.from({ length: 20 }, (_, index) => index);
    assert.deepEqual(
      (await Promise.all(appends)).flat(),
      expected.map((index) => index + 2),
    );
    assert.deepEqual(order, expected);
    assert.deepEqual(texts(await all(store.read("s"))), expected.map(String));
  },

  async "keeps the events of one append together, whoever else writes"(store) {
    const log = await begin(store, "s");
    const work: Promise<unknown>[] = [];
    for (let round = 0; round < 10; round++) {
      work.push(log.append([said(`${round} first`), said(`${round} second`)]));
      work.push(store.post("s", [said(`${round} third`), said(`${round} fourth`)]));
    }
    await Promise.all(work);
    const found = texts(await all(store.read("s")));
    assert.equal(found.length, 40);
    for (let at = 0; at < found.length; at += 2) {
      const [round, word] = (found[at] ?? "").split(" ");
      assert.equal(found[at + 1], `${round} ${word === "first" ? "second" : "fourth"}`);
    }
  },

  async "commits nothing with an empty append, and holds a barrier with it"(store) {
    const log = await begin(store, "s");
    void log.append([said("b")]);
    assert.deepEqual(await log.append([], { barrier: true }), []);
    assert.deepEqual(seqs(await all(store.read("s"))), [1, 2]);
  },

  async "tells of a post, of its own appends never, and lets go when the signal aborts"(store) {
    const log = await begin(store, "s");
    const controller = new AbortController();
    let told = 0;
    const wait = () => log.posted(controller.signal).then(() => told++);
    const waiting = wait();
    await log.append([said("b")]);
    await turns();
    assert.equal(told, 0);
    await store.post("s", [said("c")]);
    await waiting;
    assert.equal(told, 1);
    await wait();
    assert.equal(told, 2, "a post that append has not returned yet is told of at once");
    await log.append([]);
    const last = wait().catch(() => told++);
    await turns();
    assert.equal(told, 2);
    controller.abort();
    await last;
  },

  async "is watched live, from any point, until the signal aborts"(store) {
    const log = await begin(store, "s");
    await log.append([said("b")]);
    const watched = follow(store, "s", 1);
    const both = follow(store, "s", 0);
    await watched.until(2);
    await log.append([said("c")]);
    await watched.until(3);
    await store.post("s", [said("d")]);
    await watched.until(4);
    await both.until(4);
    assert.deepEqual(await watched.stop(), [2, 3, 4]);
    assert.deepEqual(await both.stop(), [1, 2, 3, 4]);
  },

  async "can be watched before a session begins, and left by breaking out"(store) {
    const watched = follow(store, "s", 0);
    await turns();
    const log = await begin(store, "s");
    await watched.until(1);
    assert.deepEqual(await watched.stop(), [1]);
    for await (const event of store.watch("s")) {
      assert.equal(event.seq, 1);
      break;
    }
    await log.append([said("b")]);
  },

  async "watches nothing with a signal that was aborted before"(store) {
    await begin(store, "s");
    assert.deepEqual(await all(store.watch("s", 0, AbortSignal.abort())), []);
  },

  async "gives a session to one owner at a time"(store) {
    const log = await begin(store, "s");
    await assert.rejects(store.open("s", "you"), {
      name: "SessionRunningError",
      reason: "session_running",
    });
    await log.close();
    const next = await store.open("s", "you");
    await assert.rejects(log.append([said("b")]), { name: "LeaseLostError", reason: "lease_lost" });
    await log.close();
    await assert.rejects(store.open("s", "they"), { name: "SessionRunningError" });
    assert.deepEqual(seqs(await next.append([said("c")])), [1, 2]);
    assert.equal(next.lost.aborted, false);
  },

  async "gives every owner a higher fence than those before it"(store) {
    const fences: number[] = [];
    for (const owner of ["a", "b", "c"]) {
      const log = await store.open("s", owner);
      fences.push(log.fence);
      await log.close();
    }
    assert.deepEqual(
      fences,
      [...new Set(fences)].sort((a, b) => a - b),
    );
    for (const fence of fences) assert.ok(Number.isSafeInteger(fence));
  },

  async "tells the next owner everything so far with its first append"(store) {
    const log = await begin(store, "s");
    await log.append([said("b")]);
    await log.close();
    await store.post("s", [said("c")]);
    const next = await store.open("s", "you");
    await next.posted(new AbortController().signal);
    assert.deepEqual(seqs(await next.append([said("d")])), [1, 2, 3, 4]);
    assert.deepEqual(seqs(await next.append([said("e")])), [5]);
  },

  async "lists the sessions that have begun"(store) {
    const log = await begin(store, "s");
    await log.append([said("a")]);
    await store.open("empty", "me");
    await begin(store, "t");
    const list = await all(store.list());
    const figures = list.map(({ session, agent, events }) => ({ session, agent, events }));
    assert.deepEqual(figures, [
      { session: "s", agent: "a", events: 2 },
      { session: "t", agent: "a", events: 1 },
    ]);
    const dates = (await all(store.read("s"))).map(({ at }) => at);
    assert.deepEqual([list[0]?.startedAt, list[0]?.lastAt], dates);
  },

  async "keeps sessions apart, whatever they are called"(store) {
    const names = ["__proto__", "constructor", "a/b", "..", "line\nbreak", "ä\u{1F9F5}", " "];
    const logs = await Promise.all(names.map((name) => begin(store, name)));
    await Promise.all(logs.map((log, index) => log.append([said(String(index))])));
    for (const [index, name] of names.entries()) {
      const events = await all(store.read(name));
      assert.deepEqual(
        events.map(({ session }) => session),
        [name, name],
      );
      assert.deepEqual(texts(events), [String(index)]);
    }
    assert.deepEqual((await all(store.list())).map(({ session }) => session).sort(), [...names].sort());
  },

  async "keeps whatever JSON can say, as it was"(store) {
    const log = await begin(store, "s");
    const odd = ["", "line\nbreak\r\u2028", '"{"c":', "\u0000\ud800", "ä\u{1F9F5}", "x".repeat(1_000_000)];
    const input: unknown = JSON.parse('{"__proto__":{"a":[1e300,-0.5,null,true,{}]},"constructor":[]}');
    await log.append([...odd.map(said), call(input)]);
    const events = await all(store.read("s", 1));
    assert.deepEqual(texts(events.slice(0, -1)), odd);
    const last = events.at(-1);
    assert.equal(
      JSON.stringify(last),
      JSON.stringify({ session: "s", seq: 8, at: last?.at, ...call(input) }),
    );
  },
};
