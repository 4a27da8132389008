import { ToolError } from "@lockstitch/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorResult, resultOf } from "../src/pure/tool-result.js";

const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
const circular: { self?: unknown } = {};
circular.self = circular;
const twice = { a: 1 };

describe("whatever a tool returns becomes a legal result", () => {
  it.each<[string, unknown, unknown]>([
    ["text as it is", "sunny", "sunny"],
    ["nothing", undefined, "(the tool returned nothing)"],
    ["empty text", "", "(the tool returned nothing)"],
    ["null", null, "null"],
    ["a number", 5, "5"],
    ["not a number", Number.NaN, "null"],
    ["a boolean", false, "false"],
    ["an object", { celsius: 3 }, '{"celsius":3}'],
    ["a bigint", 12345678901234567890n, '"12345678901234567890"'],
    ["a bigint inside", { n: 1n }, '{"n":"1"}'],
    ["a symbol", Symbol("s"), '"Symbol(s)"'],
    ["a function", function work() {}, '"[function work]"'],
    ["a circle", circular, '{"self":"[circular]"}'],
    ["the same object twice, which is no circle", [twice, twice], '[{"a":1},{"a":1}]'],
    ["a map", new Map([["a", 1]]), '{"a":1}'],
    ["a set", new Set([1, 2]), "[1,2]"],
    ["a date", new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ["an empty array", [], "[]"],
    ["a lone surrogate", "a\ud800b", "a\ufffdb"],
    ["bytes that are text", new TextEncoder().encode("héllo"), "héllo"],
    [
      "bytes that are nothing known",
      Uint8Array.from([0xff, 0xfe, 0]),
      "(3 bytes of binary data that can't be shown)",
    ],
    ["content blocks", [{ type: "text", text: "a" }], [{ type: "text", text: "a" }]],
    ["blocks of empty text", [{ type: "text", text: " " }], "(the tool returned nothing)"],
    [
      "data that only looks like a block",
      [{ type: "text", text: "a", id: 7 }],
      '[{"type":"text","text":"a","id":7}]',
    ],
    [
      "an image without data",
      [{ type: "image", source: { type: "base64", media_type: "image/png", data: "" } }],
      expect.stringContaining('"data":""'),
    ],
    [
      "an object whose getter throws",
      {
        get x() {
          throw new Error("no");
        },
      },
      "(a value that can't be shown: no)",
    ],
  ])("%s", (_what, returned, content) => {
    expect(resultOf(returned)).toEqual({ content });
  });

  it("an image by its first bytes", () => {
    expect(resultOf(png).content).toEqual([
      {
        type: "image",
        source: { type: "base64", media_type: "image/png", data: btoa(String.fromCharCode(...png)) },
      },
    ]);
  });

  it("a returned error as an error", () => {
    expect(resultOf(new RangeError("too far"))).toEqual({ content: "RangeError: too far", is_error: true });
  });

  it("huge text, cut with its size", () => {
    const { content } = resultOf("x".repeat(1_000), 10);
    expect(content).toBe(`${"x".repeat(10)}\n[cut: the first 10 of 1000 characters are shown]`);
    expect(resultOf("💧".repeat(10), 5).content).toMatch(/^💧💧\ufffd\n/u);
  });

  it("any value at all", () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withSparseArray: true,
          withNullPrototype: true,
        }),
        (value) => {
          const { content } = resultOf(value);
          if (typeof content === "string") {
            expect(content.length).toBeGreaterThan(0);
            expect(content.isWellFormed()).toBe(true);
          } else {
            expect(content?.length).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("whatever a tool throws becomes an error result", () => {
  it.each<[string, unknown, unknown]>([
    ["an error", new Error("boom"), "boom"],
    ["an error of a kind", new TypeError("no"), "TypeError: no"],
    ["text", "boom", "boom"],
    ["nothing", undefined, "undefined"],
    ["an error without words", new Error(""), "Error"],
    ["what the tool chose to say", new ToolError("Give a city."), "Give a city."],
    [
      "blocks the tool chose",
      new ToolError([{ type: "text", text: "See:" }]),
      [{ type: "text", text: "See:" }],
    ],
    ["an object that can't be put into words", Object.create(null), "an error that can't be shown"],
  ])("%s", (_what, thrown, content) => {
    expect(errorResult(thrown)).toEqual({ content, is_error: true });
  });
});
