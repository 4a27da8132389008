import { describe, expect, it } from "vitest";
import { inputSchemaOf } from "../src/input-schema.js";
import type { Schema } from "../src/json-schema.js";
import { schemaRefusal as refusal } from "./support.js";

const of = (inputSchema: Schema) => inputSchemaOf({ name: "a", inputSchema });
const object = (properties: Schema, more: Schema = {}) => ({ type: "object", ...more, properties });
const draft = (version: string) => ({ $schema: `http://json-schema.org/draft-0${version}/schema#` });

describe("a schema that the API takes", () => {
  it("is taken through as it is", () => {
    const schema = {
      $defs: { Place: { type: "object", properties: { near: { $ref: "#/$defs/Place" } } } },
      definitions: { Name: { type: "string" } },
      ...object({
        when: { anyOf: [{ type: "string", format: "date" }, { type: "null" }] },
        where: { $ref: "#/$defs/Place", description: "A place" },
        who: { $ref: "#/definitions/Name" },
        pair: { type: "array", prefixItems: [{ type: "string" }, true], items: false },
        ["__proto__"]: { type: "number", exclusiveMinimum: 0, default: null },
        which: { oneOf: [{ const: null }, { enum: ["a", 5] }], examples: ["a"] },
        anchored: { $anchor: "here", type: "array", items: { $ref: "#here" } },
        "x.y": { type: ["integer", "null"], multipleOf: 0.5, "x-own": { exclusiveMinimum: true } },
      }),
      required: ["when"],
      additionalProperties: false,
    };
    expect(of(schema)).toEqual({ inputSchema: schema, leftOut: [] });
    expect(refusal(schema)).toBeUndefined();
  });
});

