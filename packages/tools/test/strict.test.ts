import { ToolDefinitionError } from "@lockstitch/core";
import { refuseMessageRequest } from "@lockstitch/testing";
import { agentTool, type StandardSchema, tool } from "@lockstitch/tools";
import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { expect, test } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod-v3";
import { zod4Rows } from "./schema-rows.js";
import { compile, inputSchemaOf, refusalOf, valueSchemaOf } from "./support.js";

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

test("a strict tool leaves out the pattern that the API can't hold a text to, where a format says the same", async () => {
  const { tool } = await import("@lockstitch/tools");
  const input = z.object({ host: z.hostname(), id: z.uuidv4() });
  const made = tool({ name: "probe", description: "", input, strict: true, run: () => "" });
  expect(made.inputSchema?.properties).toEqual({
    host: { type: "string", format: "hostname" },
    id: { type: "string", format: "uuid", pattern: expect.stringContaining("-4[0-9a-fA-F]{3}-") },
  });
  const id = "8c6f7f0e-5a0c-4a2b-9f37-1a8f4f9a7d10";
  await expect(made.parse({ host: "a_b", id })).rejects.toThrow(/host/);
  expect(await made.parse({ host: "a.example", id })).toEqual({ host: "a.example", id });
});

test("a strict tool has the one pattern of a text that needs no flags", () => {
  const a = z.string().regex(/^a/).regex(/b$/i);
  expect(inputSchemaOf(z.object({ a }), true).properties).toEqual({ a: { type: "string", pattern: "^a" } });
});

test.each<[what: string, input: StandardSchema, choices: readonly unknown[]]>([
  [
    "literals of zod 3, null among them",
    z3.object({ value: z3.union([z3.literal("low"), z3.literal(null)]) }),
    ["low", null],
  ],
  [
    "an enum of zod 3 with numbers and texts",
    z3.object({ value: z3.nativeEnum({ off: 0, on: "on" }) }),
    [0, "on"],
  ],
  [
    "a picklist of valibot with both",
    toStandardJsonSchema(v.object({ value: v.picklist(["low", 1]) })),
    ["low", 1],
  ],
])("a strict tool chooses from %s without a list of types beside them", (_what, input, choices) => {
  expect(inputSchemaOf(input, true).properties).toEqual({ value: { enum: choices } });
  expect(valueSchemaOf(input)).toEqual({ type: expect.any(Array), enum: choices });
});

test("a strict tool takes definitions by the name of older drafts, and closes them", () => {
  const place = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
  const jsonSchema = {
    type: "object" as const,
    properties: { from: { $ref: "#/definitions/place" }, to: { $ref: "#/definitions/place" } },
    definitions: { place },
  };
  const schema = inputSchemaOf({ jsonSchema, parse: (input) => input }, true);
  expect(schema).toEqual({
    ...jsonSchema,
    definitions: { place: { ...place, additionalProperties: false } },
    additionalProperties: false,
  });
  const root = { $ref: "#/definitions/place", definitions: { place } };
  const inlined = { jsonSchema: root as unknown as typeof jsonSchema, parse: (input: unknown) => input };
  expect(inputSchemaOf(inlined, true)).toEqual({ ...place, additionalProperties: false });
});

