import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { watchedMachine } from "./faulty.js";
import { afterAKill, all, begin, freshStore, said, texts } from "./helpers.js";
import { temporaryDirectory } from "./temporary.js";

const leaseMs = 60_000;

/** What processes leave behind that are killed in the middle of a post, of their first open, and of an index. */
function leaveDrafts(directory: string, name: string): readonly string[] {
  const lock = join(directory, `lock.${name}`);
  const empty = join(directory, `lock.${name}-empty`);
  for (const folder of [lock, empty]) mkdirSync(folder);
  const files = [
    join(lock, "00000000.released"),
    join(directory, "inbox", `${name}.json.new`),
    join(directory, `${name}.index.new`),
  ];
  for (const file of files) writeFileSync(file, "half do");
  return [lock, empty, ...files.slice(1)];
}

function age(path: string, milliseconds: number): void {
  const at = (Date.now() - milliseconds) / 1000;
  utimesSync(path, at, at);
}

describe("what killed processes left half done", () => {
  it("is cleared away by the next owner once it is older than a lease, and not before", async () => {
    const directory = temporaryDirectory();
    await begin(freshStore(directory, { leaseMs }), "s");
    const old = leaveDrafts(directory, "00000008");
    const young = leaveDrafts(directory, "00000009");
    for (const path of old) age(path, 2 * leaseMs);
    for (const path of young) age(path, leaseMs / 2);
    writeFileSync(join(directory, "inbox", "1.json.refused"), "for a person to look at");
    age(join(directory, "inbox", "1.json.refused"), 2 * leaseMs);
    const heir = freshStore(directory, { leaseMs }, afterAKill);
    await heir.open("s", "me");
    expect(old.filter((path) => existsSync(path))).toEqual([]);
    expect(young.filter((path) => !existsSync(path))).toEqual([]);
    expect(readdirSync(join(directory, "inbox"))).toContain("1.json.refused");
    expect(await all(heir.read("s"))).toHaveLength(1);
  });

  it("is begun anew by a poster who only stood still, and is posted once", async () => {
    const directory = temporaryDirectory();
    const log = await begin(freshStore(directory), "s");
    let cleared = 0;
    const machine = watchedMachine({
      before(operation, path) {
        if (operation !== "rename" || !path.endsWith(".json.new") || cleared > 0) return;
        cleared += 1;
        rmSync(path);
      },
    });
    await freshStore(directory, {}, machine).post("s", [said("a")]);
    expect(cleared).toBe(1);
    expect(texts(await log.append([]))).toEqual(["a"]);
    expect(readdirSync(join(directory, "inbox"))).toEqual([]);
  });

  it("is no reason to fail for one who wanted to make the lock, and stood still while another did", async () => {
    const directory = temporaryDirectory();
    const machine = watchedMachine({
      async before(operation, path) {
        if (operation !== "open" || !/lock\.[^/]+\/00000000\.released$/.test(path)) return;
        const other = await begin(freshStore(directory, { lingerMs: 600_000 }), "s");
        rmSync(join(path, ".."), { recursive: true });
        await other.close();
      },
    });
    await expect(freshStore(directory, {}, machine).open("t", "me")).rejects.toMatchObject({
      name: "StoreBusyError",
    });
    expect(readdirSync(directory).sort()).toEqual(["00000001.jsonl", "inbox", "lock"]);
  });
});
