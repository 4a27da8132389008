import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "@lockstitch/core";
import { fileStore } from "@lockstitch/store";
import { describe, expect, it, vi } from "vitest";
import type { Machine } from "../src/file/machine.js";
import { nodeMachine } from "../src/file/node-machine.js";
import { watchedMachine } from "./faulty.js";
import { all, begin, freshStore, said, texts } from "./helpers.js";
import { temporaryDirectory } from "./temporary.js";

/** So long that no directory is let go of, and no file made in it, while it is being removed. */
const lingerMs = 600_000;

/** Removes it once what is made there next gets another date: the clock of file systems moves every few milliseconds. */
async function remove(directory: string): Promise<void> {
  const { birthtimeMs } = statSync(join(directory, "lock"));
  while (Date.now() - birthtimeMs < 20) await new Promise((resolve) => setImmediate(resolve));
  rmSync(directory, { recursive: true });
}

const released = (directory: string) => () =>
  expect(readdirSync(join(directory, "lock"))).toEqual([expect.stringMatching(/released$/)]);

/** Begins session s, says these texts in it, and lets go. */
async function write(store: Store, words: readonly string[]): Promise<void> {
  const log = await begin(store, "s");
  for (const word of words) await log.append([said(word)]);
  await log.close();
}

const history = async (store: Store) => texts(await all(store.read("s")));

const whileInUse = {
  name: "StoreError",
  message: expect.stringMatching(
    /was removed \(or replaced\), .* while it was in use\. .* while no process uses it/,
  ),
};