test("a strict tool closes objects that may be null as well", () => {
  const jsonSchema = {
    type: "object" as const,
    properties: { at: { type: ["object", "null"], properties: { city: { type: "string" } } } },
  };
  const { properties } = inputSchemaOf({ jsonSchema, parse: (input) => input }, true);
  expect(properties).toEqual({ at: { ...jsonSchema.properties.at, additionalProperties: false } });
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

const refused: [what: string, path: string, input: StandardSchema][] = [
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
  ["a lookahead", "mood", z.object({ mood: z.emoji() })],
  ["a word's edge", "word", z.object({ word: z.string().regex(/\bx/) })],
  ["two patterns", "file", z.object({ file: z.string().startsWith("a").endsWith("z") })],
  ["any object of arktype", "more", type({ more: "object" })],
  ["a bound in one option", "either", z.object({ either: z.union([z.string().max(1), z.number()]) })],
];

test.each(refused)(
  "a strict tool is refused for %s, at %s, and taken when it isn't strict",
  (_what, path, input) => {
    expect(refusalOf(() => inputSchemaOf(input, true))).toContain(`probe can't be strict: ${path} `);
    expect(() => inputSchemaOf(input)).not.toThrow();
  },
);

const byHand: [what: string, property: unknown, words: string][] = [
  [
    "a number of properties",
    { type: "object", properties: { a: {} }, minProperties: 1 },
    "value bounds how many",
  ],
  ["objects to choose from", { enum: [{ a: 1 }] }, "value is a choice of values that are objects or lists"],
  [
    "a union of both kinds",
    { anyOf: [{ type: "null" }], oneOf: [{ type: "null" }] },
    "value is a union of which",
  ],
  ["anything, by a word", true, "value may be anything"],
  ["a reference to nothing", { $ref: "#/$defs/no" }, 'value refers to "#/$defs/no", which is no place'],
  [
    "a choice of another type",
    { type: "string", enum: ["a", null] },
    "value has the choice null, which is not",
  ],
  [
    "a choice of none of its types",
    { type: ["string", "null"], enum: ["a", 1] },
    "value has a choice of values beside a list of types",
  ],
  [
    "a choice of its types beside a single value of none",
    { type: ["string", "null"], enum: ["a"], const: 1 },
    "value has a choice of values beside a list of types",
  ],
  ["a list of anything", { type: "array" }, "value may hold anything"],
  ["an intersection with itself", { allOf: [{ $ref: "#" }] }, "value is an intersection"],
];

test.each(byHand)("a strict tool of plain JSON Schema is refused for %s", (_what, value, words) => {
  const jsonSchema = { type: "object" as const, properties: { value } };
  const input = { jsonSchema, parse: (given: unknown) => given };
  expect(refusalOf(() => inputSchemaOf(input, true))).toContain(`probe can't be strict: ${words}`);
});

test("no strict tool of these constructs is one that the API would refuse", () => {
  const made = zod4Rows.flatMap(([construct]) => {
    const input = new Function("z", `return z.object({ value: ${construct} });`)(z) as z.ZodType;
    try {
      return [{ construct, input_schema: inputSchemaOf(input, true) }];
    } catch (error) {
      expect(error).toBeInstanceOf(ToolDefinitionError);
      return [];
    }
  });
  for (const { construct, input_schema } of made) {
    const tool = { name: "probe", description: "A probe.", strict: true, input_schema };
    expect(() => compile(input_schema), construct).not.toThrow();
    const messages = [{ role: "user", content: "Go." }];
    const request = { model: "claude-opus-5-5", max_tokens: 100, messages, tools: [tool] };
    expect(refuseMessageRequest(request, { version: "2023-06-01", betas: [] }), construct).toBeUndefined();
  }
  expect(made.length).toBeGreaterThan(40);
});

test("strict is true or false, in either place, of a tool as of an agent's", () => {
  const base = { name: "probe", description: "A probe." };
  for (const strict of ["false", "true", 1, null]) {
    const words = /^probe has strict: .*, which is neither true nor false/;
    expect(refusalOf(() => tool({ ...base, strict, run: () => "" } as never))).toMatch(words);
    expect(refusalOf(() => tool({ ...base, definition: { strict }, run: () => "" } as never))).toMatch(words);
    expect(refusalOf(() => agentTool({}, { ...base, strict } as never))).toMatch(words);
  }
  expect(tool({ ...base, strict: false, run: () => "" }).definition).toEqual({ strict: false });
  const absent = { ...base, strict: undefined, definition: undefined, run: () => "" } as never;
  expect(tool(absent)).not.toHaveProperty("definition.strict");
});
