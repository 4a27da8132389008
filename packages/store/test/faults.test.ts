import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { StoreError } from "@lockstitch/core";
import { fileStore } from "@lockstitch/store";
import { describe, expect, it } from "vitest";
import type { Machine } from "../src/file/machine.js";
import { failure, type Operation, watchedMachine } from "./faulty.js";
import { all, begin, freshStore, said, segments, texts } from "./helpers.js";
import { temporaryDirectory } from "./temporary.js";

/** A store whose disk can be made to fail from some moment on. */
function failingStore(directory: string, changes: Partial<Machine> = {}) {
  let fails: { operation: Operation; code: string; path: RegExp } | undefined;
  const machine = watchedMachine({
    before(operation, path) {
      if (operation === fails?.operation && fails.path.test(path)) throw failure(fails.code);
    },
  });
  return {
    store: freshStore(directory, {}, { ...machine, ...changes }),
    fail: (operation: Operation, code: string, path: RegExp = /\.jsonl$/) => {
      fails = { operation, code, path };
    },
    heal: () => {
      fails = undefined;
    },
  };
}

describe("a full disk", () => {
  it("is told as one, loses nothing acknowledged, and lets the store go on once there is room", async () => {
    for (const operation of ["write", "sync"] as const) {
      const directory = temporaryDirectory();
      const { store, fail, heal } = failingStore(directory);
      const log = await begin(store, "s");
      const other = await begin(store, "t");
      await log.append([said("a")]);
      fail(operation, "ENOSPC");
      await expect(log.append([said("b")], { barrier: true })).rejects.toMatchObject({
        name: "StoreError",
        message: expect.stringMatching(
          /no room left .* Nothing that was acknowledged is lost\. Free some space.*\(ENOSPC\)/,
        ),
        cause: expect.objectContaining({ code: "ENOSPC" }),
      });
      // Whoever else writes learns of it at once, and doesn't pay for a reply that can't be kept.
      expect(log.lost.aborted).toBe(true);
      expect(other.lost.aborted).toBe(true);
      await expect(other.append([said("c")])).rejects.toMatchObject({ name: "StoreError" });
      await expect(store.open("u", "me")).rejects.toMatchObject({ name: "StoreError" });
      expect(texts(await all(store.read("s"))).slice(0, 1)).toEqual(["a"]);
      heal();
      const again = await store.open("s", "me");
      await again.append([said("d")], { barrier: true });
      const history = texts(await all(store.read("s")));
      expect([history[0], history.at(-1)]).toEqual(["a", "d"]);
    }
  });

  it("leaves no heap of files behind, however often it is tried", async () => {
    const directory = temporaryDirectory();
    const { store, fail, heal } = failingStore(directory);
    await begin(store, "s");
    fail("write", "ENOSPC");
    for (let attempt = 0; attempt < 10; attempt++)
      await expect(store.post("s", [said("a")])).rejects.toThrow(/no room/);
    expect(segments(directory)).toEqual(["00000001.jsonl"]);
    heal();
    await store.post("s", [said("b")]);
    expect(segments(directory)).toEqual(["00000001.jsonl", "00000002.jsonl"]);
    expect(texts(await all(store.read("s")))).toEqual(["b"]);
  });
});

describe("a sync that failed", () => {
  it("is believed: nothing later is acknowledged on that file, and what was not known to be on disk is written anew", async () => {
    const directory = temporaryDirectory();
    const { store, fail, heal } = failingStore(directory);
    const log = await begin(store, "s");
    await log.append([said("on disk")], { barrier: true });
    await log.append([said("with the system")]);
    fail("sync", "EIO");
    await expect(log.append([said("lost?")], { barrier: true })).rejects.toMatchObject({
      name: "StoreError",
    });
    // The next sync of that file would succeed, and say nothing of what the failed one lost.
    heal();
    await expect(log.append([said("later")], { barrier: true })).rejects.toBeInstanceOf(StoreError);
    const again = await store.open("s", "me");
    expect(texts(await again.append([], { barrier: true }))).toEqual(["on disk", "with the system", "lost?"]);
    const [old, fresh] = segments(directory).map((name) => readFileSync(join(directory, name), "utf8"));
    expect(old).toContain("with the system");
    expect(fresh).toContain("with the system");
    expect(fresh).not.toContain("on disk");
  });
});

describe("a directory that can't be had", () => {
  it("is told by what it is, and what to do", async () => {
    const directory = temporaryDirectory();
    const parent = dirname(directory);
    const file = join(parent, "file");
    writeFileSync(file, "a letter");
    const foreign = join(parent, "foreign");
    mkdirSync(foreign);
    writeFileSync(join(foreign, "letter.txt"), "a letter");
    const isFile = /a file has this path, or is part of it\. Give the path of a directory/;
    for (const path of [file, join(file, "store")]) {
      await expect(fileStore(path).open("s", "me")).rejects.toMatchObject({
        name: "StoreError",
        message: expect.stringMatching(isFile),
      });
      await expect(all(fileStore(path).list())).rejects.toMatchObject({
        name: "StoreError",
        message: expect.stringMatching(isFile),
      });
    }
    await expect(fileStore(foreign).open("s", "me")).rejects.toThrow(
      /is no store: it holds "letter.txt" .* empty or isn't there yet/,
    );
    expect(readdirSync(foreign)).toEqual(["letter.txt"]);
    expect(() => fileStore("")).toThrow(/needs the path of a directory/);
    expect(() => fileStore(directory, { leaseMs: 0 })).toThrow(
      /leaseMs is 0; it must be a whole number above 0/,
    );
  });

  it("can be read where it can't be written to", async () => {
    const advice = {
      EROFS: /can't be written to\. .* It can still be read\. Make the directory writable .*\(EROFS\)/,
      EACCES: /can't be written to by this process\. .* Run as the user who made it, .*\(EACCES\)/,
    };
    for (const [code, words] of Object.entries(advice)) {
      const directory = temporaryDirectory();
      const writer = freshStore(directory);
      const log = await begin(writer, "s");
      await log.append([said("a")], { barrier: true });
      const { store, fail } = failingStore(directory, { isGone: () => true });
      for (const operation of ["write", "makeDirectory"] as const) {
        fail(operation, code, /./);
        await expect(store.open("s", "me")).rejects.toMatchObject({
          name: "StoreError",
          message: expect.stringMatching(words),
        });
      }
      expect(texts(await all(store.read("s")))).toEqual(["a"]);
      expect(await all(store.list())).toMatchObject([{ session: "s" }]);
    }
  });

  it("is not made by reading", async () => {
    const directory = temporaryDirectory();
    const store = freshStore(directory);
    expect(await all(store.list())).toEqual([]);
    expect(await all(store.read("s"))).toEqual([]);
    await expect(store.post("s", [said("a")])).rejects.toMatchObject({ name: "NoSessionError" });
    expect(() => readdirSync(directory)).toThrow(/ENOENT/);
  });
});

describe("an append that has no JSON form", () => {
  it("is refused alone", async () => {
    const store = freshStore(temporaryDirectory());
    const log = await begin(store, "s");
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const bad = { type: "input", messages: [circular] } as never;
    const settled = await Promise.allSettled([
      log.append([said("a")]),
      log.append([said("b"), bad]),
      log.append([said("c")]),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(settled[1]).toMatchObject({
      reason: { name: "StoreError", message: expect.stringContaining("has no JSON form") },
    });
    expect(texts(await all(store.read("s")))).toEqual(["a", "c"]);
  });
});
