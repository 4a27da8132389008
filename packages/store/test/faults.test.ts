import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type Log, StoreError } from "@lockstitch/core";
import { fileStore } from "@lockstitch/store";
import { describe, expect, it, vi } from "vitest";
import type { Machine } from "../src/file/machine.js";
import { encodeLine } from "../src/file/record.js";
import type { Repair } from "../src/file/settings.js";
import { failure, leaveTorn, type Operation, watchedMachine } from "./faulty.js";
import { afterAKill, all, begin, begun, freshStore, said, texts } from "./helpers.js";
import { temporaryDirectory } from "./temporary.js";

const segments = (directory: string) =>
  readdirSync(directory)
    .filter((name) => name.endsWith(".jsonl"))
    .sort();

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
    for (const code of ["EROFS", "EACCES"]) {
      const directory = temporaryDirectory();
      const writer = freshStore(directory);
      const log = await begin(writer, "s");
      await log.append([said("a")], { barrier: true });
      const { store, fail } = failingStore(directory, { isGone: () => true });
      for (const operation of ["write", "makeDirectory"] as const) {
        fail(operation, code, /./);
        await expect(store.open("s", "me")).rejects.toMatchObject({
          name: "StoreError",
          message: expect.stringMatching(
            /can't be written to\. .* It can still be read\. Make the directory writable/,
          ),
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

describe("a log that was tampered with", () => {
  /** Three commits, each on disk. Gives back the path of the file they are in. */
  async function filled(directory: string): Promise<{ readonly path: string; readonly log: Log }> {
    const log = await begin(freshStore(directory), "s");
    for (const text of ["a", "b", "c"]) await log.append([said(text)], { barrier: true });
    // What is noted of the last sync is written without being waited for.
    await vi.waitFor(() =>
      expect(noted(directory)).toBe(readFileSync(join(directory, "00000001.jsonl")).length),
    );
    return { path: join(directory, "00000001.jsonl"), log };
  }

  function noted(directory: string): number {
    const [name = ""] = readdirSync(join(directory, "lock"));
    return JSON.parse(readFileSync(join(directory, "lock", name), "utf8")).synced.offset;
  }

  it("is not read on where a byte of it was changed, in the middle or at the end, and the message says where", async () => {
    for (const word of ['"b"', '"c"']) {
      const directory = temporaryDirectory();
      const { path } = await filled(directory);
      const bytes = readFileSync(path);
      bytes[bytes.indexOf(word) + 1] = 120;
      writeFileSync(path, bytes);
      const line = bytes.lastIndexOf("\n", bytes.indexOf('"x"')) + 1;
      for (const machine of [afterAKill, undefined]) {
        const store = freshStore(directory, {}, machine);
        const refused = {
          name: "CorruptLogError",
          reason: "corrupt_log",
          message: expect.stringContaining(`${path} is damaged at byte ${line}: `),
        };
        await expect(all(store.read("s"))).rejects.toMatchObject(refused);
        await expect(all(store.list())).rejects.toMatchObject(refused);
        await expect(all(store.watch("s"))).rejects.toMatchObject(refused);
        if (machine !== undefined) await expect(store.open("s", "me")).rejects.toMatchObject(refused);
      }
      expect(readFileSync(path)).toEqual(bytes);
      expect(segments(directory)).toEqual(["00000001.jsonl"]);
    }
  });

  it("is not read on where a line stands in another's place, whole as it is", async () => {
    const directory = temporaryDirectory();
    const { path } = await filled(directory);
    const text = readFileSync(path, "utf8");
    const lines = text.split("\n").filter((line) => /"content":"[bc]"/.test(line));
    const [b = "", c = ""] = lines.map((line) => line.replace(/"s":\d+,/, ""));
    expect(b.length).toBe(c.length);
    const doubled = text.replace(lines[1] as string, lines[0] as string);
    writeFileSync(path, doubled);
    await expect(all(freshStore(directory).read("s"))).rejects.toMatchObject({
      name: "CorruptLogError",
      message: expect.stringContaining("goes on with event 3 after event 3"),
    });
  });

  it("says itself how far it had been on disk, should nobody else", async () => {
    const directory = temporaryDirectory();
    const { path } = await filled(directory);
    const bytes = readFileSync(path);
    bytes[bytes.indexOf('"a"') + 1] = 120;
    writeFileSync(path, bytes);
    rmSync(join(directory, "lock"), { recursive: true });
    await expect(freshStore(directory, {}, afterAKill).open("s", "me")).rejects.toMatchObject({
      name: "CorruptLogError",
    });
  });

  it("is not read on where its end was cut off, or a file of it is gone", async () => {
    const directory = temporaryDirectory();
    const { path } = await filled(directory);
    const size = readFileSync(path).length;
    truncateSync(path, size - 10);
    await expect(all(freshStore(directory).read("s"))).rejects.toThrow(
      new RegExp(
        `ends at byte ${size - 10}, and ${size} bytes of it had been on disk.* Bring this file back from a copy`,
      ),
    );
    rmSync(path);
    await expect(freshStore(directory, {}, afterAKill).open("s", "me")).rejects.toThrow(
      /00000001\.jsonl is missing/,
    );
  });

  it("refuses a format that it doesn't know", async () => {
    const directory = temporaryDirectory();
    const { path, log } = await filled(directory);
    await log.close();
    writeFileSync(path, encodeLine('"segment":{"format":2,"number":1,"epoch":1,"at":1,"ends":{}}}'));
    rmSync(join(directory, "lock"), { recursive: true });
    await expect(all(freshStore(directory).read("s"))).rejects.toThrow(
      /newer version of @lockstitch\/store \(format 2\)\. Update/,
    );
  });
});

describe("a torn end", () => {
  it("is left out, said to be so, and written over by nobody", async () => {
    const directory = temporaryDirectory();
    const log = await begin(freshStore(directory), "s");
    await log.append([said("a")], { barrier: true });
    const path = join(directory, "00000001.jsonl");
    const size = readFileSync(path).length;
    appendFileSync(path, '{"c":"12345678","e":{"session":"s","se');
    const repairs: Repair[] = [];
    const store = freshStore(directory, { onRepair: (repair) => repairs.push(repair) }, afterAKill);
    expect(texts(await all(store.read("s")))).toEqual(["a"]);
    expect(repairs).toEqual([]);
    const next = await store.open("s", "me");
    expect(repairs).toEqual([{ file: path, offset: size, bytes: 38, reason: "its last line breaks off" }]);
    await next.append([said("b")]);
    expect(texts(await all(store.read("s")))).toEqual(["a", "b"]);
    expect(readFileSync(path).length).toBe(size + 38);
  });

  it("is told on the console where nobody asked to be told", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const directory = temporaryDirectory();
    const store = fileStore(directory);
    const log = await store.open("s", "me");
    await log.append([begun], { barrier: true });
    await fileStore(leaveTorn(directory)).open("s", "me");
    expect(warn.mock.calls.flat().join()).toMatch(
      /00000001\.jsonl ends with 4 bytes, from byte \d+ on, .* nothing that was acknowledged behind a barrier/,
    );
    warn.mockRestore();
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
