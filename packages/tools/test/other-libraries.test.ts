import { type StandardSchema, tool } from "@lockstitch/tools";
import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { compile, inputSchemaOf, refusalOf, wordsOf } from "./support.js";

const trip = {
  type: "object",
  properties: {
    city: { type: "string", minLength: 2 },
    nights: { type: "number", default: 2 },
    day: { type: "string" },
    unit: { enum: ["c", "f"] },
  },
  required: ["city", "day"],
};

const toDate = (text: string) => new Date(text);
const trips: [library: string, schema: StandardSchema][] = [
  [
    "valibot",
    toStandardJsonSchema(
      v.object({
        city: v.pipe(v.string(), v.minLength(2)),
        nights: v.optional(v.number(), 2),
        day: v.pipe(v.string(), v.transform(toDate)),
        unit: v.optional(v.picklist(["c", "f"])),
      }),
    ),
  ],
  [
    "arktype",
    type({
      city: "string >= 2",
      nights: "number = 2",
      day: type("string").pipe(toDate),
      "unit?": "'c' | 'f'",
    }),
  ],
];

describe.each(trips)("a schema of %s", (library, input) => {
  test("says what it takes, and is no more than that", () => {
    const schema = inputSchemaOf(input);
    const { unit } = schema.properties as Record<string, object>;
    expect(unit).toMatchObject({ enum: ["c", "f"] });
    expect({
      ...schema,
      properties: { ...(schema.properties as object), unit: trip.properties.unit },
    }).toEqual(trip);
    expect(Object.isFrozen(schema)).toBe(true);
    expect(() => compile(schema)).not.toThrow();
  });

  test("gives run its values, with defaults and transforms applied", async () => {
    const made = tool({ name: "probe", description: "A probe.", input, run: (given) => given });
    expect(await made.parse({ city: "Oslo", day: "2026-01-31" })).toEqual({
      city: "Oslo",
      nights: 2,
      day: new Date("2026-01-31"),
    });
  });

  test("explains in its own words what is wrong, and where", async () => {
    const words = await wordsOf(input, { city: "x", nights: "two", day: "d" });
    expect(words).toMatch(/(^|; )city: \S.*; nights: \S/);
    expect(words).not.toContain("city: city");
    expect(library === "valibot" ? words : "Expected >=2").toContain("Expected >=2");
  });
});

describe("arktype", () => {
  test("a default stands in the schema, and what has no JSON is refused with the way out", () => {
    expect(inputSchemaOf(type({ n: "number = 3" })).properties).toEqual({
      n: { type: "number", default: 3 },
    });
    expect(
      inputSchemaOf(type({ a: /^a/i, "b?": [/^b/u, "|", "1"], c: type(/c/).and(/d/m) })).properties,
    ).toEqual({
      a: { type: "string" },
      b: { anyOf: [{ type: "string", pattern: "^b" }, { const: 1 }] },
      c: { type: "string" },
    });
    expect(refusalOf(() => inputSchemaOf(type({ when: "Date" })))).toMatch(
      /knows no JSON for "date".*\.pipe/s,
    );
    expect(refusalOf(() => inputSchemaOf(type({ n: "bigint" })))).toMatch(/"bigint"/);
    expect(refusalOf(() => inputSchemaOf(type("string")))).toMatch(/object at its root.*type string/s);
  });

  test("a check and a transform are what they begin with", () => {
    const input = type({ a: type("string").narrow(() => true), b: "string.integer.parse" });
    expect(inputSchemaOf(input).properties).toMatchObject({ a: { type: "string" }, b: { type: "string" } });
  });

  test("a type that holds itself has the same names in every process", () => {
    const make = () => type.module({ node: { name: "string", "kids?": "node[]" } }).node;
    const [first, second] = [inputSchemaOf(make()), inputSchemaOf(make())];
    expect(JSON.stringify(first)).toBe(JSON.stringify(second));
    expect(JSON.stringify(first)).toContain("#/$defs/type");
    expect(compile(first)({ name: "a", kids: [{ name: "b" }] })).toBe(true);
    expect(compile(first)({ name: "a", kids: [{ name: 1 }] })).toBe(false);
  });
});

