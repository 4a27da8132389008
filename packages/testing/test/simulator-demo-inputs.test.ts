import type { Tool } from "@anthropic-ai/sdk/resources/messages";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fits } from "../src/simulator/json-schema/fits.js";
import { answerTo, converse, type RunTool, toolOf } from "./demo-driver.js";
import { violations } from "./json-schema.js";

/**
 * `converse` itself checks what must always hold: every input is valid against its schema, no call is made twice, every
 * request is one that the API takes, and there is an end. Here it is given schemas, questions and results of all kinds.
 */

const names =
  "place city name location query q id order_id user_id email to from date start_date due time timezone days limit count amount a b latitude longitude title body message tags items cities units language currency expression url verbose options filter position children x __proto__ toString".split(
    " ",
  );
const description = fc.constantFrom(
  "",
  "City or town, e.g. Oslo, Norway",
  "YYYY-MM-DD",
  "How many days",
  "The person's name",
  "as find_place returns it",
);
const bound = fc.integer({ min: -5, max: 60 });

const strings = fc.oneof(
  fc.constantFrom({}, { format: "date" }, { format: "date-time" }, { format: "email" }, { format: "uri" }),
  fc.constantFrom(
    { pattern: "^[A-Z]{3}$" },
    { pattern: "^\\d+$" },
    { pattern: "^[a-z ]+$" },
    { minLength: 8 },
    { maxLength: 4 },
  ),
);
const numbers = fc
  .tuple(bound, bound, fc.constantFrom({}, { multipleOf: 5 }, { multipleOf: 0.5 }), fc.boolean())
  .map(([one, two, more, bounded]) =>
    bounded ? { minimum: Math.min(one, two), maximum: Math.max(one, two), ...more } : more,
  );

const { schema: anySchema } = fc.letrec<{ schema: Record<string, unknown>; object: Record<string, unknown> }>(
  (tie) => ({
    schema: fc
      .tuple(
        description,
        fc.oneof(
          { maxDepth: 3, depthSize: "small" },
          strings.map((rules) => ({ type: "string", ...rules })),
          fc
            .tuple(fc.constantFrom("number", "integer"), numbers)
            .map(([type, rules]) => ({ type, ...rules })),
          fc.constantFrom(
            { type: "boolean" },
            { type: ["string", "null"] },
            { enum: ["celsius", "fahrenheit"] },
            { type: "string", enum: ["low", "high", null] },
            { const: "fixed" },
            { type: "string", default: "a default" },
            { not: { type: "string" }, type: ["string", "number"] },
            { $ref: "#/$defs/place" },
            { $ref: "#/$defs/tree" },
            {},
          ),
          tie("object"),
          fc
            .tuple(
              tie("schema"),
              fc.constantFrom({}, { minItems: 1 }, { maxItems: 1 }, { minItems: 2, uniqueItems: true }),
            )
            .map(([items, rules]) => ({ type: "array", items, ...rules })),
          fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
          fc.array(tie("schema"), { minLength: 1, maxLength: 2 }).map((oneOf) => ({ oneOf })),
        ),
      )
      .map(([words, schema]) => (words === "" ? schema : { ...schema, description: words })),
    object: fc
      .tuple(
        fc.dictionary(fc.constantFrom(...names), tie("schema"), { maxKeys: 4 }),
        fc.func(fc.boolean()),
        fc.boolean(),
      )
      .map(([properties, isRequired, closed]) => ({
        type: "object",
        properties,
        required: Object.keys(properties).filter((name) => isRequired(name)),
        ...(closed ? { additionalProperties: false } : {}),
      })),
  }),
);

const definitions = {
  place: {
    type: "object",
    properties: { city: { type: "string" }, country: { type: "string" } },
    required: ["city"],
  },
  tree: {
    type: "object",
    properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#/$defs/tree" } } },
    required: ["name"],
  },
};

const tool = fc
  .tuple(
    fc.constantFrom(
      "get_weather",
      "find_place",
      "add",
      "send_email",
      "list_todos",
      "complete_todo",
      "web_search",
      "book_flight",
      "convert",
    ),
    fc.constantFrom(
      "",
      "Weather forecast for a place",
      "Find a place: latitude and longitude",
      "Add two numbers",
      "Send an email message",
    ),
    fc.dictionary(fc.constantFrom(...names), anySchema, { maxKeys: 5 }),
    fc.func(fc.boolean()),
  )
  .map(([name, words, properties, isRequired]): Tool => {
    const optional = Object.keys(properties).filter((property) => !isRequired(property));
    const made = toolOf(name, words, properties, optional);
    return { ...made, input_schema: { ...made.input_schema, $defs: definitions } };
  });
const tools = fc.uniqueArray(tool, { selector: ({ name }) => name, minLength: 1, maxLength: 4 });

