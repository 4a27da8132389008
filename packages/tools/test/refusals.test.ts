import { describe, expect, test } from "vitest";
import { z } from "zod";
import { inputSchemaOf, refusalOf } from "./support.js";

class Money {}

const refused: [construct: string, schema: z.ZodType, wayOut: RegExp][] = [
  ["date", z.date(), /value is a date\..*z\.iso\.datetime\(\)/],
  ["coerced date", z.coerce.date(), /value is a date/],
  ["bigint", z.bigint(), /value is a bigint\..*text/],
  ["int64", z.int64(), /value is a bigint/],
  ["set", z.set(z.string()), /value is a set\..*z\.array/],
  ["map", z.map(z.string(), z.string()), /value is a map\..*z\.record/],
  ["undefined", z.undefined(), /value is undefined\./],
  ["void", z.void(), /\.optional\(\)/],
  ["symbol", z.symbol(), /z\.enum/],
  ["nan", z.nan(), /z\.number\(\)/],
  ["function", z.custom<() => void>((value) => typeof value === "function"), /custom/],
  ["file", z.file(), /z\.string\(\)/],
  ["custom", z.custom<string>(), /value is a custom type/],
  ["instanceof", z.instanceof(Money), /z\.object/],
  ["transform alone", z.transform((value) => value), /z\.string\(\)\.transform/],
  ["literal undefined", z.literal(undefined), /value is undefined/],
  ["literal bigint", z.literal(1n), /value is a bigint/],
  ["union with undefined", z.union([z.string(), z.undefined()]), /\.optional\(\)/],
  ["default without a JSON form", z.unknown().default(1n), /value has a default with no JSON form/],
  ["preprocessed date", z.preprocess((value) => new Date(String(value)), z.date()), /value is a date/],
];

describe("a tool whose input has no JSON form, of zod 4", () => {
  test.each(refused)("is refused for %s, with the way out", (_construct, schema, wayOut) => {
    const message = refusalOf(() => inputSchemaOf(z.object({ value: schema })));
    expect(message).toContain("probe");
    expect(message).toMatch(wayOut);
  });

  const places: [path: string, input: z.ZodType][] = [
    ["trip.when", z.object({ trip: z.object({ city: z.string(), when: z.date() }) })],
    ["stops[].at", z.object({ stops: z.array(z.object({ at: z.date() })) })],
    ["span[1]", z.object({ span: z.tuple([z.string(), z.date()]) })],
    ["span[]", z.object({ span: z.tuple([z.string()], z.date()) })],
    ["days.*", z.object({ days: z.record(z.string(), z.date()) })],
    ["rest.*", z.object({ rest: z.object({}).catchall(z.date()) })],
    ["either", z.object({ either: z.union([z.string(), z.date().nullable()]) })],
    ["both.b", z.object({ both: z.intersection(z.object({ a: z.string() }), z.object({ b: z.date() })) })],
    ["later.at", z.object({ later: z.lazy(() => z.object({ at: z.date().optional() })) })],
    ["first", z.object({ zero: z.string(), first: z.bigint(), second: z.date() })],
    ['["odd name"]', z.object({ "odd name": z.date() })],
    ["piped", z.object({ piped: z.date().transform(String).default("x") })],
  ];

  test.each(places)("is refused at %s, the first place in the way", (path, input) => {
    expect(refusalOf(() => inputSchemaOf(input))).toContain(`: ${path} is a `);
  });

  test("is refused, naming the tool, where schemas are made without end", () => {
    const endless = (): z.ZodType => z.object({ next: z.lazy(endless) });
    expect(refusalOf(() => inputSchemaOf(z.object({ next: z.lazy(endless) })))).toMatch(/The input of probe/);
  });

  test("is refused, naming the tool, for what only the converter knows to have no JSON form", () => {
    expect(refusalOf(() => inputSchemaOf(z.object({ [Symbol("key")]: z.string() })))).toMatch(
      /The input of probe.*Symbol keys/,
    );
  });
});

describe("a tool whose root is not an object", () => {
  const roots: [construct: string, input: unknown, wayOut: RegExp][] = [
    [
      "a union",
      z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]),
      /union: wrap it, e\.g\. z\.object/,
    ],
    [
      "a discriminated union",
      z.discriminatedUnion("kind", [z.object({ kind: z.literal("a") }), z.object({ kind: z.literal("b") })]),
      /union: wrap it/,
    ],
    ["a nullable object", z.object({}).nullable(), /union: wrap it/],
    ["any JSON", z.json(), /union: wrap it/],
    [
      "an intersection that can't be folded",
      z.intersection(z.object({}), z.record(z.string(), z.string())),
      /intersection: make it one object/,
    ],
    ["a string", z.string(), /of type string: wrap it/],
    ["an array", z.array(z.string()), /of type array: wrap it/],
    ["unknown", z.unknown(), /of no type: wrap it/],
    ["a bare shape", { city: z.string() }, /z\.object\(/],
    ["JSON Schema by hand", { type: "object" }, /not a schema/],
    ["null", null, /not a schema/],
  ];

  test.each(roots)("is refused for %s, with the way out", (_construct, input, wayOut) => {
    expect(refusalOf(() => inputSchemaOf(input as z.ZodType))).toMatch(wayOut);
  });

  test("is refused for a property name that the API refuses at the root, and taken where it stands deeper", () => {
    expect(refusalOf(() => inputSchemaOf(z.object({ "filter[id]": z.string() })))).toMatch(
      /"filter\[id\]".*1 to 64 letters/,
    );
    expect(refusalOf(() => inputSchemaOf(z.object({ ["a".repeat(65)]: z.string() })))).toMatch(
      /1 to 64 letters/,
    );
    expect(() =>
      inputSchemaOf(z.object({ deep: z.object({ "filter[id]": z.string() }), "a.b-c_1": z.string() })),
    ).not.toThrow();
  });
});
