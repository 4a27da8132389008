import { tool } from "@lockstitch/tools";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { compile, inputSchemaOf, refusalOf, wordsOf } from "./support.js";

// zod/mini has no texts of its own unless the whole of zod is loaded, which no import of this file does.
const input = z.object({
  city: z.string().check(z.minLength(2), z.describe("A city")),
  days: z._default(z.int().check(z.lte(7)), 3),
  email: z.optional(z.email()),
  code: z.optional(z.string().check(z.regex(/^[A-Z]{3}$/))),
  unit: z.optional(z.enum(["c", "f"])),
});

test("a schema of zod/mini gives the same input_schema as one of zod", () => {
  const schema = inputSchemaOf(input);
  expect(() => compile(schema)).not.toThrow();
  expect(schema).toEqual({
    type: "object",
    properties: {
      city: { type: "string", minLength: 2, description: "A city" },
      days: { type: "integer", maximum: 7, default: 3 },
      email: { type: "string", format: "email" },
      code: { type: "string", pattern: "^[A-Z]{3}$" },
      unit: { type: "string", enum: ["c", "f"] },
    },
    required: ["city"],
  });
  expect(refusalOf(() => inputSchemaOf(z.object({ trip: z.object({ when: z.date() }) })))).toContain(
    "trip.when is a date",
  );
});

test("an input that zod/mini refuses is explained, though zod/mini itself has no words", async () => {
  expect((await z.safeParseAsync(input, {})).error?.issues[0]?.message).toBe("Invalid input");
  expect(await wordsOf(input, { city: "x", days: 12, email: "y", code: "osl", unit: "k" })).toBe(
    'city: must have at least 2 characters (got 1); days: must be <= 7 (got 12); email: not a valid email (got "y"); ' +
      'code: must match /^[A-Z]{3}$/ (got "osl"); unit: expected "c" or "f", received "k"',
  );
  expect(await wordsOf(input, {})).toBe("city: missing (expected string)");
  const texts = z.object({
    a: z.string().check(z.startsWith("x")),
    b: z.string().check(z.endsWith("x")),
    c: z.string().check(z.includes("x")),
    d: z.templateLiteral(["x", z.int()]),
  });
  expect(await wordsOf(texts, { a: "y", b: "y", c: "y", d: "y" })).toMatch(
    /^a: must start with "x" \(got "y"\); b: must end with "x" \(got "y"\); c: must contain "x" \(got "y"\); d: must match \^x/,
  );
});

test("defaults of zod/mini are applied", async () => {
  const made = tool({ name: "forecast", description: "A forecast.", input, run: ({ days }) => days });
  expect(await made.parse({ city: "Oslo" })).toEqual({ city: "Oslo", days: 3 });
});