describe("a schema of an older draft", () => {
  it.each<[string, Schema, unknown]>([
    [
      "draft 4's exclusive bounds",
      object({ a: { minimum: 0, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: true } }),
      object({ a: { exclusiveMinimum: 0, exclusiveMaximum: 9 } }),
    ],
    [
      "bounds that are not exclusive, or are none",
      object({ a: { minimum: 0, exclusiveMinimum: false }, b: { exclusiveMaximum: true } }),
      object({ a: { minimum: 0 }, b: {} }),
    ],
    [
      "a tuple",
      object({ a: { items: [{ type: "string" }, {}], additionalItems: { type: "null" } } }),
      object({ a: { prefixItems: [{ type: "string" }, {}], items: { type: "null" } } }),
    ],
    [
      "a tuple of nothing, and more items of what was no tuple",
      object({ a: { items: [], additionalItems: false }, b: { items: {}, additionalItems: false } }),
      object({ a: { items: false }, b: { items: {} } }),
    ],
    [
      "dependencies",
      object({ a: { dependencies: { x: ["y"], z: { minProperties: 2 }, v: "w" } } }),
      object({
        a: { dependentRequired: { x: ["y"], v: ["w"] }, dependentSchemas: { z: { minProperties: 2 } } },
      }),
    ],
    [
      "the draft's name, and an id that is an anchor",
      {
        ...draft("7"),
        ...object({ a: { $id: "#name", type: "string" }, b: { $ref: "#name" }, c: { id: "#d" } }),
      },
      object({ a: { $anchor: "name", type: "string" }, b: { $ref: "#name" }, c: { $anchor: "d" } }),
    ],
    [
      "an id that only repeats its place",
      { ...draft("7"), ...object({ a: { $id: "#/properties/a", items: { $id: "#/properties/a/items" } } }) },
      object({ a: { items: {} } }),
    ],
    [
      "what stands beside a reference, which draft 7 did not hear",
      {
        ...draft("7"),
        definitions: { A: {} },
        ...object({ a: { $ref: "#/definitions/A", type: "null", title: "T" } }),
      },
      { definitions: { A: {} }, ...object({ a: { $ref: "#/definitions/A", title: "T" } }) },
    ],
    [
      "what stands beside a reference, which 2020-12 hears",
      { $defs: { A: {} }, ...object({ a: { $ref: "#/$defs/A", type: "null" } }) },
      { $defs: { A: {} }, ...object({ a: { $ref: "#/$defs/A", type: "null" } }) },
    ],
    [
      "draft 3's way to say required and any",
      object({ a: { type: "any", required: true }, b: { required: false } }, { required: ["c"] }),
      object({ a: {}, b: {} }, { required: ["c", "a"] }),
    ],
    [
      "draft 2019-09's reference to the root",
      object({ a: { $recursiveRef: "#" } }, { $recursiveAnchor: true }),
      object({ a: { $ref: "#" } }),
    ],
    [
      "what a serialiser writes for nothing",
      object(
        { a: { type: "string", enum: null, title: null, minLength: null, default: null }, b: [] },
        { required: null },
      ),
      object({ a: { type: "string", default: null }, b: {} }),
    ],
    [
      "PHP's empty object",
      { type: "object", properties: [], $defs: [] },
      { type: "object", properties: {}, $defs: {} },
    ],
    [
      "repetitions",
      object({ a: { type: ["null", "null"] } }, { required: ["a", "a"] }),
      object({ a: { type: ["null"] } }, { required: ["a"] }),
    ],
    [
      "notes that are none",
      object({ a: { title: 5, description: ["x"], examples: "y", deprecated: "soon", format: {} } }),
      object({ a: {} }),
    ],
    ["a root that says nothing of objects", { properties: { a: {} } }, object({ a: {} })],
    ["a root that may be more than an object", { type: ["object", "null"] }, { type: "object" }],
    [
      "a root that is a reference",
      {
        $ref: "#/definitions/A",
        definitions: { A: { type: "object", properties: { a: { $ref: "#/definitions/A" } } } },
      },
      {
        definitions: { A: { type: "object", properties: { a: { $ref: "#/definitions/A" } } } },
        ...object({ a: { $ref: "#/definitions/A" } }),
      },
    ],
    [
      "a root that refers to one with a word that every object has",
      { $ref: "#/$defs/A", $defs: { A: { type: "object", constructor: 5 } } },
      { type: "object", constructor: 5, $defs: { A: { type: "object", constructor: 5 } } },
    ],
    [
      "a default and an enum that look like schemas",
      object({ a: { default: { exclusiveMinimum: true }, enum: [[], null] } }),
      object({ a: { default: { exclusiveMinimum: true }, enum: [[], null] } }),
    ],
  ])("is told in today's words: %s", (_what, schema, shown) => {
    expect(of(schema)).toEqual({ inputSchema: shown, leftOut: [] });
    expect(refusal(shown)).toBeUndefined();
  });
});

describe("what can be left out of a schema, so that it says less", () => {
  it.each<[string, Schema, unknown, readonly string[]]>([
    [
      "choices at the root",
      object({ a: {} }, { anyOf: [{ required: ["a"] }], unevaluatedProperties: false }),
      object({ a: {} }),
      ["anyOf at its root", "unevaluatedProperties at its root"],
    ],
    [
      "references out of the schema, or to nothing",
      object({
        a: { $ref: "https://example.com/a.json" },
        b: { items: { $ref: "#/$defs/B", type: "string" } },
      }),
      object({ a: {}, b: { items: { type: "string" } } }),
      ["$ref at properties.a", "$ref at properties.b.items"],
    ],
    [
      "patterns that are no regular expressions",
      object({ a: { pattern: "(?i)x" }, b: { anyOf: [{ pattern: "(" }, { pattern: "^\\p{L}+$" }] } }),
      object({ a: {}, b: { anyOf: [{}, { pattern: "^\\p{L}+$" }] } }),
      ["pattern at properties.a", "pattern at properties.b.anyOf.0"],
    ],
  ])("is left out: %s", (_what, schema, shown, leftOut) => {
    expect(of(schema)).toEqual({ inputSchema: shown, leftOut });
    expect(refusal(shown)).toBeUndefined();
  });
});

