import type { StandardSchema } from "@lockstitch/tools";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import * as mini from "zod/mini";
import { z as z3 } from "zod-v3";
import { compile, inputSchemaOf } from "./support.js";

interface Parsing extends StandardSchema {
  safeParse(value: unknown): { success: boolean };
}

const leaf = fc.constantFrom<unknown>(null, true, "", "a", "abc", "c", 0, 1, 2, 1.5, -3, 8, "2026-01-31");
const small = fc.oneof(
  { weight: 6, arbitrary: leaf },
  { weight: 2, arbitrary: fc.array(leaf, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(fc.constantFrom("a", "b", "kind"), leaf) },
);

const names = ["a", "b", "kind", "unknown"];
const objectOf = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });

/** Objects that come near what the schemas below take: known and unknown names, nested at most once. */
const values = objectOf(
  fc.oneof({ weight: 3, arbitrary: small }, objectOf(small), fc.array(objectOf(small), { maxLength: 2 })),
);

/** Each with one value that it takes. */
const cases: [name: string, schema: Parsing, taken: unknown][] = [
  ["plain properties, of zod 4", z.object({ a: z.string(), b: z.int().optional() }), { a: "x", b: 1 }],
  [
    "plain properties, of zod 3",
    z3.object({ a: z3.string(), b: z3.number().int().optional() }),
    { a: "x", b: 1 },
  ],
  [
    "plain properties, of zod/mini",
    mini.object({ a: mini.string(), b: mini.optional(mini.int()) }),
    { a: "x", b: 1 },
  ],
  ["a strict object, of zod 4", z.strictObject({ a: z.string().optional() }), { a: "x" }],
  ["a strict object, of zod 3", z3.object({ a: z3.string().optional() }).strict(), { a: "x" }],
  ["a catchall", z.object({ a: z.string().optional() }).catchall(z.number()), { a: "x", b: 1 }],
  [
    "bounds",
    z.object({ a: z.number().min(1).lt(8), b: z.string().min(1).max(2).optional() }),
    { a: 7, b: "xx" },
  ],
  [
    "bounds, of zod 3",
    z3.object({ a: z3.number().min(1).lt(8), b: z3.string().min(1).max(2).optional() }),
    { a: 7, b: "xx" },
  ],
  [
    "defaults and transforms",
    z.object({
      a: z.number().default(3),
      b: z
        .string()
        .transform((text) => text.length)
        .optional(),
    }),
    { b: "x" },
  ],
  [
    "defaults and transforms, of zod 3",
    z3.object({
      a: z3.number().default(3),
      b: z3
        .string()
        .transform((text) => text.length)
        .optional(),
    }),
    { b: "x" },
  ],
  [
    "null and literals",
    z.object({ a: z.string().nullable(), b: z.literal(["a", 1, null]).optional() }),
    { a: null, b: 1 },
  ],
  [
    "null and literals, of zod 3",
    z3.object({
      a: z3.string().nullable(),
      b: z3.union([z3.literal("a"), z3.literal(1), z3.literal(null)]).optional(),
    }),
    { a: null, b: null },
  ],
  ["arrays", z.object({ a: z.array(z.union([z.string(), z.number()])).max(2) }), { a: ["x", 1] }],
  [
    "arrays, of zod 3",
    z3.object({ a: z3.array(z3.union([z3.string(), z3.number()])).max(2) }),
    { a: ["x", 1] },
  ],
  [
    "tuples",
    z.object({
      a: z.tuple([z.string(), z.number().optional()]),
      b: z.tuple([z.string()], z.number()).optional(),
    }),
    { a: ["x"], b: ["x", 1, 2] },
  ],
  [
    "tuples, of zod 3",
    z3.object({
      a: z3.tuple([leafSchema(), z3.number()]),
      b: z3.tuple([z3.string()]).rest(z3.number()).optional(),
    }),
    { a: [null, 1], b: ["x", 1, 2] },
  ],
  [
    "records",
    z.object({ a: z.record(z.enum(["a", "b"]), z.number()), b: z.record(z.string(), z.string()).optional() }),
    { a: { a: 1, b: 2 }, b: { x: "y" } },
  ],
  [
    "records, of zod 3",
    z3.object({ a: z3.record(z3.enum(["a", "b"]), z3.number()), b: z3.record(z3.string()).optional() }),
    { a: { b: 2 }, b: { x: "y" } },
  ],
  [
    "a discriminated union",
    z.object({
      a: z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("a"), a: z.string() }),
        z.object({ kind: z.literal("c"), a: z.number().optional() }),
      ]),
    }),
    { a: { kind: "c" } },
  ],
  [
    "an intersection",
    z.object({ a: z.intersection(z.object({ a: z.string() }), z.object({ b: z.number() })) }),
    { a: { a: "x", b: 1 } },
  ],
  [
    "an intersection, of zod 3",
    z3.object({ a: z3.object({ a: z3.string() }).and(z3.object({ b: z3.number() })) }),
    { a: { a: "x", b: 1 } },
  ],
  ["recursion", recursive(), { a: "x", b: [{ a: "y", b: { a: "z" } }] }],
  ["recursion, of zod 3", recursive3(), { a: "x", b: [{ a: "y", b: { a: "z" } }] }],
  ["any JSON", z.object({ a: z.json() }), { a: [{ b: null }] }],
];

function leafSchema(): z3.ZodTypeAny {
  return z3.union([z3.string(), z3.null()]);
}

function recursive(): Parsing {
  const Node = z.object({
    a: z.string(),
    get b() {
      return z.union([z.array(Node), Node]).optional();
    },
  });
  return Node;
}

function recursive3(): Parsing {
  type Node = { a: string; b?: Node[] | Node | undefined };
  const Node: z3.ZodType<Node> = z3.object({
    a: z3.string(),
    b: z3.lazy(() => z3.union([z3.array(Node), Node])).optional(),
  });
  return Node;
}

describe("what a tool's input_schema takes is what its parse takes", () => {
  test.each(cases)("for %s", (_name, schema, taken) => {
    const says = compile(inputSchemaOf(schema));
    expect(schema.safeParse(taken).success).toBe(true);
    fc.assert(
      fc.property(values, (value) => {
        expect(says(value)).toBe(schema.safeParse(value).success);
      }),
      { numRuns: 1000, examples: [[taken]] },
    );
  });
});