const question = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "Will it rain in Oslo, Norway tomorrow?",
      "Compare the weather in São Paulo and New York for the next 10 days",
      "what is 17 plus 25?",
      "Send an email to anna@example.com saying 'see you at 5pm'",
      "Add milk and eggs to my todo list with high priority by 3 December",
      "Book a flight from Oslo to Lima on Friday for 2 people in EUR, order #A12",
      "Find https://example.com/page and translate it to french",
      "Mark buy milk as done and show my todos, verbose please",
    ),
  },
  fc.string({ minLength: 1, unit: "grapheme" }).filter((words) => words.trim() !== ""),
);

const results = fc.array(
  fc.oneof(
    fc.constantFrom<unknown>(
      { name: "Oslo", latitude: 59.91, longitude: 10.75, id: 7, order_id: "o1" },
      { days: [{ date: "2026-11-23", high: "4 °C", rain: 0 }], note: "typical values" },
      [{ id: 1, title: "buy milk", email: "a@b.co" }],
      new Error("days must be at most 3"),
      new Error('Unknown place. Did you mean "Oslo"?'),
      new Error("Available: Oslo, Lima, high, low"),
      "plain text",
      "",
    ),
    fc.jsonValue(),
  ),
  { minLength: 1, maxLength: 6 },
);

function replaying(all: readonly unknown[]): RunTool {
  let next = 0;
  return () => {
    const result = all[next++ % all.length];
    if (result instanceof Error) throw result;
    return result;
  };
}

describe("whatever the tools, the question and the results", () => {
  test("the demo mind's inputs are valid, and it comes to an end", () => {
    let calls = 0;
    fc.assert(
      fc.property(tools, question, results, (given, words, replies) => {
        const { rounds, answer } = converse(given, words, replaying(replies));
        calls += rounds.flat().length;
        expect(answer).not.toBe("");
      }),
      { numRuns: 400 },
    );
    expect(calls).toBeGreaterThan(40);
  });

  test("so are those it is forced to make", () => {
    let calls = 0;
    fc.assert(
      fc.property(tools, question, results, (given, words, replies) => {
        calls += converse(given, words, replaying(replies), { tool_choice: { type: "any" } }).rounds.flat()
          .length;
      }),
      { numRuns: 400 },
    );
    expect(calls).toBeGreaterThan(150);
  });

  test("an answer in JSON follows its schema, or it is an error that says why there is none", () => {
    let made = 0;
    fc.assert(
      fc.property(tool, question, ({ input_schema: schema }, words) => {
        // Most of these schemas have more in them than the API has a grammar for.
        const answer = answerTo(words, { output_config: { format: { type: "json_schema", schema } } });
        if (answer.startsWith("400: output_config.format: ")) return;
        expect(violations(JSON.parse(answer), schema)).toEqual([]);
        made += 1;
      }),
      { numRuns: 200 },
    );
    expect(made).toBeGreaterThan(150);
  });
});

test("the mind's own reading of a schema agrees with a validator written apart from it", () => {
  fc.assert(
    fc.property(anySchema, fc.jsonValue(), (schema, value) => {
      const root = { ...schema, $defs: definitions };
      expect([value, fits(value, root, root)]).toEqual([value, violations(value, root).length === 0]);
    }),
    { numRuns: 1_000 },
  );
});

describe("a schema that asks for more than there is time for", () => {
  const wide = (levels: number, innermost: object = { type: "string" }): object =>
    levels === 0 ? innermost : { type: "array", minItems: 100, items: wide(levels - 1, innermost) };
  const twice = (levels: number): object => {
    const inner = { $ref: `#/$defs/level${levels - 1}` };
    return levels === 0 ? { type: "string" } : { allOf: [inner, inner] };
  };
  const $defs = Object.fromEntries(Array.from({ length: 40 }, (_, level) => [`level${level}`, twice(level)]));

  test.each<[string, object]>([
    ["a list of a thousand million", { type: "array", minItems: 1e9, items: { type: "string" } }],
    ["a text of a thousand million characters", { type: "string", minLength: 1e9 }],
    ["a pattern that takes for ever", { type: "string", pattern: "^(([a-z])+.)+[A-Z]([a-z])+$" }],
    ["lists of lists of lists", wide(6)],
    ["lists of lists of long patterns", wide(2, { type: "string", pattern: `^${"[é]".repeat(300)}$` })],
    ["parts that double forty times", { $ref: "#/$defs/level39" }],
    ["alternatives that are themselves", { anyOf: [{ $ref: "#/properties/x" }, { $ref: "#/properties/x" }] }],
  ])("is given up: %s", (_name, x) => {
    const input_schema = { type: "object" as const, properties: { x }, required: ["x"], $defs };
    const answer = answerTo("a".repeat(40), {
      tools: [{ name: "look", input_schema }],
      tool_choice: { type: "any" },
    });
    expect(answer).toMatch(/^400: tool_choice: .*can't make a call/);
  });
});
