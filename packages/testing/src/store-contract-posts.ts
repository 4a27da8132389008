import assert from "node:assert/strict";
import type { Store } from "@lockstitch/core";
import { all, begin, follow, said, seqs, texts, turns } from "./store-contract-steps.js";

/** What every store must do with posts from outside. */
export const postCases: Readonly<Record<string, (store: Store) => Promise<void>>> = {
  async "takes a key once in a session"(store) {
    await begin(store, "s");
    await begin(store, "t");
    await store.post("s", [said("a")], { key: "k" });
    await assert.rejects(store.post("s", [said("b")], { key: "k" }), {
      name: "AlreadyPostedError",
      reason: "already_posted",
    });
    await store.post("s", [said("c")], { key: "another" });
    await store.post("t", [said("d")], { key: "k" });
    assert.deepEqual(texts(await all(store.read("s"))), ["a", "c"]);
    assert.deepEqual(texts(await all(store.read("t"))), ["d"]);
  },

  async "takes one of two posts with the same key that come at once"(store) {
    await begin(store, "s");
    const posts = ["a", "b", "c"].map((content) => store.post("s", [said(content)], { key: "__proto__" }));
    const settled = await Promise.allSettled(posts);
    assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 1);
    assert.equal(texts(await all(store.read("s"))).length, 1);
  },

  async "refuses posts to a session that isn't there, and begins none for them"(store) {
    await assert.rejects(store.post("s", [said("a")]), { name: "NoSessionError", reason: "no_session" });
    assert.deepEqual(await all(store.read("s")), []);
    assert.deepEqual(await all(store.list()), []);
  },

  async "refuses posts to a session that is only watched"(store) {
    const watched = follow(store, "s", 0);
    await turns();
    await assert.rejects(store.post("s", [said("a")]), { name: "NoSessionError", reason: "no_session" });
    assert.deepEqual(await watched.stop(), []);
    assert.deepEqual(await all(store.list()), []);
  },

  async "refuses posts to a session that was closed without an event, and takes them while it is open"(
    store,
  ) {
    await (await store.open("s", "me")).close();
    await assert.rejects(store.post("s", [said("a")]), { name: "NoSessionError", reason: "no_session" });
    assert.deepEqual(await all(store.read("s")), []);
    const log = await store.open("s", "me");
    await store.post("s", [said("b")]);
    assert.deepEqual(seqs(await log.append([])), [1]);
    await log.close();
    await store.post("s", [said("c")]);
    assert.deepEqual(texts(await all(store.read("s"))), ["b", "c"]);
  },

  async "keeps the order of posts that are made at once"(store) {
    await begin(store, "s");
    const words = Array.from({ length: 20 }, (_, index) => String(index));
    await Promise.all(words.map((word) => store.post("s", [said(word)])));
    assert.deepEqual(texts(await all(store.read("s"))), words);
  },

  async "takes posts to a session that nobody has open"(store) {
    await (await begin(store, "s")).close();
    await store.post("s", [said("b")]);
    const log = await store.open("s", "you");
    assert.deepEqual(seqs(await log.append([])), [1, 2]);
  },
};
