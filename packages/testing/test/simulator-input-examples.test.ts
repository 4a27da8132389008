import { describe, expect, test } from "vitest";
import { demoMind, refuseMessageRequest } from "../src/index.js";
import { hasEndlessReference } from "../src/simulator/json-schema/endless-reference.js";
import { breaks } from "../src/simulator/json-schema/fits.js";
import { expectRefusal, type Fields, newest, request, tool } from "./request-parts.js";

const withExamples = (input_schema: Fields, ...input_examples: unknown[]): Fields =>
  request({ tools: [tool({ input_schema: { type: "object", ...input_schema }, input_examples })] });
const of = (x: unknown): Fields => ({ properties: { x } });

describe("an example of a tool's input", () => {
  test.each<[what: string, schema: Fields, example: Fields]>([
    ["of another type", of({ type: "number" }), { x: "1" }],
    ["without what is required", { required: ["x"] }, {}],
    ["with what there is not", { ...of({}), additionalProperties: false }, { y: 1 }],
    ["that is not among the choices", of({ enum: ["a", "b"] }), { x: "c" }],
    ["behind a reference", { ...of({ $ref: "#/$defs/n" }), $defs: { n: { minimum: 1 } } }, { x: 0 }],
    ["of no variant", of({ anyOf: [{ type: "string" }, { type: "null" }] }), { x: 1 }],
    ["deep in a tree", tree(), { children: [{ children: [{ name: 5 }] }] }],
    ["that lacks what another part needs", { dependentRequired: { x: ["toString"] } }, { x: 1 }],
  ])("must be an input that it would take: %s", (_, schema, example) => {
    expectRefusal(
      withExamples(schema, example),
      /^tools\.0\.custom\.input_examples\.0: Input example does not match the tool's `input_schema`$/,
    );
  });

  test("is named by its place", () => {
    expectRefusal(
      withExamples(of({ type: "number" }), { x: 1 }, {}, { x: "2" }),
      "tools.0.custom.input_examples.2: Input example does not match the tool's `input_schema`",
    );
  });

  test.each<[what: string, schema: Fields, example: Fields]>([
    ["nothing at all, where all is optional", of({ type: "string" }), {}],
    ["a tree", tree(), { name: "a", children: [{ name: "b", children: [] }] }],
    ["a format, which says nothing of validity", of({ type: "string", format: "date" }), { x: "tomorrow" }],
    ["a pattern of another dialect", of({ type: "string", pattern: "(?i)^a+$" }), { x: "AA" }],
    ["and what such a pattern keeps from being known", of({ not: { pattern: "(?i)^b+$" } }), { x: "AA" }],
    ["a pattern that would take for ever", of({ pattern: "^(a+)+$" }), { x: `${"a".repeat(40)}!` }],
    ["a reference that leads nowhere", of({ $ref: "#/$defs/%zz" }), { x: 1 }],
    ["none of what need not be contained", of({ contains: { const: 1 }, minContains: 0 }), { x: [] }],
    ["a name of every object", { dependentRequired: { constructor: ["y"] } }, { x: 1 }],
  ])("is taken: %s", (_, schema, example) => {
    expect(refuseMessageRequest(withExamples(schema, example), newest)).toBeUndefined();
  });

  test("is judged as far as it can be, however far down a chain of references goes", () => {
    const $defs: Fields = {};
    for (let index = 0; index < 20_000; index++) $defs[`d${index}`] = { $ref: `#/$defs/d${index + 1}` };
    $defs.d20000 = { type: "string" };
    expect(
      refuseMessageRequest(withExamples({ ...of({ $ref: "#/$defs/d0" }), $defs }, { x: 1 }), newest),
    ).toBeUndefined();
  });
});

describe("a reference that leads back to itself", () => {
  const circles: readonly [what: string, schema: Fields][] = [
    ["alone", { $defs: { a: { $ref: "#/$defs/a" } }, ...of({ $ref: "#/$defs/a" }) }],
    ["unused", { $defs: { a: { $ref: "#/$defs/a" } } }],
    ["from the root", { $ref: "#" }],
    ["in a circle", { $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } }],
    ["by way of all", { $defs: { a: { allOf: [{}, { $ref: "#/$defs/a" }] } } }],
    [
      "by way of one of several",
      { $defs: { a: { anyOf: [{ $ref: "#/$defs/b" }] }, b: { not: { $ref: "#/$defs/a" } } } },
    ],
    ["by way of a condition", { $defs: { a: { if: {}, else: { $ref: "#/$defs/a" } } } }],
  ];

  test.each(circles)("makes no schema: %s", (_, schema) => {
    const refusal = /^tools\.0\.custom\.input_schema: JSON schema is invalid\./;
    expectRefusal(withExamples(schema), refusal);
    expectRefusal(withExamples(schema, { x: 1 }), refusal);
  });

  test.each(circles)("and a mind that is asked all the same gets to an end: %s", async (_, schema) => {
    const messages = [{ role: "user" as const, content: "Look at 5 things in Oslo" }];
    const input_schema = {
      type: "object" as const,
      required: ["x"],
      ...of({ $ref: "#/$defs/a" }),
      ...schema,
    };
    const asked = { model: "m", max_tokens: 9, messages, tools: [{ name: "look", input_schema }] };
    const context = { now: 0, signal: new AbortController().signal };
    expect(await demoMind(asked as never, context)).toHaveProperty("content");
  });

  test("is something else than one that goes down into a value", () => {
    expect(hasEndlessReference(tree())).toBe(false);
    expect(hasEndlessReference({ ...of({ not: {} }), $defs: { a: { items: { $ref: "#/$defs/a" } } } })).toBe(
      false,
    );
    expect(breaks({ children: [{}] }, tree())).toBe(false);
  });
});

function tree(): Fields {
  return {
    properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#" } } },
  };
}
