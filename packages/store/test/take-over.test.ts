import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failure, watchedMachine } from "./faulty.js";
import { afterAKill, all, begin, freshStore, said, texts } from "./helpers.js";
import { temporaryDirectory } from "./temporary.js";

/** What the first line of each file says of where earlier ones end. */
function endsIn(directory: string): readonly object[] {
  const names = readdirSync(directory).filter((name) => name.endsWith(".jsonl"));
  return names.sort().map((name) => {
    const [first = ""] = readFileSync(join(directory, name), "utf8").split("\n");
    return JSON.parse(first).segment.ends;
  });
}

describe("the first line of a file that is begun after a crash", () => {
  it("says where the file before ends, and doesn't grow with every crash", async () => {
    const directory = temporaryDirectory();
    await begin(freshStore(directory), "s");
    for (let crash = 1; crash <= 5; crash++) {
      const log = await freshStore(directory, {}, afterAKill).open("s", "me");
      await log.append([said(String(crash))]);
    }
    const ends = endsIn(directory);
    expect(ends.map(Object.keys)).toEqual([[], ["1"], ["2"], ["3"], ["4"], ["5"]]);
    expect(texts(await all(freshStore(directory).read("s")))).toEqual(["1", "2", "3", "4", "5"]);
  });

  it("says again what the one before says, where that may not be on disk", async () => {
    const directory = temporaryDirectory();
    const log = await begin(freshStore(directory), "s");
    await log.append([said("a")], { barrier: true });
    // The second file's first line is written, and its sync fails.
    const isFailing = { next: false };
    const machine = watchedMachine(
      {
        before(operation, path) {
          if (!path.endsWith("00000002.jsonl")) return;
          if (operation === "sync" && isFailing.next) throw failure("EIO");
          if (operation === "write") isFailing.next = true;
        },
      },
      { isGone: () => true },
    );
    await expect(freshStore(directory, {}, machine).open("s", "me")).rejects.toMatchObject({
      name: "StoreError",
    });
    const next = await freshStore(directory, {}, afterAKill).open("s", "me");
    expect(texts(await next.append([]))).toEqual(["a"]);
    const [, second, third] = endsIn(directory);
    expect(Object.keys(second ?? {})).toEqual(["1"]);
    expect(third).toEqual({ ...second, 2: 0 });
  });
});
