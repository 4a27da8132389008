import { describe, expect, test } from "vitest";
import { refuseMessageRequest } from "../src/index.js";
import { expectRefusal, type Fields, newest, request, tool } from "./request-parts.js";

describe("a schema is looked at all the way down", () => {
  const property = (value: unknown): Fields => ({ properties: { place: { properties: { x: value } } } });
  const withSchema = (more: Fields): Fields =>
    request({ tools: [tool({ input_schema: { type: "object", ...more } })] });
  const refusal =
    /^tools\.0\.custom\.input_schema: JSON schema is invalid\. It must match JSON Schema draft 2020-12/;

  test.each<[what: string, schema: Fields]>([
    ["a property that is a text", property("number")],
    ["a type that there is not", property({ type: "strng" })],
    ["a type that is a number", property({ type: 5 })],
    ["no type out of a list", property({ type: [] })],
    ["the same type twice", property({ type: ["string", "string"] })],
    ["an enum that is no list", property({ enum: "a" })],
    ["items in a list, as drafts before had it", property({ type: "array", items: [{ type: "string" }] })],
    ["a property that says of itself that it is required", property({ type: "string", required: true })],
    ["a union that is no list", property({ anyOf: {} })],
    ["a union of nothing", property({ anyOf: [] })],
    ["a union of texts", property({ anyOf: ["string"] })],
    ["a length below zero", property({ type: "string", minLength: -1 })],
    ["a bound that is a boolean, as drafts before had it", property({ minimum: 1, exclusiveMinimum: true })],
    ["a multiple of zero", property({ multipleOf: 0 })],
    ["a pattern that is no text", property({ pattern: 5 })],
    ["a description that is no text", property({ description: ["x"] })],
    ["definitions in a list", { $defs: [] }],
    ["a definition that is none", { $defs: { place: 5 } }],
    ["a reference that is a number", property({ $ref: 5 })],
    ["a name required twice", { required: ["x", "x"] }],
    ["dependencies on what is neither a schema nor names", { dependencies: { x: [1] } }],
    ["additional properties that are a text", { additionalProperties: "no" }],
    ["a choice of one that is a text", property({ oneOf: ["string"] })],
    ["one of a choice that is none", property({ oneOf: [{ type: 5 }] })],
    ["what all of it must be, that is none", property({ allOf: [{ type: 5 }] })],
    ["a denial that is none", property({ not: { type: 5 } })],
    ["a denial that is a text", property({ not: "string" })],
    ["contents that are no schema", property({ type: "string", contentSchema: 5 })],
    ["contents that are none deeper down", property({ contentSchema: { type: 5 } })],
    ["dependent schemas in a list", { dependentSchemas: [{}] }],
    ["a dependent schema that is none", { dependentSchemas: { x: { type: 5 } } }],
    ["names depended on that are no list", { dependentRequired: { x: "y" } }],
    ["names depended on that are no names", { dependentRequired: { x: [5] } }],
    ["pattern properties that are none", { patternProperties: { "^x": 5 } }],
    ["names of properties that are none", { propertyNames: { type: 5 } }],
    ["a condition that is none", { if: { type: 5 } }],
    ["the rest of a list that is none", property({ unevaluatedItems: { type: 5 } })],
    ["a part of a list that is none", property({ prefixItems: [{ type: 5 }] })],
    ["what a list contains that is none", property({ contains: { type: 5 } })],
  ])("%s", (_, schema) => {
    expectRefusal(withSchema(schema), refusal);
  });

  test.each<[what: string, level: (inner: unknown) => unknown]>([
    ["schemas", (inner) => ({ type: "array", items: inner })],
    ["values", (inner) => ({ default: [inner] })],
  ])("but not without end: %s of 50,000 levels are refused", (_, level) => {
    let deep: unknown = {};
    for (let count = 0; count < 50_000; count++) deep = level(deep);
    expectRefusal(withSchema({ properties: { deep } }), refusal);
    expectRefusal(
      request({ output_config: { format: { type: "json_schema", schema: { properties: { deep } } } } }),
      /^output_config\.format\.schema: JSON schema is invalid/,
    );
  });

  test("nor does a chain of 20,000 definitions lead to more than a 400", () => {
    const $defs: Fields = {};
    const closed = (properties: Fields): Fields => ({
      type: "object",
      properties,
      required: Object.keys(properties),
      additionalProperties: false,
    });
    for (let index = 0; index < 20_000; index++)
      $defs[`d${index}`] = closed({ next: { $ref: `#/$defs/d${(index + 1) % 20_000}` } });
    const schema = { ...closed({ first: { $ref: "#/$defs/d0" } }), $defs };
    const circle = /Circular reference detected in schema definitions: d0 -> d1 -> .* -> d19999 -> d0$/;
    expectRefusal(request({ output_config: { format: { type: "json_schema", schema } } }), circle);
    expectRefusal(request({ tools: [tool({ strict: true, input_schema: schema })] }), circle);
    const straight = { ...schema, $defs: { ...$defs, d19999: { type: "string" } } };
    expect(
      refuseMessageRequest(request({ tools: [tool({ strict: true, input_schema: straight })] }), newest),
    ).toBeUndefined();
  });

  test.each(["größe", "a b", "", "$x", "x".repeat(65)])("a parameter can't be named %j", (key) => {
    expectRefusal(
      withSchema({ properties: { [key]: {} } }),
      "tools.0.custom.input_schema.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'",
    );
  });

  test("all that the draft knows is taken, and what it does not know", () => {
    const schema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $id: "https://example.com/place",
      $defs: { place: { $anchor: "place", type: ["string", "null"], minLength: 0 } },
      definitions: { old: true },
      properties: {
        "a.b-c_D1": { $ref: "#/$defs/place", description: "Where", default: [{ deep: null }], examples: [1] },
        pair: {
          type: "array",
          prefixItems: [{ const: 1 }, {}],
          items: false,
          uniqueItems: true,
          maxItems: 2,
        },
        rate: { type: "number", exclusiveMinimum: 0, maximum: 1.5, multipleOf: 0.1, format: "double" },
        either: { anyOf: [{ enum: ["a", null, 1] }, { not: {} }], title: "Either", deprecated: false },
        map: {
          type: "object",
          properties: { größe: {} },
          patternProperties: { "^x": {} },
          propertyNames: {},
        },
        unset: { description: undefined },
      },
      required: ["pair"],
      dependentRequired: { pair: ["rate"] },
      dependencies: { rate: ["pair"], map: { required: ["rate"] } },
      if: { required: ["rate"] },
      additionalProperties: false,
      "x-order": 5,
    };
    expect(refuseMessageRequest(withSchema(schema), newest)).toBeUndefined();
  });
});
