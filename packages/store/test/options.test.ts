import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileStore } from "@lockstitch/store";
import { describe, expect, it, vi } from "vitest";
import { leaveTorn } from "./faulty.js";
import { all, begin } from "./helpers.js";
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
});
