import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inputSchemaOf } from "../src/input-schema.js";
import type { Schema } from "../src/json-schema.js";
import { schemaRefusal as refusal } from "./support.js";

const of = (inputSchema: Schema) => inputSchemaOf({ name: "a", inputSchema });

/** Any JSON, but for the most part what a server may think a schema is: a few keywords, now and then with an odd value. */
const anyValue = fc.jsonValue({ maxDepth: 1 });
const oddly = (right: fc.Arbitrary<unknown>, weight = 8) =>
  fc.oneof({ weight, arbitrary: right }, { weight: 1, arbitrary: anyValue });
const anyName = fc.constantFrom("a", "b", "x.y", "__proto__", "(");
const references = [
  "#",
  "#/properties/a",
  "#/$defs/a",
  "#/definitions/b",
  "#/items/0",
  "#c",
  "x.json",
  "#/%",
];
const dialects = ["http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema"];
const typeName = fc.constantFrom("object", "array", "string", "number", "any");
const { anySchema } = fc.letrec<{ anySchema: unknown }>((tie) => {
  const inner = oddly(tie("anySchema"), 30);
  const named = fc.dictionary(anyName, inner, { maxKeys: 3 });
  const list = fc.array(inner, { maxLength: 2 });
  const keywords: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
    $schema: fc.constantFrom(...dialects),
    type: oddly(fc.oneof(typeName, fc.array(typeName, { minLength: 1, maxLength: 2 }))),
    properties: oddly(named),
    $defs: oddly(named),
    definitions: named,
    patternProperties: named,
    required: oddly(fc.oneof(fc.array(anyName), fc.boolean())),
    items: fc.oneof(inner, list),
    additionalItems: inner,
    additionalProperties: inner,
    anyOf: list,
    oneOf: list,
    allOf: list,
    not: inner,
    if: inner,
    dependencies: oddly(fc.dictionary(anyName, fc.oneof(inner, fc.array(anyName)), { maxKeys: 2 })),
    $ref: oddly(fc.constantFrom(...references)),
    $recursiveRef: fc.constantFrom("#", "x.json"),
    $recursiveAnchor: oddly(fc.boolean()),
    $id: oddly(fc.constantFrom("#c", "x.json", "#/c", "x#y")),
    $anchor: oddly(fc.constant("c")),
    pattern: oddly(fc.constantFrom("^a", "(", "(?i)a")),
    minimum: oddly(fc.integer()),
    exclusiveMinimum: oddly(fc.oneof(fc.boolean(), fc.integer())),
    minLength: oddly(fc.nat()),
    title: oddly(fc.string()),
    examples: oddly(fc.array(fc.string())),
  };
  const said = Object.entries(keywords).map(([keyword, value]) => value.map((it) => [keyword, it] as const));
  const some = fc.uniqueArray(fc.oneof(...said), { maxLength: 4, selector: ([keyword]) => keyword });
  const schema = some.map((entries): unknown => Object.fromEntries(entries));
  return {
    anySchema: fc.oneof({ maxDepth: 3 }, fc.constantFrom<unknown>(true, {}, { type: "string" }), schema),
  };
});
const isObject = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const rootSchema = fc
  .tuple(anySchema.filter(isObject), fc.dictionary(anyName, anySchema, { maxKeys: 2 }), fc.boolean())
  .map(
    ([schema, properties, isTame]): Schema => (isTame ? { ...schema, type: "object", properties } : schema),
  );
const atAll = { numRuns: 2_000 };

describe("whatever a server says a schema is", () => {
  it("the API takes what is shown of it", () => {
    const seen = { taken: 0, lessened: 0, left: 0 };
    fc.assert(
      fc.property(rootSchema, (schema) => {
        const taken = of(schema);
        if ("problem" in taken) {
          seen.left += 1;
          return;
        }
        seen[taken.leftOut.length > 0 ? "lessened" : "taken"] += 1;
        expect(refusal(JSON.parse(JSON.stringify(taken.inputSchema)))).toBeUndefined();
      }),
      atAll,
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(atAll.numRuns / 100);
  });

  it("it is left as it was", () => {
    fc.assert(
      fc.property(rootSchema, (schema) => {
        const before = JSON.stringify(schema);
        of(schema);
        expect(JSON.stringify(schema)).toBe(before);
      }),
    );
  });
});
