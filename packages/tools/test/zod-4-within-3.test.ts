import { expect, test, vi } from "vitest";
import { z } from "zod-v3/v4";
import { compile, inputSchemaOf, refusalOf, wordsOf } from "./support.js";

// Everything here runs on zod 3.25.76 alone: its `zod/v4` subpath, and its converter.
vi.mock("zod/v4/core", async () => import("zod-v3/v4/core"));

const input = z
  .object({
    city: z.string().describe("A city"),
    days: z.int().default(3),
    email: z.email().optional(),
    at: z.iso.datetime().optional(),
    time: z.iso.time().optional(),
    length: z
      .string()
      .transform((text) => text.length)
      .optional(),
    either: z
      .discriminatedUnion("kind", [z.object({ kind: z.literal("a") }), z.object({ kind: z.literal("b") })])
      .optional(),
    readonly: z.array(z.string()).readonly().optional(),
  })
  .meta({ id: "Oldest" });

test("the zod 4 within zod 3.25 gives the same input_schema, through zod/v4", () => {
  const schema = inputSchemaOf(input);
  expect(() => compile(schema)).not.toThrow();
  expect(schema).toEqual({
    type: "object",
    properties: {
      city: { type: "string", description: "A city" },
      days: { type: "integer", default: 3 },
      email: { type: "string", format: "email" },
      at: { type: "string", format: "date-time", pattern: "Z$" },
      time: { type: "string", pattern: expect.any(String) },
      length: { type: "string" },
      either: {
        anyOf: [
          { type: "object", properties: { kind: { type: "string", const: "a" } }, required: ["kind"] },
          { type: "object", properties: { kind: { type: "string", const: "b" } }, required: ["kind"] },
        ],
      },
      readonly: { type: "array", items: { type: "string" } },
    },
    required: ["city"],
  });
});

test("the zod 4 within zod 3.25 has the same types refused", () => {
  const trip = (when: z.ZodType) => z.object({ trip: z.object({ when }) });
  for (const schema of [
    z.date(),
    z.bigint(),
    z.set(z.string()),
    z.map(z.string(), z.string()),
    z.void(),
    z.custom(),
    z.file(),
  ]) {
    expect(refusalOf(() => inputSchemaOf(trip(schema)))).toContain("trip.when ");
  }
  expect(refusalOf(() => inputSchemaOf(z.union([trip(z.string()), trip(z.number())])))).toMatch(
    /union: wrap it/,
  );
});

test("the zod 4 within zod 3.25 has its failures said in the same words", async () => {
  expect(await wordsOf(input, { city: 3, days: 1.5, either: { kind: "c" } })).toBe(
    'city: expected string, received number; days: expected integer, received 1.5; either.kind: fits none of its forms (got "c")',
  );
});
