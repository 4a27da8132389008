import { toStandardJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
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
  ["a year", () => new Date().getFullYear()],
  ["a month", () => new Date().getMonth()],
  ["a day of the week", () => new Date().getDay()],
  ["a time of Date called as a function", () => String(Date())],
];

const lasting: [what: string, make: () => Default][] = [
  ["a number", () => 3],
  ["a text", () => "2"],
  ["a year by name", () => "2026"],
  ["this very day", () => "2026-11-22"],
  ["this very moment", () => "2026-11-22T15:04:05.678Z"],
  ["this very moment as a number", () => 1_795_359_845_678],
  ["a day made from its parts", () => new Date(2026, 10, 22, 15).toDateString()],
  ["a day made from text", () => new Date(Date.parse("2026-11-22")).toISOString()],
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
    expect(inputSchemaOf(z4.object({ value: z4.any().default(make()) }))).toEqual(withDefault);
    expect(inputSchemaOf(z3.object({ value: z3.any().default(make()) }))).toEqual(withDefault);
  });

  test("stands there on its very day as on the day before, so that a session goes on", () => {
    const schema = () =>
      JSON.stringify(inputSchemaOf(z4.object({ on: z4.iso.date().default("2026-11-22") })));
    vi.setSystemTime(now.getTime() - 86_400_000);
    const before = schema();
    vi.setSystemTime(now);
    expect(schema()).toBe(before);
    expect(before).toContain('"default":"2026-11-22"');
  });
});

describe("the clock that a default is asked with a second time", () => {
  test("is put back, also when the default throws, and dates are dates under it", () => {
    const { Date: before } = globalThis;
    const seen: boolean[] = [];
    const make = () => {
      const date = new Date();
      seen.push(date instanceof Date, Object.getPrototypeOf(date) === Date.prototype);
      return date.getTime();
    };
    inputSchemaOf(z4.object({ at: z4.number().default(make) }));
    expect(new Set(seen)).toEqual(new Set([true]));
    let asked = 0;
    const failing = () => {
      asked++;
      if (Date.now() !== now.getTime()) throw new Error("not now");
      return 1;
    };
    expect(() => inputSchemaOf(z4.object({ at: z4.number().default(failing) }))).toThrow(/not now/);
    expect(asked).toBeGreaterThan(1);
    expect(globalThis.Date).toBe(before);
    expect(Date.now()).toBe(now.getTime());
  });

  test("is the own one where no other can be put in its place", () => {
    const own = Object.getOwnPropertyDescriptor(globalThis, "Date") ?? {};
    Object.defineProperty(globalThis, "Date", { ...own, writable: false });
    try {
      const input = z4.object({ at: z4.number().default(3) });
      expect(inputSchemaOf(input).properties).toMatchObject({ at: { default: 3 } });
    } finally {
      Object.defineProperty(globalThis, "Date", own);
    }
  });
});

describe("a library that makes its JSON Schema itself", () => {
  test("has its defaults made from the clock taken out, and the others left", () => {
    const input = toStandardJsonSchema(
      v.object({
        at: v.optional(v.string(), () => new Date().toISOString()),
        stops: v.array(
          v.object({ on: v.optional(v.number(), () => Date.now()), n: v.optional(v.number(), 2) }),
        ),
        default: v.optional(v.string(), "x"),
      }),
    );
    expect(inputSchemaOf(input).properties).toEqual({
      at: { type: "string" },
      stops: {
        type: "array",
        items: {
          type: "object",
          properties: { on: { type: "number" }, n: { type: "number", default: 2 } },
          required: [],
        },
      },
      default: { type: "string", default: "x" },
    });
  });
});
