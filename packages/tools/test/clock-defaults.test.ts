import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z as z4 } from "zod";
import { z as z3 } from "zod-v3";
import { inputSchemaOf } from "./support.js";

// The clock stands still, as it does between two readings within a millisecond.
const now = new Date("2026-11-22T15:04:05.678Z");
beforeEach(() => {
  vi.useFakeTimers({ now, toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

type Default = string | number | Record<string, string | number[]>;

const momentary: [what: string, make: () => Default][] = [
  ["an ISO time", () => new Date().toISOString()],
  ["a time to the second", () => new Date().toISOString().slice(0, 19)],
  ["a time in words", () => new Date().toUTCString()],
  ["today's date", () => new Date().toISOString().slice(0, 10)],
  ["today's date in words", () => new Date().toDateString()],
  ["milliseconds", () => Date.now()],
  ["seconds", () => Math.floor(Date.now() / 1_000)],
  ["milliseconds in an id", () => `run-${Date.now()}`],
  ["a time within an object", () => ({ at: new Date().toISOString() })],
  ["a time within a list", () => ({ times: [0, Date.now()] })],
];

const lasting: [what: string, make: () => Default][] = [
  ["a number", () => 3],
  ["a text", () => "2"],
  ["a year", () => "2026"],
  ["another day", () => "2026-11-20"],
  ["an hour ago", () => "2026-11-22T14:04:05Z"],
  ["an object", () => ({ note: "none", times: [1_000] })],
];

describe("a default made from the clock", () => {
  test.each(momentary)("stays out of the schema: %s", (_, make) => {
    const bare = { type: "object", properties: { value: {} } };
    expect(inputSchemaOf(z4.object({ value: z4.any().default(make) }))).toEqual(bare);
    expect(inputSchemaOf(z4.object({ value: z4.any().prefault(make) }))).toEqual(bare);
    expect(inputSchemaOf(z3.object({ value: z3.any().default(make) }))).toEqual(bare);
  });

  test("leaves the same schema an hour later, of zod 4 and of zod 3", () => {
    const four = () =>
      inputSchemaOf(z4.object({ at: z4.iso.datetime().default(() => new Date().toISOString()) }));
    const three = () => inputSchemaOf(z3.object({ at: z3.number().default(() => Date.now()) }));
    const first = JSON.stringify([four(), three()]);
    vi.setSystemTime(now.getTime() + 3_600_000);
    expect(JSON.stringify([four(), three()])).toBe(first);
  });
});

describe("a default that lasts", () => {
  test.each(lasting)("stands in the schema: %s", (_, make) => {
    const withDefault = { type: "object", properties: { value: { default: make() } } };
    expect(inputSchemaOf(z4.object({ value: z4.any().default(make) }))).toEqual(withDefault);
    expect(inputSchemaOf(z3.object({ value: z3.any().default(make) }))).toEqual(withDefault);
  });
});
