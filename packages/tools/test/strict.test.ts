import { expect, test } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod-v3";
import { compile, inputSchemaOf, refusalOf } from "./support.js";

test("a strict tool's objects are closed, however deep, and the rest stands as it was", () => {
  const Place = z.object({ city: z.string() }).meta({ id: "strict/place" });
  const input = z.object({
    from: Place,
    to: Place,
    stops: z.array(z.object({ at: z.iso.date().describe("The day") })).min(1),
    unit: z.enum(["c", "f"]).nullable(),
    note: z
      .string()
      .refine(() => true)
      .describe("At most ten words")
      .default("none"),
  });
  const schema = inputSchemaOf(input, true);
  expect(schema).toEqual({
    type: "object",
    properties: {
      from: { $ref: "#/$defs/strict~1place" },
      to: { $ref: "#/$defs/strict~1place" },
      stops: {
        type: "array",
        items: {
          type: "object",
          properties: { at: { type: "string", format: "date", description: "The day" } },
          required: ["at"],
          additionalProperties: false,
        },
        minItems: 1,
      },
      unit: { anyOf: [{ type: "string", enum: ["c", "f"] }, { type: "null" }] },
      note: { type: "string", description: "At most ten words", default: "none" },
    },
    required: ["from", "to", "stops", "unit"],
    additionalProperties: false,
    $defs: {
      "strict/place": {
        type: "object",
        properties: { city: { type: "string" } },
        required: ["city"],
        additionalProperties: false,
      },
    },
  });
  expect(() => compile(schema)).not.toThrow();
});

test("a strict tool says a discriminated union with the word that the API takes", () => {
  const kinds = [z.object({ kind: z.literal("a") }), z.object({ kind: z.literal("b") })] as const;
  const schema = inputSchemaOf(z.object({ shape: z.discriminatedUnion("kind", kinds) }), true);
  expect(schema.properties).toEqual({
    shape: {
      anyOf: ["a", "b"].map((kind) => ({
        type: "object",
        properties: { kind: { type: "string", const: kind } },
        required: ["kind"],
        additionalProperties: false,
      })),
    },
  });
});

test("a strict tool leaves out a format that the API doesn't know, and keeps its pattern", () => {
  const { properties } = inputSchemaOf(z.object({ id: z.nanoid() }), true);
  expect(properties).toEqual({ id: { type: "string", pattern: expect.any(String) } });
});

test("what is strict is asked for in either place, and said on the wire", async () => {
  const { tool } = await import("@lockstitch/tools");
  const input = z.object({ a: z.string() });
  const made = tool({ name: "wire", description: "", input, definition: { strict: true }, run: () => "" });
  expect(made.inputSchema).toMatchObject({ additionalProperties: false });
  expect(made.definition).toEqual({ strict: true });
});

const Folder = z.object({
  name: z.string(),
  get folders() {
    return z.array(Folder);
  },
});

const refused: [what: string, path: string, input: z.ZodType | z3.ZodTypeAny][] = [
  ["a bound", "days", z.object({ days: z.number().max(7) })],
  ["an exclusive bound", "trip.days", z.object({ trip: z.object({ days: z.number().gt(0) }) })],
  ["a multiple", "step", z.object({ step: z.number().multipleOf(5) })],
  ["a length", "names[]", z.object({ names: z.array(z.string().min(1)) })],
  ["more than one item at least", "names", z.object({ names: z.array(z.string()).min(2) })],
  ["a number of items at most", "names", z.object({ names: z.array(z.string()).max(2) })],
  ["a tuple", "pair", z.object({ pair: z.tuple([z.string(), z.string()]) })],
  ["a record", "scores", z.object({ scores: z.record(z.string(), z.number()) })],
  ["a loose object", "extra", z.object({ extra: z.looseObject({}) })],
  ["a loose object of zod 3", "extra", z3.object({ extra: z3.object({}).passthrough() })],
  ["anything", "value", z.object({ value: z.unknown() })],
  ["nothing", "value", z.object({ value: z.never() })],
  ["a schema that holds itself", "folder.folders[]", z.object({ folder: Folder })],
  ["a root that holds itself", "folders[]", Folder],
  ["a bound in one option", "either", z.object({ either: z.union([z.string().max(1), z.number()]) })],
];

test.each(refused)(
  "a strict tool is refused for %s, at %s, and taken when it isn't strict",
  (_what, path, input) => {
    expect(refusalOf(() => inputSchemaOf(input, true))).toContain(`probe can't be strict: ${path} `);
    expect(() => inputSchemaOf(input)).not.toThrow();
  },
);