describe("valibot", () => {
  test("a bare schema, which says no JSON Schema, is refused with the way out", () => {
    expect(refusalOf(() => inputSchemaOf(v.object({ city: v.string() })))).toContain(
      "toStandardJsonSchema(schema) of @valibot/to-json-schema",
    );
  });

  test("what has no JSON is refused, naming the tool", () => {
    const input = toStandardJsonSchema(v.object({ when: v.date() }));
    expect(refusalOf(() => inputSchemaOf(input))).toMatch(/The input of probe can't be described.*date/);
  });

  test("makes a strict tool as well", () => {
    const input = toStandardJsonSchema(v.object({ city: v.string() }));
    expect(inputSchemaOf(input, true)).toMatchObject({ additionalProperties: false });
    const bounded = toStandardJsonSchema(v.object({ n: v.pipe(v.number(), v.maxValue(3)) }));
    expect(refusalOf(() => inputSchemaOf(bounded, true))).toContain("n has a bound");
  });
});

describe("a plain JSON Schema", () => {
  const jsonSchema = {
    type: "object" as const,
    properties: { city: { type: "string", minLength: 2 } },
    required: ["city"],
  };
  const parse = (input: unknown) => z.object({ city: z.string() }).parse(input);

  test("is sent as it is, as a copy that nobody can change", () => {
    const schema = inputSchemaOf({ jsonSchema, parse });
    expect(schema).toEqual(jsonSchema);
    expect(schema).not.toBe(jsonSchema);
    expect(Object.isFrozen(jsonSchema.properties)).toBe(false);
    expect(Object.isFrozen(jsonSchema.required)).toBe(false);
    expect(Object.isFrozen(schema.properties)).toBe(true);
  });

  test("keeps each of its rules, though one of zod would have said it otherwise", () => {
    const properties = {
      at: { type: "string", format: "time", pattern: "Z$" },
      count: { type: "integer", minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
      made: { type: "string", format: "constructor", pattern: "^a" },
      mail: { type: "string", format: "email", pattern: z.regexes.email.source, id: "mail" },
    };
    const given = { type: "object" as const, properties };
    expect(inputSchemaOf({ jsonSchema: given, parse })).toEqual(given);
  });

  test("is sent without its address, and with what its root refers to in its place", () => {
    const given = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $id: "https://a.example/city",
      $ref: "#/$defs/trip",
      $defs: { trip: jsonSchema },
    } as unknown as typeof jsonSchema;
    expect(inputSchemaOf({ jsonSchema: given, parse })).toEqual(jsonSchema);
  });

  test("has its own parse check the input, whose error is for the model", async () => {
    const made = tool({
      name: "probe",
      description: "A probe.",
      input: { jsonSchema, parse },
      run: () => "",
    });
    expect(await made.parse({ city: "Oslo", more: 1 })).toEqual({ city: "Oslo" });
    await expect(made.parse({ city: 1 })).rejects.toThrow(/expected string/);
  });

  test("is refused where the API would refuse it", () => {
    const of = (schema: object) => () => inputSchemaOf({ jsonSchema: schema as typeof jsonSchema, parse });
    expect(refusalOf(of({ type: "array" }))).toContain("must be an object at its root");
    expect(refusalOf(of({ type: "object", anyOf: [] }))).toContain("must be an object at its root");
    expect(refusalOf(of({ type: "object", properties: { "a b": {} } }))).toContain('"a b"');
    expect(refusalOf(() => inputSchemaOf({ jsonSchema, parse }, true))).toContain("city has a length");
  });

  const holdsItself: Record<string, unknown> = { type: "object" };
  holdsItself.properties = { again: holdsItself };
  const deep = (levels: number) =>
    Array.from({ length: levels }).reduce<object>((items) => ({ type: "array", items }), {});

  test.each<[what: string, properties: unknown, words: RegExp]>([
    [
      "has a type that is none",
      { at: { type: "text" } },
      /at has type: "text", which is not legal.*, string/,
    ],
    ["has a union of nothing", { at: { anyOf: [] } }, /at has anyOf: \[\], .*at least one schema/],
    ["has properties without schemas", { at: "string" }, /at is "string", and no JSON Schema/],
    ["has a tuple of older drafts", { at: { items: [{}] } }, /at has items: .*prefixItems/],
    ["has a requirement of older drafts", { at: { required: true } }, /at has required: true/],
    ["is nested too deep", { at: deep(300) }, /nested more than 200 levels deep/],
    ["is nested deeper than can be walked through", { at: deep(3_000) }, /nested|call stack/],
    ["is nested deeper than can be written", { at: deep(20_000) }, /call stack/],
    ["holds itself as an object", { at: holdsItself }, /no JSON form.*circular/is],
    ["holds what is no JSON", { at: { default: 1n } }, /no JSON form.*BigInt/],
  ])("is refused where it %s, with the tool and the property", (_what, properties, words) => {
    const schema = { type: "object" as const, properties };
    const refusal = refusalOf(() => inputSchemaOf({ jsonSchema: schema, parse }));
    expect(refusal).toContain("probe");
    expect(refusal).toMatch(words);
  });

  test.each([[null], [undefined], [true], [[]]])("is refused where it is none: %j", (schema) => {
    const input = { jsonSchema: schema as unknown as typeof jsonSchema, parse };
    expect(refusalOf(() => inputSchemaOf(input))).toMatch(/not a schema that can be described/);
  });
});
