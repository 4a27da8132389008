import { describe, expect, test } from "vitest";
import { type ZodTypeAny, z } from "zod-v3";
import { compile, inputSchemaOf, refusalOf, valueSchemaOf } from "./support.js";

/** What TypeScript makes of `enum { Low = 1, High }`. */
const Level = { Low: 1, High: 2, 1: "Low", 2: "High" } as const;

const represented: [construct: string, schema: ZodTypeAny, json: unknown][] = [
  ["string", z.string(), { type: "string" }],
  ["string with lengths", z.string().min(2).max(5), { type: "string", minLength: 2, maxLength: 5 }],
  ["string with a regex", z.string().regex(/^[a-z]+$/), { type: "string", pattern: "^[a-z]+$" }],
  ["regex whose flags no pattern has", z.string().regex(/^[a-z]+$/i), { type: "string" }],
  ["regex with flags beside another", z.string().regex(/a/g).regex(/b/s), { type: "string", pattern: "a" }],
  ["startsWith", z.string().startsWith("www.a-b"), { type: "string", pattern: "^www\\.a-b" }],
  ["endsWith", z.string().endsWith("?w"), { type: "string", pattern: "\\?w$" }],
  ["includes", z.string().includes("/w"), { type: "string", pattern: "\\/w" }],
  ["email", z.string().email(), { type: "string", format: "email" }],
  ["url", z.string().url(), { type: "string", format: "uri" }],
  ["uuid", z.string().uuid(), { type: "string", format: "uuid" }],
  ["datetime in UTC", z.string().datetime(), { type: "string", format: "date-time", pattern: "Z$" }],
  ["datetime with offset", z.string().datetime({ offset: true }), { type: "string", format: "date-time" }],
  ["date as text", z.string().date(), { type: "string", format: "date" }],
  ["time as text", z.string().time(), { type: "string", pattern: expect.stringContaining("[0-5]\\d") }],
  ["trim", z.string().trim(), { type: "string" }],
  ["number", z.number().min(1).lt(9), { type: "number", minimum: 1, exclusiveMaximum: 9 }],
  ["int", z.number().int(), { type: "integer" }],
  ["safe int", z.number().int().safe(), { type: "integer" }],
  ["boolean", z.boolean(), { type: "boolean" }],
  ["null", z.null(), { type: "null" }],
  ["any", z.any(), {}],
  ["unknown", z.unknown(), {}],
  [
    "refined unknown",
    z
      .unknown()
      .refine(() => true)
      .describe("Odd"),
    { description: "Odd" },
  ],
  ["never", z.never(), { not: {} }],
  ["enum", z.enum(["c", "f"]), { type: "string", enum: ["c", "f"] }],
  ["native enum", z.nativeEnum(Level), { type: "number", enum: [1, 2] }],
  ["literal", z.literal("c"), { type: "string", const: "c" }],
  ["literal null", z.literal(null).describe("None"), { type: "null", description: "None" }],
  ["nullable", z.string().nullable(), { type: ["string", "null"] }],
  ["nullish", z.string().nullish(), { type: ["string", "null"] }],
  ["optional", z.string().optional(), { type: "string" }],
  [
    "optional with a description",
    z.string().optional().describe("A city"),
    { type: "string", description: "A city" },
  ],
  ["optional within", z.array(z.string().optional()), { type: "array", items: { type: "string" } }],
  ["default", z.number().default(3), { type: "number", default: 3 }],
  ["catch", z.number().catch(3), { type: "number" }],
  ["readonly", z.array(z.string()).readonly(), { type: "array", items: { type: "string" } }],
  ["brand", z.string().brand("City"), { type: "string" }],
  ["coerced number", z.coerce.number(), { type: "number" }],
  ["transform", z.string().transform((text) => text.length), { type: "string" }],
  ["pipe", z.string().pipe(z.coerce.date()), { type: "string" }],
  ["preprocess", z.preprocess((value) => value, z.number()), { type: "number" }],
  [
    "refine",
    z
      .string()
      .refine(() => true)
      .describe("A city"),
    { type: "string", description: "A city" },
  ],
  ["array", z.array(z.string()).min(1), { type: "array", items: { type: "string" }, minItems: 1 }],
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
    z.tuple([z.string()]).rest(z.number()),
    { type: "array", prefixItems: [{ type: "string" }], items: { type: "number" }, minItems: 1 },
  ],
  ["record", z.record(z.number()), { type: "object", additionalProperties: { type: "number" } }],
  [
    "object",
    z.object({ a: z.string().optional() }),
    { type: "object", properties: { a: { type: "string" } } },
  ],
  ["strict object", z.object({}).strict(), { type: "object", properties: {}, additionalProperties: false }],
  ["loose object", z.object({}).passthrough(), { type: "object", properties: {}, additionalProperties: {} }],
  [
    "catchall",
    z.object({}).catchall(z.number()),
    { type: "object", properties: {}, additionalProperties: { type: "number" } },
  ],
  ["union of types", z.union([z.string(), z.number()]), { type: ["string", "number"] }],
  [
    "discriminated union",
    z.discriminatedUnion("kind", [z.object({ kind: z.literal("a") }), z.object({ kind: z.literal("b") })]),
    {
      anyOf: [
        { type: "object", properties: { kind: { type: "string", const: "a" } }, required: ["kind"] },
        { type: "object", properties: { kind: { type: "string", const: "b" } }, required: ["kind"] },
      ],
    },
  ],
  ["lazy", z.lazy(() => z.string()), { type: "string" }],
  ["describe", z.string().describe("A city"), { type: "string", description: "A city" }],
];

