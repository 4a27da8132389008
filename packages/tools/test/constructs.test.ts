import { describe, expect, test } from "vitest";
import { z } from "zod";
import { z as otherZod } from "zod-v3/v4";
import { compile, inputSchemaOf, valueSchemaOf } from "./support.js";

/** What stands as `value: ...` in the input, and what the model is told of it. */
const represented: [construct: string, schema: z.ZodType, json: unknown][] = [
  ["string", z.string(), { type: "string" }],
  ["string with lengths", z.string().min(2).max(5), { type: "string", minLength: 2, maxLength: 5 }],
  ["string with a regex", z.string().regex(/^[a-z]+$/), { type: "string", pattern: "^[a-z]+$" }],
  [
    "regex whose flags say nothing of its own",
    z.string().regex(/^ä+$/gu),
    { type: "string", pattern: "^ä+$" },
  ],
  ["regex whose flags no pattern has", z.string().regex(/^[a-z]+$/i), { type: "string" }],
  [
    "regex with such flags, described",
    z.string().regex(/^a$/m).describe("A."),
    { type: "string", description: "A." },
  ],
  [
    "regex with flags beside others",
    z.string().regex(/a/).regex(/b/i).regex(/c/s),
    { type: "string", pattern: "a" },
  ],
  [
    "regex with flags beside several others",
    z.string().regex(/a/).regex(/b/i).regex(/c/),
    { type: "string", allOf: [{ pattern: "a" }, { pattern: "c" }] },
  ],
  [
    "regex with flags beside the same without them",
    z.string().regex(/^a/).regex(/^a/i).describe("A."),
    { type: "string", description: "A.", pattern: "^a" },
  ],
  [
    "regex with flags beside another and a pattern of one's own",
    z.string().regex(/a/).regex(/b/i).meta({ pattern: "d" }),
    { type: "string", pattern: "d", allOf: [{ pattern: "a" }] },
  ],
  ["two regexes with flags", z.string().regex(/b/i).regex(/c/y), { type: "string" }],
  ["startsWith", z.string().startsWith("www."), { type: "string", pattern: "^www\\..*" }],
  ["email", z.email(), { type: "string", format: "email" }],
  ["email of the string class", z.string().email(), { type: "string", format: "email" }],
  ["url", z.url(), { type: "string", format: "uri" }],
  ["uuid", z.uuid(), { type: "string", format: "uuid" }],
  ["guid", z.guid(), { type: "string", format: "uuid" }],
  ["ipv4", z.ipv4(), { type: "string", format: "ipv4" }],
  ["ipv6", z.ipv6(), { type: "string", format: "ipv6" }],
  ["iso date", z.iso.date(), { type: "string", format: "date" }],
  ["iso duration", z.iso.duration(), { type: "string", format: "duration" }],
  ["iso datetime in UTC", z.iso.datetime(), { type: "string", format: "date-time", pattern: "Z$" }],
  ["iso datetime with offset", z.iso.datetime({ offset: true }), { type: "string", format: "date-time" }],
  ["number", z.number(), { type: "number" }],
  ["number with bounds", z.number().min(1).lt(9), { type: "number", minimum: 1, exclusiveMaximum: 9 }],
  ["multipleOf", z.number().multipleOf(5), { type: "number", multipleOf: 5 }],
  ["int", z.int(), { type: "integer" }],
  ["int with bounds", z.int().min(0).max(10), { type: "integer", minimum: 0, maximum: 10 }],
  ["number().int()", z.number().int(), { type: "integer" }],
  ["int32", z.int32(), { type: "integer", minimum: -2147483648, maximum: 2147483647 }],
  ["float64", z.float64(), { type: "number" }],
  ["boolean", z.boolean(), { type: "boolean" }],
  ["null", z.null(), { type: "null" }],
  ["any", z.any(), {}],
  ["unknown", z.unknown(), {}],
  ["never", z.never(), { not: {} }],
  ["enum", z.enum(["c", "f"]), { type: "string", enum: ["c", "f"] }],
  ["native number enum", z.enum({ low: 1, high: 2 }), { type: "number", enum: [1, 2] }],
  ["literal", z.literal("c"), { type: "string", const: "c" }],
  ["literal of several", z.literal(["a", 1, null]), { enum: ["a", 1, null] }],
  ["literal null", z.literal(null), { type: "null", const: null }],
  ["nullable", z.string().nullable(), { type: ["string", "null"] }],
  ["nullish", z.string().nullish(), { type: ["string", "null"] }],
  ["optional", z.string().optional(), { type: "string" }],
  ["default", z.number().default(3), { type: "number", default: 3 }],
  ["prefault", z.number().prefault(3), { type: "number", default: 3 }],
  ["catch", z.number().catch(3), { type: "number" }],
  ["catch that computes", z.number().catch((failed) => failed.issues.length), { type: "number" }],
  ["readonly", z.array(z.string()).readonly(), { type: "array", items: { type: "string" } }],
  ["brand", z.string().brand<"City">(), { type: "string" }],
  ["coerced number", z.coerce.number(), { type: "number" }],
  ["coerced string", z.coerce.string(), { type: "string" }],
  ["stringbool", z.stringbool(), { type: "string" }],
  ["trim", z.string().trim().toLowerCase(), { type: "string" }],
  ["transform", z.string().transform((text) => text.length), { type: "string" }],
  ["pipe", z.string().pipe(z.coerce.date()), { type: "string" }],
  ["preprocess", z.preprocess((value) => value, z.number()), { type: "number" }],
  [
    "codec",
    z.codec(z.iso.date(), z.date(), {
      decode: (text) => new Date(text),
      encode: (date) => date.toISOString(),
    }),
    { type: "string", format: "date" },
  ],
  [
    "array",
    z.array(z.string()).min(1).max(3),
    { type: "array", items: { type: "string" }, minItems: 1, maxItems: 3 },
  ],
  [
    "tuple",
    z.tuple([z.string(), z.number()]),
    {
      type: "array",
      prefixItems: [{ type: "string" }, { type: "number" }],
      items: false,
      minItems: 2,
      maxItems: 2,
    },
  ],
  [
    "tuple with rest",
    z.tuple([z.string()], z.number()),
    { type: "array", prefixItems: [{ type: "string" }], items: { type: "number" }, minItems: 1 },
  ],
  [
    "record",
    z.record(z.string(), z.number()),
    { type: "object", propertyNames: { type: "string" }, additionalProperties: { type: "number" } },
  ],
  [
    "record with known keys",
    z.record(z.enum(["a", "b"]), z.number()),
    {
      type: "object",
      propertyNames: { type: "string", enum: ["a", "b"] },
      additionalProperties: { type: "number" },
      required: ["a", "b"],
    },
  ],
  [
    "object",
    z.object({ a: z.string().optional() }),
    { type: "object", properties: { a: { type: "string" } } },
  ],
  ["strict object", z.strictObject({}), { type: "object", properties: {}, additionalProperties: false }],
  ["loose object", z.looseObject({}), { type: "object", properties: {}, additionalProperties: {} }],
  [
    "catchall",
    z.object({}).catchall(z.number()),
    { type: "object", properties: {}, additionalProperties: { type: "number" } },
  ],
  ["union of types", z.union([z.string(), z.number()]), { type: ["string", "number"] }],
  [
    "union of shapes",
    z.union([z.array(z.string()), z.string().max(2)]),
    {
      anyOf: [
        { type: "array", items: { type: "string" } },
        { type: "string", maxLength: 2 },
      ],
    },
  ],
  [
    "discriminated union",
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("a") }),
      z.object({ kind: z.literal("b"), n: z.number() }),
    ]),
    {
      oneOf: [
        { type: "object", properties: { kind: { type: "string", const: "a" } }, required: ["kind"] },
        {
          type: "object",
          properties: { kind: { type: "string", const: "b" }, n: { type: "number" } },
          required: ["kind", "n"],
        },
      ],
    },
  ],
  [
    "intersection of objects",
    z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })),
    { type: "object", properties: { a: { type: "string" }, b: { type: "string" } }, required: ["a", "b"] },
  ],
  ["lazy", z.lazy(() => z.string()), { type: "string" }],
  [
    "template literal",
    z.templateLiteral(["id-", z.int()]),
    { type: "string", pattern: expect.stringMatching(/^\^id-/) },
  ],
  ["describe", z.string().describe("A city"), { type: "string", description: "A city" }],
  [
    "describe, then optional",
    z.string().describe("A city").optional(),
    { type: "string", description: "A city" },
  ],
  [
    "meta",
    z.string().meta({ title: "City", description: "A city", examples: ["Oslo"] }),
    { type: "string", title: "City", description: "A city", examples: ["Oslo"] },
  ],
  [
    "refine",
    z
      .string()
      .refine((text) => text !== "")
      .describe("Not empty"),
    { type: "string", description: "Not empty" },
  ],
  [
    "a property called pattern",
    z.object({ pattern: z.email() }),
    { type: "object", properties: { pattern: { type: "string", format: "email" } }, required: ["pattern"] },
  ],
];