describe("a schema that can't be told to the API", () => {
  it.each<[string, Schema, RegExp]>([
    ["no object", { type: "string" }, /no object/],
    ["a list at its root", { type: ["array", "null"] }, /no object/],
    ["an illegal property", object({ "a b": {} }), /has a property "a b", a name that the API refuses/],
    ["an empty property", object({ "": {} }), /has a property "", a name/],
    [
      "a type that there is not",
      object({ a: { items: { type: "float" } } }),
      /a\[\] has type: "float", which is not legal JSON Schema\. It is one of array/,
    ],
    ["no types", object({ a: { type: [] } }), /a has type: \[\]/],
    ["a text for a list", object({}, { required: "a" }), /the input has required: "a"/],
    ["a text for a number", object({ a: { minLength: "5" } }), /a has minLength: "5"/],
    [
      "a number that JSON has and we don't",
      object({ a: { maximum: JSON.parse("1e999") } }),
      /a number that is too large to be sent on/,
    ],
    [
      "such a number as the only right value",
      object({ a: { items: { enum: ["x", JSON.parse("-1e999")] } } }),
      /a number that is too large to be sent on/,
    ],
    ["a regular expression that became an object", object({ a: { pattern: {} } }), /a has pattern: \{\}/],
    ["a property that is no schema", object({ a: "string" }), /a is "string", and no JSON Schema/],
    ["a choice of nothing", object({ a: { anyOf: "x" } }), /a has anyOf: "x"/],
    ["properties in a list", { type: "object", properties: [{ name: "a" }] }, /the input has properties: \[/],
    ["a definition that is none", object({}, { $defs: { A: 5 } }), /A is 5, and no JSON Schema/],
    ["an anchor that is none", object({ a: { $anchor: "#x" } }), /it has \$anchor: "#x"/],
    ["an id with a fragment", object({ a: { $id: "https://x.example/#/a" } }), /it has \$id: /],
    [
      "dependencies of two kinds",
      object({}, { dependencies: { a: ["b"] }, dependentRequired: {} }),
      /it has dependencies: /,
    ],
    ["a reference to itself", object({ a: { $ref: "#/properties/a" } }), /itself without end/],
    [
      "a circle of references",
      {
        $defs: { A: { allOf: [{ $ref: "#/$defs/B" }] }, B: { $ref: "#/$defs/A" } },
        ...object({ a: { $ref: "#/$defs/A" } }),
      },
      /itself without end/,
    ],
    ["a root that refers to itself", { $ref: "#" }, /itself without end/],
    [
      "a root that is at odds with what it refers to",
      { $ref: "#/$defs/A", minProperties: 1, $defs: { A: { minProperties: 2 } } },
      /says otherwise beside it/,
    ],
    [
      "a lost reference that says what must not be",
      object({ a: { not: { $ref: "x.json" } } }),
      /\$ref at properties\.a\.not can't be followed/,
    ],
    [
      "a lost pattern where one alone must fit",
      object({ a: { oneOf: [{ pattern: "(" }, {}] } }),
      /pattern at properties\.a\.oneOf\.0/,
    ],
    [
      "a pattern of names that is none",
      object({}, { patternProperties: { "(": {} } }),
      /no regular expression/,
    ],
  ])("is not told: %s", (_what, schema, words) => {
    expect(of(schema)).toEqual({ problem: expect.stringMatching(words) });
  });

  it("is found out in no time, however its references are tied", () => {
    const chain = Array.from({ length: 20_000 }, (_, index) => [
      `D${index}`,
      { anyOf: [`#/$defs/D${index + 1}`, "#here"].map(($ref) => ({ $ref })) },
    ]);
    const $defs = Object.fromEntries([...chain, ["D20000", { $anchor: "here" }]]) as Schema;
    expect(of({ $defs, ...object({}) })).toEqual({ problem: expect.stringMatching(/without end/) });
    const wide = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, index) => [`p${index}`, { $ref: "#here" }]),
    );
    expect(of(object({ ...wide, here: { $anchor: "here" } }))).toMatchObject({ leftOut: [] });
  });
});