class Money {}

describe("a tool's input_schema, of zod 3", () => {
  test.each(represented)("says %s as it is", (_construct, schema, json) => {
    const input = z.object({ value: schema });
    expect(valueSchemaOf(input)).toEqual(json);
    expect(() => compile(inputSchemaOf(input))).not.toThrow();
  });

  test("asks for what has no default, and for what would be made out of nothing", () => {
    const input = z.object({
      plain: z.string(),
      optional: z.string().optional(),
      withDefault: z.string().default("x"),
      coerced: z.coerce.string(),
      deeply: z.coerce
        .string()
        .transform((text) => text.length)
        .pipe(z.number())
        .brand("N")
        .readonly(),
      coercedOptional: z.coerce.string().optional(),
    });
    expect(inputSchemaOf(input).required).toEqual(["plain", "coerced", "deeply"]);
  });

  test("says a shared schema wherever it stands, and keeps the definitions of one that holds itself", () => {
    type Folder = { name: string; folders: Folder[] };
    const Folder: z.ZodType<Folder> = z.object({ name: z.string(), folders: z.array(z.lazy(() => Folder)) });
    const Place = z.object({ city: z.string() });
    const schema = inputSchemaOf(z.object({ from: Place, to: Place, folder: Folder, more: z.array(Folder) }));
    expect(Object.keys(schema.$defs as object)).toHaveLength(1);
    const takes = compile(schema);
    const folder = { name: "a", folders: [{ name: "b", folders: [] }] };
    expect(takes({ from: { city: "Oslo" }, to: { city: "Bergen" }, folder, more: [folder] })).toBe(true);
    expect(takes({ from: { city: "Oslo" }, to: { city: 1 }, folder, more: [] })).toBe(false);
    expect(
      takes({
        from: { city: "Oslo" },
        to: { city: "Bergen" },
        folder: { name: "a", folders: [1] },
        more: [],
      }),
    ).toBe(false);
  });

  test("takes a root that holds itself", () => {
    type Comment = { text: string; replies: Comment[] };
    const Comment: z.ZodType<Comment> = z.lazy(() =>
      z.object({ text: z.string(), replies: z.array(Comment) }),
    );
    const takes = compile(inputSchemaOf(Comment));
    expect(takes({ text: "a", replies: [{ text: "b", replies: [] }] })).toBe(true);
    expect(takes({ text: "a", replies: [{ text: 1, replies: [] }] })).toBe(false);
  });

  test("leaves out a default that is made anew each time", () => {
    let count = 0;
    const input = z.object({ value: z.string().default(() => `id-${count++}`) });
    expect(valueSchemaOf(input)).toEqual({ type: "string" });
  });
});

const refused: [construct: string, schema: ZodTypeAny, wayOut: RegExp][] = [
  ["date", z.date(), /value is a date\..*z\.string\(\)\.datetime\(\)/],
  ["coerced date", z.coerce.date(), /value is a date/],
  ["bigint", z.bigint(), /value is a bigint/],
  ["set", z.set(z.string()), /value is a set/],
  ["map", z.map(z.string(), z.string()), /value is a map/],
  ["undefined", z.undefined(), /value is undefined/],
  ["void", z.void(), /value is void/],
  ["symbol", z.symbol(), /value is a symbol/],
  ["nan", z.nan(), /value is NaN/],
  ["function", z.function(), /value is a function/],
  ["custom", z.custom<string>((value) => typeof value === "string"), /value is a custom type/],
  ["instanceof", z.instanceof(Money), /value is a custom type/],
  ["literal bigint", z.literal(1n), /value is a bigint/],
  ["literal undefined", z.literal(undefined), /value is undefined/],
  ["default without a JSON form", z.unknown().default(1n), /value has a default/],
  ["nested in wrappers", z.date().nullable().optional().readonly(), /value is a date/],
  ["an array of dates", z.array(z.date()), /value\[\] is a date/],
  ["a tuple with a date", z.tuple([z.string(), z.date()]), /value\[1\] is a date/],
  ["a record of dates", z.record(z.date()), /value\.\* is a date/],
  ["a catchall of dates", z.object({}).catchall(z.date()), /value\.\* is a date/],
  ["a union with a date", z.union([z.string(), z.date()]), /value is a date/],
  ["an intersection with a date", z.object({}).and(z.object({ at: z.date() })), /value\.at is a date/],
  ["a lazy date", z.lazy(() => z.object({ at: z.date() })), /value\.at is a date/],
  ["a preprocessed date", z.preprocess((value) => value, z.date()), /value is a date/],
];

describe("a tool whose input has no JSON form, of zod 3", () => {
  test.each(refused)("is refused for %s, with the way out", (_construct, schema, wayOut) => {
    expect(refusalOf(() => inputSchemaOf(z.object({ value: schema })))).toMatch(wayOut);
  });

  test("is refused where its root is a union or an intersection", () => {
    const a = z.object({ a: z.string() });
    expect(refusalOf(() => inputSchemaOf(z.union([a, a])))).toMatch(/union: wrap it/);
    expect(refusalOf(() => inputSchemaOf(a.and(a)))).toMatch(/intersection: make it one object/);
  });
});
