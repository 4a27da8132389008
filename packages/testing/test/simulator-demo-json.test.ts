import type { MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import { describe, expect, test } from "vitest";
import { fits } from "../src/simulator/json-schema/fits.js";
import { answerTo, closed, converse, type JsonSchema, toolOf } from "./demo-driver.js";
import { question as hello, post, start } from "./http-driver.js";
import { violations } from "./json-schema.js";

/** The answer in JSON, which is valid against its schema. */
function jsonFor(schema: JsonSchema, question = "Hello"): unknown {
  const value: unknown = JSON.parse(answerIn(schema, question));
  expect([value, fits(value, schema, schema), violations(value, schema)]).toEqual([value, true, []]);
  return value;
}

function answerIn(schema: JsonSchema, question = "Hello"): string {
  return answerTo(question, { output_config: { format: { type: "json_schema", schema } } });
}

const word = { type: "string" };

describe("an answer in JSON is of the kind that the schema has at its root", () => {
  test.each<[string, JsonSchema, unknown]>([
    ["a list", { type: "array", items: word, minItems: 1 }, expect.any(Array)],
    ["a list of objects", { type: "array", items: closed({ name: word }), minItems: 1 }, expect.any(Array)],
    [
      "a list of certain places",
      { type: "array", prefixItems: [{ type: "integer" }, word], items: false, minItems: 2 },
      [expect.any(Number), expect.any(String)],
    ],
    [
      "a list that contains",
      { type: "array", items: word, contains: { const: "here" } },
      expect.arrayContaining(["here"]),
    ],
    ["a text", word, "Hello"],
    ["a number", { type: "number", exclusiveMinimum: 0.2, exclusiveMaximum: 0.4 }, expect.any(Number)],
    ["a whole number", { type: "integer", exclusiveMinimum: 5.5, exclusiveMaximum: 7 }, 6],
    ["a whole number below", { type: "integer", minimum: 5.5, exclusiveMaximum: 6.5 }, 6],
    ["a multiple below", { type: "integer", maximum: -1, multipleOf: 7 }, -7],
    ["a number from a bound on", { type: "number", minimum: 0.2, exclusiveMaximum: 0.4 }, expect.any(Number)],
    ["a number up to a bound", { type: "number", exclusiveMinimum: 0.2, maximum: 0.4 }, expect.any(Number)],
    ["a text of a length", { type: "string", minLength: 8, maxLength: 9 }, "Hello..."],
    ["a boolean", { type: "boolean" }, false],
    ["null", { type: "null" }, null],
    ["null in a list of types", { type: ["null"] }, null],
    ["null as the only variant", { anyOf: [{ type: "null" }] }, null],
    ["a choice", { enum: [null, 7] }, 7],
    ["a choice of the type", { type: "string", enum: [7, "seven"] }, "seven"],
    ["a constant", { const: [1, { a: null }] }, [1, { a: null }]],
    ["one of several", { anyOf: [closed({ a: word }), closed({ b: word })] }, { a: "Hello" }],
    [
      "one of several, and more beside them",
      {
        ...closed({ a: word, b: {} }),
        required: ["a"],
        anyOf: [{ required: ["b"], properties: { b: { const: 2 } } }],
      },
      { a: "Hello", b: 2 },
    ],
    ["what a reference leads to", { $ref: "#/$defs/all", $defs: { all: { type: "array" } } }, []],
    ["parts", { allOf: [closed({ a: word })], additionalProperties: true }, { a: "Hello" }],
    [
      "an object with properties that are not described",
      { type: "object", required: ["a"], additionalProperties: { type: "integer" } },
      { a: expect.any(Number) },
    ],
    [
      "an object with a name of the language's own",
      JSON.parse('{"type":"object","properties":{"__proto__":{"type":"null"}},"required":["__proto__"]}'),
      JSON.parse('{"__proto__":null}'),
    ],
    [
      "some of its properties",
      { ...closed({ a: { const: 1 }, b: { const: 2 } }), required: [], minProperties: 1 },
      { a: 1, b: 2 },
    ],
    [
      "objects seven deep",
      [..."abcdefg"].reduce((inner: JsonSchema, name) => closed({ [name]: inner }), word),
      expect.any(Object),
    ],
    ["a second type where the first has no value", { type: ["string", "integer"], maxLength: -1 }, 1],
    ["not its default, if that is wrong", { type: "integer", default: "many" }, 1],
    ["anything", {}, "Hello"],
  ])("%s", (_name, schema, expected) => {
    expect(jsonFor(schema)).toEqual(expected);
  });

  test.each(["Hello", "The next 2 days"])(
    "a number is none that the schema forbids, although it is usual: %s",
    (asked) => {
      const schema = closed({ days: { type: "integer", multipleOf: 5, minimum: 4 } });
      expect(jsonFor(schema, asked)).toEqual({ days: 5 });
    },
  );

  test("by the older name of the format too", () => {
    const fields = {
      output_format: { type: "json_schema", schema: { type: "array" } },
    } as Partial<MessageCreateParams>;
    expect(answerTo("Hello", fields)).toBe("[]");
  });
});

describe("a text of a format is of that format", () => {
  test.each<[string, RegExp]>([
    ["hostname", /^example\.com$/],
    ["ipv6", /^::1$/],
    ["duration", /^P1D$/],
    ["ipv4", /^127\.0\.0\.1$/],
    ["uuid", /^[0-9a-f-]{36}$/],
    ["date", /^2026-11-22$/],
    ["time", /^12:00:00Z$/],
    ["date-time", /^2026-11-22T/],
    ["email", /^someone@example\.com$/],
    ["uri", /^https:\/\/example\.com\/$/],
  ])("%s", (format, expected) => {
    expect(jsonFor(closed({ value: { type: "string", format } }))).toEqual({
      value: expect.stringMatching(expected),
    });
  });

  test.each([
    ["hostname", "db.internal"],
    ["ipv6", "fe80::1"],
    ["duration", "PT15M"],
  ])("%s as a tool gave it, and not what it gave of no such format", (format, given) => {
    const schema = closed({ value: { type: "string", format } });
    const tools = [toolOf("get_server", "A server", { name: word }, ["name"])];
    const answers = [given, "no such thing"].map(
      (value) =>
        converse(tools, "Get the server", () => ({ value }), {
          output_config: { format: { type: "json_schema", schema } },
        }).answer,
    );
    expect(JSON.parse(answers[0] ?? "")).toEqual({ value: given });
    expect(answers[1]).not.toContain("no such thing");
  });
});

describe("a text that has to match a pattern", () => {
  test.each([
    ["^[A-Z]{3}-\\d+$", "AAA-0"],
    ["^(?:cat|dog)s?$", "cat"],
    ["^[^a-z]{2,4}_\\w\\.[.\\]]$", "00_a.."],
    ["^(?<year>\\d{4})/(?:0[1-9]|1[0-2])$", "0000/01"],
    ["^(?!a)[a-c]x*$", undefined],
    ["^\\p{Lu}\\u00e9?[é]+$", "Aé"],
    ["[α-ω]{2}", "αα"],
    ["^#{2} .*$", "## "],
    ["^a(?=b)b$", "ab"],
    ["^(?:a|b(?:c|d){2})+$", "a"],
  ])("%s is made up", (pattern, expected) => {
    const made = answerIn({ type: "string", pattern }, "?!");
    if (expected === undefined) expect(made).toMatch(/^400: /);
    else expect(jsonFor({ type: "string", pattern }, "?!")).toBe(expected);
  });

  test("and have a length is made as long", () => {
    expect(jsonFor({ type: "string", pattern: "^[a-z]+\\d*$", minLength: 30 }, "?")).toMatch(
      /^[a-z]{30,}\d+$/,
    );
    expect(jsonFor({ type: "string", pattern: "^(?:ab|abcd)$", minLength: 3 }, "?")).toBe("abcd");
  });
});

describe("where it can make no JSON of a schema, it answers with a 400 that says so", () => {
  const circles: Record<string, JsonSchema> = {
    "a reference to itself": { $ref: "#" },
    "a circle of two steps": {
      $ref: "#/$defs/a",
      $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } },
    },
    "a circle by way of not": { $ref: "#/$defs/a", $defs: { a: { not: { $ref: "#/$defs/a" } } } },
    "a circle by way of if": { $ref: "#/$defs/a", $defs: { a: { if: { $ref: "#/$defs/a" } } } },
    "a circle by way of anyOf": {
      $ref: "#/$defs/a",
      $defs: { a: { anyOf: [{ $ref: "#/$defs/a" }, { $ref: "#/$defs/a" }] } },
    },
    "a circle by way of allOf": { $ref: "#/$defs/a", $defs: { a: { allOf: [{ $ref: "#/$defs/a" }] } } },
    "an object that must contain itself": closed({ self: { $ref: "#" } }),
  };
  const others: Record<string, JsonSchema> = {
    "a pattern that looks behind": { type: "string", pattern: "^(?<=a)b$" },
    "a pattern that goes back": { type: "string", pattern: "^(a|b)-\\1\\1$" },
    "a pattern too long": { type: "string", pattern: "(?:x{1000}){1000}" },
    "a pattern too deep": { type: "string", pattern: "(".repeat(50_000) },
    "a pattern that does not compile": { type: "string", pattern: "(" },
    "parts that forbid each other": closed(
      { a: word },
      { allOf: [{ properties: { b: word }, required: ["b"] }] },
    ),
    "nothing that is allowed": closed({ a: false as never }),
  };

  test.each(Object.entries({ ...circles, ...others }))("%s", (_name, schema) => {
    expect(answerIn(schema)).toMatch(
      /^400: output_config\.format: the simulator's demo mind can't make JSON of this schema/,
    );
  });

  const broken: JsonSchema = { $ref: "#/%E0%A4%A" };
  test.each([...Object.entries(circles), ["a broken escape", broken] as const])(
    "and the server never fails over %s",
    async (_name, schema) => {
      const simulator = await start();
      const { $defs = {}, ...x } = schema;
      const input_schema = { type: "object", properties: { x }, required: ["x"], $defs };
      const tools = [{ name: "look", input_schema }];
      const format = { type: "json_schema", schema };
      for (const fields of [
        { output_config: { format } },
        { tools, tool_choice: { type: "any" } },
        { tools },
      ]) {
        const { status } = await post(simulator, { ...hello, ...fields });
        expect([200, 400]).toContain(status);
      }
    },
  );
});
