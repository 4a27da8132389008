import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { StoreError } from "@lockstitch/core";
import { type FileStoreOptions, fileStore } from "@lockstitch/store";
import { describe, expect, it, vi } from "vitest";
import { leaveTorn } from "./faulty.js";
import { all, begin, begun, freshStore, said, texts } from "./helpers.js";
import { temporaryDirectory } from "./temporary.js";

/** As a caller without types may give them. */
const allUndefined = {
  now: undefined,
  segmentBytes: undefined,
  leaseMs: undefined,
  onRepair: undefined,
} as object;

describe("the options of a file store", () => {
  it("hold their defaults where they are given as undefined", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const directory = temporaryDirectory();
    await begin(fileStore(directory), "s");
    const copy = leaveTorn(directory);
    const store = fileStore(copy, allUndefined);
    await begin(store, "t");
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
    const [event] = await all(store.read("t"));
    expect(event?.at).toBeGreaterThan(1_600_000_000_000);
    expect(readFileSync(join(copy, "00000002.jsonl"), "utf8")).toContain('"seq":1');
  });

  it("are refused where they are no number that can hold, with the numbers that can", () => {
    const directory = temporaryDirectory();
    for (const leaseMs of [0, -1, 0.5, Number.NaN, 2 ** 31])
      expect(() => fileStore(directory, { leaseMs })).toThrow(
        `leaseMs is ${leaseMs}; it must be a whole number above 0, and at most 2147483647.`,
      );
    expect(() => fileStore(directory, { segmentBytes: 0 })).toThrow(/segmentBytes is 0/);
    expect(() => fileStore(directory, { leaseMs: 2 ** 31 - 1 })).not.toThrow();
  });

  it("are refused where there is no such option, or a function is none, with those that there are", () => {
    const directory = temporaryDirectory();
    const refused = (options: object | null, message: RegExp) => {
      const making = () => fileStore(directory, options as FileStoreOptions);
      expect(making).toThrow(StoreError);
      expect(making).toThrow(message);
    };
    for (const name of ["bogus", "lingerMs", "toString"])
      refused(
        { [name]: 1 },
        new RegExp(`no option "${name}"\\. The options are: now, segmentBytes, leaseMs, onRepair\\.`),
      );
    refused({ onRepair: 5 }, /onRepair is 5; it must be a function/);
    refused({ now: 5 }, /now is 5; it must be a function/);
    refused({ leaseMs: "10" }, /leaseMs is 10; it must be a whole number/);
    refused(null, /the options must be an object/);
    refused(5 as never, /the options must be an object/);
  });

  it("are refused where now gives no date, and nothing is stamped with it", async () => {
    let at: unknown = Number.NaN;
    const store = fileStore(temporaryDirectory(), { now: () => at as number });
    const log = await store.open("s", "me");
    for (at of [Number.NaN, Number.POSITIVE_INFINITY, undefined, "7"])
      await expect(log.append([begun])).rejects.toMatchObject({
        name: "StoreError",
        message: expect.stringMatching(/the option now gave .*; it must give milliseconds since 1970/),
      });
    at = 7;
    expect(await log.append([begun])).toMatchObject([{ seq: 1, at: 7 }]);
  });
});

describe("the directory of a file store", () => {
  it("may be given as a file URL", async () => {
    const directory = `${temporaryDirectory()} with a space`;
    await (await begin(fileStore(pathToFileURL(directory)), "s")).append([said("a")]);
    expect(texts(await all(freshStore(directory).read("s")))).toEqual(["a"]);
  });

  it("is refused where it is another URL, or a URL as a string, and is not made", () => {
    const refused = (directory: unknown, message: RegExp) => {
      expect(() => fileStore(directory as string)).toThrow(StoreError);
      expect(() => fileStore(directory as string)).toThrow(message);
    };
    refused(
      new URL("https://example.com/store"),
      /https:\/\/example.com\/store is not the URL of a directory.* Give a file: URL/,
    );
    refused("file:///a/store", /is a URL, not a path\. Give it as new URL\("file:\/\/\/a\/store"\)/);
    refused("", /needs the path of a directory/);
    refused(undefined, /needs the path of a directory/);
    expect(existsSync("file:")).toBe(false);
  });
});
