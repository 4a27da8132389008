import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { nodeDisk } from "../src/file/node-disk.js";
import { failure, watchedMachine } from "./faulty.js";
import { all, begin, freshStore, said } from "./helpers.js";
import { temporaryDirectory } from "./temporary.js";

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe.skipIf(process.platform === "win32")("what a store makes", () => {
  it("can be read by its user alone", async () => {
    const directory = join(temporaryDirectory(), "deeper", "store");
    const log = await begin(freshStore(directory, { segmentBytes: 100 }), "s");
    await log.append([said("a secret")]);
    await log.append([said("another")]);
    let posted = "";
    const machine = watchedMachine({
      before(operation, path) {
        if (operation === "rename" && path.endsWith(".json.new")) posted = modeOf(path);
      },
    });
    await freshStore(directory, {}, machine).post("s", [said("b")]);
    await log.close();
    await vi.waitFor(() => expect(readdirSync(join(directory, "lock"))[0]).toMatch(/released$/), 10_000);
    const names = readdirSync(directory, { recursive: true }).map(String);
    expect(names).toEqual(expect.arrayContaining(["00000001.jsonl", "00000001.index", "inbox", "lock"]));
    for (const path of ["..", "", ...names].map((name) => join(directory, name)))
      expect(modeOf(path), path).toBe(statSync(path).isDirectory() ? "700" : "600");
    expect(posted).toBe("600");
  });

  it("leaves alone what was there before", async () => {
    const directory = temporaryDirectory();
    mkdirSync(directory);
    // Whatever the umask is.
    chmodSync(directory, 0o755);
    await begin(freshStore(directory), "s");
    expect(modeOf(directory)).toBe("755");
  });
});

describe("a store of another user", () => {
  it("is said to be one, and not to be readable, by whoever may not read it", async () => {
    const directory = temporaryDirectory();
    await begin(freshStore(directory), "s");
    const machine = watchedMachine({
      before(operation) {
        if (operation === "open") throw failure("EACCES");
      },
    });
    await expect(all(freshStore(directory, {}, machine).read("s"))).rejects.toMatchObject({
      name: "StoreError",
      message: expect.stringMatching(/can't be read by this process\. .* run as that user, .* \(EACCES\)/),
    });
  });
});

/** Runs a shell script in a world of its own, where it may mount something. */
const apart = (script: string, words: readonly string[] = []) =>
  execFileSync("sh", ["-c", 'exec unshare -rm sh -c "$0" sh "$@"', script, ...words], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });

const canMount = (() => {
  try {
    apart("mount -t tmpfs none /mnt");
    return true;
  } catch {
    return false;
  }
})();

const child = fileURLToPath(new URL("open-once.mjs", import.meta.url));

describe("a directory that is yet to be made", () => {
  it.skipIf(!canMount)("is said to be on a read-only file system where it is", () => {
    const mounted = temporaryDirectory();
    mkdirSync(mounted);
    const script = 'mount -t tmpfs -o ro none "$1" && exec "$2" "$3" "$1/deeper/store"';
    expect(apart(script, [mounted, process.execPath, child])).toMatch(
      /^StoreError: .*can't be written to\. .* Make the directory writable .* or choose another\. \(EROFS\)/,
    );
  });

  it("is made with those above it, whoever else makes it at once, and is no error where it is there", async () => {
    const directory = join(temporaryDirectory(), "deeper", "store");
    await Promise.all(Array.from({ length: 5 }, () => nodeDisk.makeDirectory(directory)));
    await nodeDisk.makeDirectory(directory);
    await nodeDisk.makeDirectory(dirname(dirname(directory)));
    expect(readdirSync(dirname(directory))).toEqual(["store"]);
    await expect(nodeDisk.makeDirectory("/")).resolves.toBeUndefined();
  });
});