describe("a process that outlives its store's directory", () => {
  it("finds nothing there, makes nothing to read or post, and begins anew", async () => {
    const directory = temporaryDirectory();
    const store = fileStore(directory);
    await write(store, ["a", "b"]);
    await vi.waitFor(released(directory), 10_000);
    await remove(directory);
    for (const each of [store, fileStore(directory)]) {
      expect(await all(each.list())).toEqual([]);
      expect(await history(each)).toEqual([]);
      await expect(each.post("s", [said("c")])).rejects.toMatchObject({ name: "NoSessionError" });
    }
    expect(existsSync(directory)).toBe(false);
    await write(store, ["d"]);
    expect(await history(fileStore(directory))).toEqual(["d"]);
    await vi.waitFor(released(directory), 10_000);
    // Nothing of the log before is left over, be it a number.
    expect(readdirSync(join(directory, "lock"))).toEqual(["00000001.released"]);
    expect(await history(store)).toEqual(["d"]);
  });

  it("begins anew though its writer still lingers, which makes nothing again", async () => {
    const directory = temporaryDirectory();
    const store = freshStore(directory, { lingerMs });
    await write(store, ["a", "b"]);
    await remove(directory);
    await expect(store.post("s", [said("c")])).rejects.toMatchObject({ name: "NoSessionError" });
    expect(await history(store)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
    await write(store, ["d"]);
    await remove(directory);
    await write(store, ["e"]);
    expect(await history(freshStore(directory))).toEqual(["e"]);
  });

  it("leaves nothing of its own in what another process begins there", async () => {
    const directory = temporaryDirectory();
    let linger = () => {};
    const later: Machine["later"] = (_, task) => {
      linger = task;
      return () => {};
    };
    const store = freshStore(directory, {}, { ...nodeMachine, later, every: () => () => {} });
    await write(store, ["a", "b", "c"]);
    await remove(directory);
    const other = freshStore(directory, { lingerMs });
    await write(other, ["d"]);
    const before = readdirSync(directory);
    linger();
    expect(await history(store)).toEqual(["d"]);
    expect(readdirSync(directory)).toEqual(before);
  });

  it("reads what another process has written there since, and calls nothing of it damaged", async () => {
    for (const words of [["x"], ["xxxx", "yyyy", "zzzz", "and more of it"]]) {
      const directory = temporaryDirectory();
      const store = freshStore(directory);
      await write(store, ["a", "b", "c"]);
      await vi.waitFor(released(directory), 10_000);
      expect(await history(store)).toEqual(["a", "b", "c"]);
      await remove(directory);
      await write(freshStore(directory), words);
      expect(await history(store)).toEqual(words);
      await vi.waitFor(released(directory), 10_000);
      const log = await store.open("s", "me");
      expect(texts(await log.append([]))).toEqual(words);
    }
  });
});

describe("another log in the place of one that is known", () => {
  it("is told from it though the system gives its files the same numbers", async () => {
    const directory = temporaryDirectory();
    const { disk } = nodeMachine;
    const identity: Machine["disk"]["identity"] = (path) => {
      const found = disk.identity(path);
      return found && { ...found, id: "1:1" };
    };
    const store = freshStore(directory, {}, { ...nodeMachine, disk: { ...disk, identity } });
    await write(store, ["a", "b", "c"]);
    await vi.waitFor(released(directory), 10_000);
    expect(await history(store)).toEqual(["a", "b", "c"]);
    const log = await store.open("s", "me");
    await remove(directory);
    await write(freshStore(directory), ["x"]);
    await expect(log.append([said("d")])).rejects.toMatchObject(whileInUse);
    expect(await history(store)).toEqual(["x"]);
  });

  it("is told from it though it came while the other was looked at", async () => {
    const directory = temporaryDirectory();
    const isComing = { next: false };
    const machine = watchedMachine({
      async before(operation, path) {
        if (!isComing.next || operation !== "open" || !path.includes("/lock/")) return;
        isComing.next = false;
        await remove(directory);
      },
    });
    const store = freshStore(directory, {}, machine);
    await write(freshStore(directory, { lingerMs }), ["a"]);
    expect(await history(store)).toEqual(["a"]);
    isComing.next = true;
    expect(await history(store)).toEqual([]);
    expect(isComing.next).toBe(false);
  });
});

describe("a directory that is deleted or replaced", () => {
  it("is said to be so to whoever has a session open, and is not made again", async () => {
    for (const isReplaced of [false, true]) {
      const directory = temporaryDirectory();
      const store = freshStore(directory);
      const log = await begin(store, "s");
      const posted = expect(log.posted(new AbortController().signal)).rejects.toMatchObject(whileInUse);
      await remove(directory);
      if (isReplaced) await write(freshStore(directory), ["x"]);
      await expect(log.append([said("a")], { barrier: true })).rejects.toMatchObject(whileInUse);
      await expect(log.append([said("b")])).rejects.toMatchObject(whileInUse);
      expect(log.lost.aborted).toBe(true);
      await posted;
      await log.close();
      expect(existsSync(directory)).toBe(isReplaced);
      expect(await history(store)).toEqual(isReplaced ? ["x"] : []);
    }
  });

  it("is said to be so to whoever watches, also where this process begins anew", async () => {
    for (const beginsAnew of [false, true]) {
      const directory = temporaryDirectory();
      const store = freshStore(directory, { lingerMs });
      await write(store, ["a"]);
      const watcher = beginsAnew ? store : freshStore(directory);
      const seen: number[] = [];
      const watching = (async () => {
        for await (const { seq } of watcher.watch("s")) seen.push(seq);
      })();
      const refused = expect(watching).rejects.toMatchObject(whileInUse);
      await vi.waitFor(() => expect(seen).toEqual([1, 2]), 10_000);
      await remove(directory);
      if (beginsAnew) await begin(store, "t");
      await refused;
    }
  });

  it("is said to be so to whoever was reading", async () => {
    for (const isReplaced of [false, true]) {
      const directory = temporaryDirectory();
      const store = freshStore(directory, { lingerMs });
      const large = "x".repeat(300_000);
      await write(store, [large, large]);
      const events = store.read("s")[Symbol.asyncIterator]();
      await events.next();
      await remove(directory);
      if (isReplaced) await write(freshStore(directory), ["y", "z"]);
      const rest = async () => {
        while (!(await events.next()).done);
      };
      await expect(rest()).rejects.toMatchObject(whileInUse);
    }
  });

  it("is waited for by whoever watches and has seen nothing yet", async () => {
    const directory = temporaryDirectory();
    mkdirSync(directory);
    const seen: string[] = [];
    const controller = new AbortController();
    const watching = (async () => {
      for await (const event of freshStore(directory).watch("s", 0, controller.signal)) seen.push(event.type);
    })();
    rmSync(directory, { recursive: true });
    await write(freshStore(directory), ["a"]);
    await vi.waitFor(() => expect(seen).toEqual(["session.start", "input"]), 10_000);
    controller.abort();
    await watching;
  });
});
