import { describe, expect, test } from "vitest";
import { refuseMessageRequest } from "../src/index.js";
import { type Fields, newest, request, tool } from "./request-parts.js";

const closed = (properties: Fields, more: Fields = {}): Fields => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});
const text = { type: "string" };

/** What is said of a schema in a strict tool; the same must be said of it as the form of an answer. */
function refusalOf(schema: Fields): string | undefined {
  const strict = refuseMessageRequest(
    request({ tools: [tool({ strict: true, input_schema: schema })] }),
    newest,
  );
  const format = refuseMessageRequest(
    request({ output_config: { format: { type: "json_schema", schema } } }),
    newest,
  );
  const words = strict?.replace(/^tools\.0\.custom: /, "");
  expect(format?.replace(/^output_config\.format\.schema: /, "")).toBe(words);
  return words;
}

describe("a schema that leads back to itself has no grammar:", () => {
  test.each<[what: string, schema: Fields, circle: string]>([
    ["the root", closed({ next: { $ref: "#" } }), "# -> #"],
    ["a definition", closed({}, { $defs: { a: closed({ b: { $ref: "#/$defs/a" } }) } }), "a -> a"],
    [
      "two definitions, by the name of older drafts",
      closed(
        { first: { $ref: "#/definitions/a" } },
        {
          definitions: {
            a: closed({ b: { $ref: "#/definitions/b" } }),
            b: { type: "array", items: { $ref: "#/definitions/a" } },
          },
        },
      ),
      "a -> b -> a",
    ],
    [
      "a property",
      closed({ a: closed({ b: { $ref: "#/properties/a" } }) }),
      "#/properties/a -> #/properties/a",
    ],
    [
      "a list",
      closed({ l: { type: "array", items: { $ref: "#/properties/l" } } }),
      "#/properties/l -> #/properties/l",
    ],
    [
      "a definition whose name is escaped",
      closed({}, { $defs: { "a/b~c d": closed({ x: { $ref: "#/$defs/a~1b~0c%20d" } }) } }),
      "a~1b~0c%20d -> a~1b~0c%20d",
    ],
    ["an anchor", closed({ a: closed({ b: { $ref: "#node" } }, { $anchor: "node" }) }), "#node -> #node"],
    [
      "a definition within a definition",
      closed({}, { $defs: { a: { $defs: { b: closed({ c: { $ref: "#/$defs/a/$defs/b" } }) }, ...text } } }),
      "#/$defs/a/$defs/b -> #/$defs/a/$defs/b",
    ],
    [
      "what stands in a list of schemas",
      closed({ a: { anyOf: [text, closed({ b: { $ref: "#/properties/a/anyOf/1" } })] } }),
      "#/properties/a/anyOf/1 -> #/properties/a/anyOf/1",
    ],
    [
      "what is only denied",
      closed({}, { $defs: { a: { ...text, not: { anyOf: [{ $ref: "#/$defs/a" }] } } } }),
      "a -> a",
    ],
  ])("%s", (_, schema, circle) => {
    const words = refuseMessageRequest(
      request({ output_config: { format: { type: "json_schema", schema } } }),
      newest,
    );
    expect(words).toBe(
      `output_config.format.schema: Circular reference detected in schema definitions: ${circle}`,
    );
  });
});

test("a strict tool may not either", () => {
  const circle = closed({ a: closed({ b: { $ref: "#/properties/a" } }) });
  expect(refusalOf(circle)).toMatch(/^Circular reference detected/);
});

test.each<[what: string, schema: Fields]>([
  [
    "a property that has the name of a definition",
    closed(
      { n: text, q: { $ref: "#/$defs/q" } },
      {
        $defs: {
          q: closed({ z: { $ref: "#/properties/n" } }),
          n: closed({ w: { $ref: "#/$defs/q" } }),
        },
      },
    ),
  ],
  ["a definition that nobody refers to", closed({}, { $defs: { a: closed({ b: { $ref: "#" } }) } })],
  ["a property called $ref", closed({ a: closed({ $ref: text }) })],
  ["a reference to the same from two places", closed({ a: text, b: { $ref: "#/properties/a" } })],
  ["a name that is empty", closed({ a: { $ref: "#/$defs/" } }, { $defs: { "": text } })],
  [
    "a place in a list",
    closed({ a: { anyOf: [text, { type: "null" }] }, b: { $ref: "#/properties/a/anyOf/1" } }),
  ],
  ["an anchor", closed({ a: { ...text, $anchor: "here" }, b: { $ref: "#here" } })],
  ["a default that looks like a schema", closed({ a: { ...text, default: { $ref: "#", oneOf: [] } } })],
  ["simple values to choose from", closed({ a: { enum: ["a", 1, true, null] } })],
  ["values of one type", closed({ a: { type: "number", enum: [1, 2.5] }, b: { type: "null", const: null } })],
  ["several types", closed({ a: { type: ["string", "null"] } })],
  ["a pattern that only looks odd", closed({ a: { ...text, pattern: "^(?:[(?=\\b]|\\\\b|\\(?=|\\d+)$" } })],
])("%s is taken", (_, schema) => {
  expect(refusalOf(schema)).toBeUndefined();
});