describe("a tool's input_schema, of zod 4", () => {
  test.each(represented)("says %s as it is", (_construct, schema, json) => {
    const input = z.object({ value: schema });
    expect(valueSchemaOf(input)).toEqual(json);
    expect(() => compile(inputSchemaOf(input))).not.toThrow();
  });

  test("asks for what has no default, and leaves free what has one", () => {
    const input = z.object({
      plain: z.string(),
      optional: z.string().optional(),
      withDefault: z.string().default("x"),
      transformed: z.string().transform(Number),
    });
    expect(inputSchemaOf(input).required).toEqual(["plain", "transformed"]);
  });

  test("keeps the definitions of a schema that holds itself, and its references lead somewhere", () => {
    const Folder = z.object({
      name: z.string(),
      get folders() {
        return z.array(Folder);
      },
    });
    const schema = inputSchemaOf(z.object({ root: Folder, spare: z.json().optional() }));
    const takes = compile(schema);
    expect(
      takes({ root: { name: "a", folders: [{ name: "b", folders: [] }] }, spare: [{ deep: [1, null] }] }),
    ).toBe(true);
    expect(takes({ root: { name: "a", folders: [{ name: 1, folders: [] }] } })).toBe(false);
  });

  test("takes a root that holds itself, and one made lazily", () => {
    const Comment = z.object({
      text: z.string(),
      get replies() {
        return z.array(Comment);
      },
    });
    for (const input of [Comment, z.lazy(() => Comment)]) {
      const takes = compile(inputSchemaOf(input));
      expect(takes({ text: "a", replies: [{ text: "b", replies: [] }] })).toBe(true);
      expect(takes({ text: "a", replies: [{ text: 1, replies: [] }] })).toBe(false);
    }
  });

  test("puts a named root in its place, without $schema and $ref", () => {
    const input = z.object({ city: z.string() }).meta({ id: "WeatherInput", description: "Where" });
    expect(inputSchemaOf(input)).toEqual({
      type: "object",
      description: "Where",
      properties: { city: { type: "string" } },
      required: ["city"],
    });
  });

  test("keeps the definition of a named root that refers to itself", () => {
    const Tree = z
      .object({
        get branches() {
          return z.array(Tree);
        },
      })
      .meta({ id: "named/tree" });
    const schema = inputSchemaOf(Tree);
    expect(schema.type).toBe("object");
    expect(schema.$ref).toBeUndefined();
    expect(compile(schema)({ branches: [{ branches: [] }] })).toBe(true);
    expect(compile(schema)({ branches: [{ branches: 1 }] })).toBe(false);
  });

  test("keeps a definition that two properties share", () => {
    const Place = z.object({ city: z.string() }).meta({ id: "Place" });
    const schema = inputSchemaOf(z.object({ from: Place, to: Place }));
    expect(schema.$defs).toEqual({
      Place: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    });
    expect(compile(schema)({ from: { city: "Oslo" }, to: { city: 1 } })).toBe(false);
  });

  test("takes a refined or transformed object, a record and a branded one at its root", () => {
    const object = z.object({ a: z.string() });
    const json = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };
    expect(inputSchemaOf(object.refine(() => true))).toEqual(json);
    expect(inputSchemaOf(object.transform((value) => value.a))).toEqual(json);
    expect(inputSchemaOf(z.preprocess((value) => value, object))).toEqual(json);
    expect(inputSchemaOf(object.readonly())).toEqual(json);
    expect(inputSchemaOf(z.intersection(object, z.object({ b: z.string() }))).required).toEqual(["a", "b"]);
    expect(inputSchemaOf(z.record(z.string(), z.string())).type).toBe("object");
  });

  test("leaves out a default that is made anew each time, and keeps the rest of the property", () => {
    let count = 0;
    const input = z.object({
      id: z
        .string()
        .default(() => `id-${count++}`)
        .describe("An id"),
    });
    expect(inputSchemaOf(input)).toEqual({
      type: "object",
      properties: { id: { type: "string", description: "An id" } },
    });
  });

  test("keeps bounds and patterns that someone chose, even beside a format", () => {
    const number = Number.MAX_SAFE_INTEGER;
    expect(valueSchemaOf(z.object({ value: z.number().max(number) }))).toEqual({
      type: "number",
      maximum: number,
    });
    expect(valueSchemaOf(z.object({ value: z.uuid({ version: "v4" }) }))).toMatchObject({
      pattern: expect.any(String),
    });
    expect(valueSchemaOf(z.object({ value: z.email({ pattern: /@example\.com$/ }) }))).toEqual({
      type: "string",
      format: "email",
      pattern: "@example\\.com$",
    });
    expect(valueSchemaOf(z.object({ value: z.iso.time() }))).toEqual({
      type: "string",
      pattern: expect.any(String),
    });
  });

  test("does not touch values that look like schemas", () => {
    const value = { $schema: "x", type: "integer", maximum: Number.MAX_SAFE_INTEGER };
    expect(valueSchemaOf(z.object({ value: z.any().default(value) }))).toEqual({ default: value });
  });

  test("leaves the schema as it was, and freezes what it made", () => {
    const inner = z.object({ a: z.int().describe("A") });
    const input = z.object({ inner, list: z.array(z.email()).optional() }).meta({ id: "untouched" });
    const before = z.toJSONSchema(input);
    const schema = inputSchemaOf(input) as {
      properties: { inner: { properties: object } };
      required: string[];
    };
    expect(z.toJSONSchema(input)).toEqual(before);
    expect(input.parse({ inner: { a: 1 } })).toEqual({ inner: { a: 1 } });
    expect(Object.isFrozen(schema)).toBe(true);
    expect(Object.isFrozen(schema.properties.inner.properties)).toBe(true);
    expect(Object.isFrozen(schema.required)).toBe(true);
  });

  test("keeps descriptions of a schema that another copy of zod made", () => {
    const value = otherZod
      .string()
      .describe("A city")
      .meta({ examples: ["Oslo"] });
    expect(valueSchemaOf(otherZod.object({ value: value.optional() }))).toEqual({
      type: "string",
      description: "A city",
      examples: ["Oslo"],
    });
  });

  test("takes a property called __proto__ for what it is", () => {
    const schema = inputSchemaOf(z.object({ ["__proto__"]: z.string() }));
    expect(Object.keys(schema.properties as object)).toEqual(["__proto__"]);
  });
});

test("a format of one's own, called like what every object has, stays beside its pattern", () => {
  const value = z.string().regex(/^a/).meta({ format: "constructor" });
  expect(valueSchemaOf(z.object({ value }))).toEqual({
    type: "string",
    format: "constructor",
    pattern: "^a",
  });
});
