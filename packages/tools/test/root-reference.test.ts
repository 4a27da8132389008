import type { InputSchema } from "@lockstitch/core";
import { describe, expect, test } from "vitest";
import { compile, inputSchemaOf, refusalOf } from "./support.js";

const parse = (input: unknown) => input;
const given = (jsonSchema: object) => ({ jsonSchema: jsonSchema as InputSchema, parse });
const sent = (jsonSchema: object) => inputSchemaOf(given(jsonSchema));
const text = { type: "string" } as const;

describe("a definition that the root refers to takes its place", () => {
  const into = { $ref: "#/$defs/Node/properties/a" };
  test.each<[what: string, b: object]>([
    ["in a property", into],
    ["in what a text holds", { type: "string", contentSchema: into }],
    ["by its name in percent signs", { $ref: "#/%24defs/Node/properties/a" }],
  ])("and stays where something refers into it, %s", (_what, b) => {
    const node = { type: "object", properties: { a: text, b } };
    const schema = sent({ $ref: "#/$defs/Node", $defs: { Node: node } });
    expect(schema).toEqual({ ...node, $defs: { Node: node } });
    expect(() => compile(schema)).not.toThrow();
  });

  test("and goes where others alone are referred to", () => {
    const node = { type: "object", properties: { a: { $ref: "#/$defs/Nodes" } } };
    expect(sent({ $ref: "#/$defs/Node", $defs: { Node: node, Nodes: text } })).toEqual({
      ...node,
      $defs: { Nodes: text },
    });
  });

  test.each([
    ["My Type", "#/$defs/My%20Type"],
    ["a/b~c", "#/$defs/a~1b~0c"],
    ["a/b", "#/$defs/a%7E1b"],
    ["100%", "#/$defs/100%"],
  ])("whatever it is called: %s", (name, $ref) => {
    expect(sent({ $ref, $defs: { [name]: { type: "object" } } })).toEqual({ type: "object" });
  });

  test("and so does one that it refers to in its turn", () => {
    const $defs = { A: { $ref: "#/$defs/B" }, B: { $ref: "#/definitions/C", description: "C" } };
    const definitions = { C: { type: "object", properties: { a: text } } };
    expect(sent({ type: "object", $ref: "#/$defs/A", $defs, definitions })).toEqual({
      type: "object",
      description: "C",
      properties: { a: text },
    });
  });

  test("without its address", () => {
    const $defs = { A: { $id: "https://a.example/a", type: "object", $defs: { B: text } } };
    expect(sent({ $ref: "#/$defs/A", $defs })).toEqual({ type: "object" });
  });

  test("but for one that leads back to itself, which is no object", () => {
    const $defs = { A: { $ref: "#/$defs/B" }, B: { $ref: "#/$defs/A" } };
    expect(refusalOf(() => sent({ $ref: "#/$defs/A", $defs }))).toMatch(/must be an object at its root/);
  });
});

describe("what the root says beside its reference", () => {
  const $defs = {
    A: {
      type: "object",
      description: "A",
      properties: { a: text, b: text },
      required: ["a"],
    },
  };

  test("holds with what the definition says", () => {
    const schema = sent({
      $ref: "#/$defs/A",
      required: ["b", "a"],
      minProperties: 2,
      description: "B",
      $defs,
    });
    expect(schema).toEqual({ ...$defs.A, description: "B", required: ["a", "b"], minProperties: 2 });
    expect(compile(schema)({ b: "" })).toBe(false);
  });

  test("holds once where both say the same", () => {
    expect(sent({ type: "object", $ref: "#/$defs/A", required: ["a"], $defs })).toEqual($defs.A);
  });

  test("is refused where both have a rule that no one object can say", () => {
    const properties = { a: { type: "string", minLength: 1 } };
    expect(refusalOf(() => sent({ $ref: "#/$defs/A", properties, $defs }))).toMatch(
      /probe must be an object at its root.*intersection: make it one object/,
    );
  });

  const name = { properties: { b: text } };
  const numbers = { additionalProperties: { type: "number" } };
  const kind = { required: ["a"] };
  const [whenSo, otherwise] = ["then", "else"].map((keyword) => Object.fromEntries([[keyword, name]]));
  test.each<[what: string, definition: object, beside: object]>([
    ["a definition's rule for all other properties, by a property beside it", numbers, name],
    ["such a rule, by a pattern of names", numbers, { patternProperties: { "^b": text } }],
    ["such a rule beside it, by a property of the definition", name, { additionalProperties: false }],
    ["a rule for what is left", { unevaluatedProperties: false }, name],
    ["a condition", { if: kind }, { ...whenSo }],
    ["a condition beside it", { ...otherwise }, { if: kind }],
    ["the items after the first", { items: text }, { prefixItems: [{ type: "number" }] }],
    ["how many items fit", { contains: text }, { minContains: 0 }],
    ["how few items fit", { maxContains: 1 }, { contains: text }],
    ["what is left of a list", { unevaluatedItems: false }, { contains: text }],
  ])("is refused where one object would change %s", (_what, definition, beside) => {
    const refusal = refusalOf(() =>
      sent({ $ref: "#/$defs/A", ...beside, $defs: { A: { type: "object", ...definition } } }),
    );
    expect(refusal).toMatch(/intersection: make it one object/);
  });

  test.each<[what: string, definition: object, beside: object]>([
    ["a rule for all other properties, of none", numbers, { minProperties: 1 }],
    ["properties, and names by a pattern", name, { patternProperties: { "^c": text } }],
    ["the same properties, which are all", name, { ...name, additionalProperties: false }],
    ["a condition, and another outcome of it", { if: kind, ...whenSo }, { if: kind, ...otherwise }],
    // It sees what the reference beside it leads to.
    ["a rule for what the definition leaves", name, { unevaluatedProperties: false }],
  ])("stands with what the definition says: %s", (_what, definition, beside) => {
    const schema = { $ref: "#/$defs/A", ...beside, $defs: { A: { type: "object", ...definition } } };
    expect(sent(schema)).toEqual({ type: "object", ...definition, ...beside });
  });

  test("is left to be refused where it is no legal rule", () => {
    expect(refusalOf(() => sent({ $ref: "#/$defs/A", required: true, $defs }))).toMatch(/probe/);
  });
});