describe("what has no grammar is found", () => {
  const numeric = "For 'number' type, properties minimum are not supported";
  const open = "For 'object' type, 'additionalProperties' must be explicitly set to false";

  test.each<[schema: Fields, words: string]>([
    [{ minimum: 3 }, numeric],
    [{ maxLength: 3 }, "For 'string' type, properties maxLength are not supported"],
    [{ uniqueItems: true }, "For 'array' type, property 'uniqueItems' is not supported"],
    [{ minItems: 2 }, "For 'array' type, 'minItems' values other than 0 or 1 are not supported (got: [2])"],
    [{ properties: { b: text } }, open],
    [{ minProperties: 1 }, "For 'object' type, properties minProperties are not supported"],
    [
      { additionalProperties: text },
      "For 'object' type, 'additionalProperties: object' is not supported. Please set 'additionalProperties' to false",
    ],
  ])("where a schema names no type: %j", (schema, words) => {
    expect(refusalOf(closed({ a: schema }))).toBe(words);
  });

  test.each<[where: string, schema: Fields]>([
    ["items", { type: "array", items: { minimum: 3 } }],
    ["prefixItems", { type: "array", prefixItems: [text, { type: "number", minimum: 3 }] }],
    ["contains", { type: "array", contains: { minimum: 3 } }],
    ["not", { not: { minimum: 3 } }],
    ["if", { if: { minimum: 3 } }],
    ["then", JSON.parse('{"if":{"type":"string"},"then":{"minimum":3}}')],
    ["else", { if: text, else: { minimum: 3 } }],
    ["anyOf", { anyOf: [text, { minimum: 3 }] }],
    ["allOf", { allOf: [text, { minimum: 3 }] }],
    ["propertyNames", closed({}, { propertyNames: { minimum: 3 } })],
    ["dependentSchemas", closed({}, { dependentSchemas: { a: { minimum: 3 } } })],
    ["$defs", closed({}, { $defs: { a: { minimum: 3 } } })],
    ["definitions", closed({}, { definitions: { a: { minimum: 3 } } })],
  ])("under %s", (_, schema) => {
    expect(refusalOf(closed({ a: schema }))).toBe(numeric);
  });

  test.each<[what: string, schema: Fields, words: string]>([
    ["an object to choose", { enum: ["a", { x: 1 }] }, "Complex types in 'enum' are not supported"],
    ["a list to choose", { enum: [[1]] }, "Complex types in 'enum' are not supported"],
    [
      "a choice beside a list of types",
      { type: ["string", "null"], enum: ["low", null] },
      "Invalid schema: Enum value 'low' does not match declared type '['string', 'null']'",
    ],
    [
      "a choice of another type",
      { ...text, enum: ["a", null] },
      "Invalid schema: Enum value 'None' does not match declared type 'string'",
    ],
    [
      "a truth among numbers",
      { type: "integer", enum: [1, true] },
      "Invalid schema: Enum value 'True' does not match declared type 'integer'",
    ],
    [
      "a value of another type",
      { ...text, const: 1 },
      "Invalid schema: Enum value '1' does not match declared type 'string'",
    ],
    ["a lookahead", { ...text, pattern: "(?=a)b" }, "Regex lookarounds are not supported in 'pattern'"],
    [
      "a denied lookbehind",
      { ...text, pattern: "(?<!a)b" },
      "Regex lookarounds are not supported in 'pattern'",
    ],
    [
      "a backreference",
      { ...text, pattern: "(a)\\1" },
      "Regex backreferences are not supported in 'pattern'",
    ],
    [
      "a named backreference",
      { ...text, pattern: "(?<n>a)\\k<n>" },
      "Regex backreferences are not supported in 'pattern'",
    ],
    ["a word's edge", { ...text, pattern: "\\ba" }, "Regex word boundaries are not supported in 'pattern'"],
    ["a reference to nothing", { $ref: "#/$defs/no" }, "Reference '#/$defs/no' cannot be resolved"],
    ["an anchor that is not there", { $ref: "#no" }, "Reference '#no' cannot be resolved"],
    ["a reference elsewhere", { $ref: "a.json" }, "External references are not supported: 'a.json'"],
  ])("%s", (_, schema, words) => {
    expect(refusalOf(closed({ a: schema }))).toBe(words);
  });
});
