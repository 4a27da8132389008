import { appendFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "@lockstitch/core";
import { fileStore } from "@lockstitch/store";
import { describe, expect, it, vi } from "vitest";
import { encodeLine } from "../src/file/record.js";
import type { Repair } from "../src/file/settings.js";
import { leaveTorn } from "./faulty.js";
import { afterAKill, all, begin, begun, freshStore, said, segments, texts } from "./helpers.js";
import { temporaryDirectory } from "./temporary.js";

describe("a log that was tampered with", () => {
  /** Three commits, each on disk. Gives back the path of the file they are in. */
  async function filled(directory: string): Promise<{ readonly path: string; readonly log: Log }> {
    const log = await begin(freshStore(directory), "s");
    for (const text of ["a", "b", "c"]) await log.append([said(text)], { barrier: true });
    // What is noted of the last sync is written without being waited for.
    await vi.waitFor(
      () => expect(noted(directory)).toBe(readFileSync(join(directory, "00000001.jsonl")).length),
      10_000,
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
