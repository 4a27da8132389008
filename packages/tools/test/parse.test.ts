import { ToolError } from "@lockstitch/core";
import { InvalidInputError, tool } from "@lockstitch/tools";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod-v3";
import { z as z34 } from "zod-v3/v4";
import { wordsOf } from "./support.js";

/** The same input, as two versions of zod write it. */
const inputs = {
  "zod 4": z
    .object({
      location: z.string(),
      days: z.number().max(7),
      from: z.number().gt(0).optional(),
      nights: z.number().int().optional(),
      step: z.number().multipleOf(5).optional(),
      code: z.string().length(3).optional(),
      name: z.string().min(1).optional(),
      tags: z.array(z.string()).max(1).optional(),
      unit: z.enum(["c", "f", "k"]).optional(),
      mode: z.literal("fast").optional(),
      on: z.literal(true).optional(),
      pair: z.enum(["x", "a, b"]).optional(),
      either: z.union([z.string(), z.number()]).optional(),
      trip: z.object({ stops: z.array(z.strictObject({ city: z.string() })) }).optional(),
      shape: z
        .discriminatedUnion("kind", [
          z.object({ kind: z.literal("circle"), radius: z.number() }),
          z.object({ kind: z.literal("square"), side: z.number() }),
        ])
        .optional(),
      form: z
        .union([
          z.object({ type: z.literal("a"), n: z.number() }),
          z.object({ type: z.literal("b"), text: z.string() }),
          z.string(),
        ])
        .optional(),
      forms: z.union([z.object({ x: z.number(), y: z.number() }), z.object({ lat: z.number() })]).optional(),
      checked: z
        .string()
        .refine(() => false, "must be a city")
        .optional()
        .describe("A city"),
      unexplained: z
        .string()
        .refine(() => false)
        .optional()
        .describe("A city"),
      custom: z.string({ error: "Give the name of a city" }).optional(),
    })
    .strict(),
  "zod 3": z3
    .object({
      location: z3.string(),
      days: z3.number().max(7),
      from: z3.number().gt(0).optional(),
      nights: z3.number().int().optional(),
      step: z3.number().multipleOf(5).optional(),
      code: z3.string().length(3).optional(),
      name: z3.string().min(1).optional(),
      tags: z3.array(z3.string()).max(1).optional(),
      unit: z3.enum(["c", "f", "k"]).optional(),
      mode: z3.literal("fast").optional(),
      on: z3.literal(true).optional(),
      pair: z3.enum(["x", "a, b"]).optional(),
      either: z3.union([z3.string(), z3.number()]).optional(),
      trip: z3.object({ stops: z3.array(z3.object({ city: z3.string() }).strict()) }).optional(),
      shape: z3
        .discriminatedUnion("kind", [
          z3.object({ kind: z3.literal("circle"), radius: z3.number() }),
          z3.object({ kind: z3.literal("square"), side: z3.number() }),
        ])
        .optional(),
      form: z3
        .union([
          z3.object({ type: z3.literal("a"), n: z3.number() }),
          z3.object({ type: z3.literal("b"), text: z3.string() }),
          z3.string(),
        ])
        .optional(),
      forms: z3
        .union([z3.object({ x: z3.number(), y: z3.number() }), z3.object({ lat: z3.number() })])
        .optional(),
      checked: z3
        .string()
        .refine(() => false, "must be a city")
        .optional()
        .describe("A city"),
      unexplained: z3
        .string()
        .refine(() => false)
        .optional()
        .describe("A city"),
      custom: z3.string({ invalid_type_error: "Give the name of a city" }).optional(),
    })
    .strict(),
};

const failures: [value: object, words: string][] = [
  [{ location: 3 }, "location: expected string, received number"],
  [{ location: null }, "location: expected string, received null"],
  [{ location: ["Oslo"] }, "location: expected string, received array"],
  [{ location: undefined }, "location: missing (expected string)"],
  [{ days: 12 }, "days: must be <= 7 (got 12)"],
  [{ from: 0 }, "from: must be > 0 (got 0)"],
  [{ nights: 1.5 }, "nights: expected integer, received 1.5"],
  [{ step: 3 }, "step: must be a multiple of 5 (got 3)"],
  [{ code: "ab" }, "code: must have exactly 3 characters (got 2)"],
  [{ name: "" }, "name: must have at least 1 character (got 0)"],
  [{ tags: ["a", "b"] }, "tags: must have at most 1 item (got 2)"],
  [{ unit: "r" }, 'unit: expected "c", "f" or "k", received "r"'],
  [{ mode: "slow" }, 'mode: expected "fast", received "slow"'],
  [{ on: false }, "on: expected true, received false"],
  [{ pair: "y" }, 'pair: expected "x" or "a, b", received "y"'],
  [{ either: true }, "either: expected string or number, received boolean"],
  [
    { trip: { stops: [{ city: "A" }, { city: "B" }, { city: 3 }] } },
    "trip.stops[2].city: expected string, received number",
  ],
  [{ trip: { stops: [{ city: "A", "zip code": 1 }] } }, 'trip.stops[0]["zip code"]: unknown property'],
  [{ extra: 1, more: 2 }, "extra: unknown property; more: unknown property"],
  [{ shape: { kind: "line" } }, 'shape.kind: expected "circle" or "square", received "line"'],
  [{ shape: { kind: "circle" } }, "shape.radius: missing (expected number)"],
  [{ form: { type: "b", text: 1 } }, "form.text: expected string, received number"],
  [
    { forms: { x: 1 } },
    "forms: fits none of its 2 forms: (forms.y: missing (expected number)) or (forms.lat: missing (expected number))",
  ],
  [{ checked: "x" }, 'checked: must be a city (got "x")'],
  [{ unexplained: "x" }, 'unexplained: refused by the tool\'s own check (got "x")'],
  [{ custom: 3 }, "custom: Give the name of a city (got 3)"],
];

describe.each(Object.entries(inputs))("an input that a schema of %s refuses", (_version, input) => {
  test.each(failures)("is explained: %j", async (value, words) => {
    expect(await wordsOf(input, { location: "Oslo", days: 1, ...value })).toBe(words);
  });

  test("is explained as a whole where it is no object", async () => {
    expect(await wordsOf(input, "Oslo")).toBe("the input: expected object, received string");
  });
});

const formats: [schema: z.ZodType | z3.ZodTypeAny, value: string, words: string][] = [
  [z.email(), "x", 'value: Invalid email address (got "x")'],
  [z.string().regex(/^a/i), "b", 'value: must match pattern /^a/i (got "b")'],
  [z.string().startsWith("a"), "b", 'value: must start with "a" (got "b")'],
  [z.email("Not one of our addresses"), "x", 'value: Not one of our addresses (got "x")'],
  [z.templateLiteral(["a", z.int()]), "b", expect.stringMatching(/^value: must match \^a/)],
  [z3.string().email(), "x", 'value: Invalid email (got "x")'],
  [z3.string().regex(/^a/), "b", 'value: has the wrong format (got "b")'],
  [z3.string().startsWith("a"), "b", 'value: must start with "a" (got "b")'],
];

test.each(formats)("a wrong format is explained (%#)", async (schema, value, words) => {
  const input = "_zod" in schema ? z.object({ value: schema }) : z3.object({ value: schema });
  expect(await wordsOf(input, { value })).toEqual(words);
});

test("a wrong key of a record is explained", async () => {
  const input = z.object({ scores: z.record(z.string().min(3), z.number()) });
  expect(await wordsOf(input, { scores: { a: 1, long: "x" } })).toBe(
    "scores.a: its name is refused: must have at least 3 characters (got 1); scores.long: expected number, received string",
  );
});

test("a wrong key of a record of zod 3, which doesn't say that it is one, has no size made up for it", async () => {
  const input = z3.object({ scores: z3.record(z3.string().min(3), z3.number()) });
  expect(await wordsOf(input, { scores: { a: 1 } })).toBe("scores.a: must have at least 3 characters");
});

test("what a person wrote wins over our words in every version of zod", async () => {
  expect(await wordsOf(z34.object({ n: z34.number().max(7, "A week at most") }), { n: 8 })).toBe(
    "n: A week at most (got 8)",
  );
});

describe("InvalidInputError", () => {
  const made = tool({
    name: "get_weather",
    description: "Get the weather.",
    input: z.object({ location: z.string(), days: z.number().max(7), list: z.array(z.number()).optional() }),
    run: () => "",
  });
  const failure = async (value: unknown) => {
    const error = await Promise.resolve(made.parse(value)).catch((thrown: unknown) => thrown);
    if (error instanceof InvalidInputError) return error;
    throw new Error("It was not refused as invalid input.");
  };

  test("names every failing path in one sentence that tells the model what to do", async () => {
    const error = await failure({ location: 3, days: 12 });
    expect(error).toBeInstanceOf(ToolError);
    expect(error.name).toBe("InvalidInputError");
    expect(error.content).toBe(error.message);
    expect(error.message).toBe(
      "Invalid input for get_weather: location: expected string, received number; days: must be <= 7 (got 12). " +
        "Fix these and call the tool again.",
    );
    expect(error.issues).toEqual([
      { path: "location", message: "expected string, received number" },
      { path: "days", message: "must be <= 7 (got 12)" },
    ]);
  });

  test("names twenty paths and counts the rest, and cuts long values short", async () => {
    const many = await failure({ location: "x", days: 1, list: Array.from({ length: 1000 }, () => "x") });
    expect(many.issues).toHaveLength(1000);
    expect(many.message).toMatch(/list\[19\].*; and 980 more\. Fix these/);
    expect(many.message).not.toContain("list[20]");
    const input = z.object({ unit: z.enum(["c"]) });
    expect((await wordsOf(input, { unit: "x".repeat(10_000) })).length).toBeLessThan(120);
  });

  test("takes nothing that every object has for what the model sent", async () => {
    expect(await wordsOf(z.object({ toString: z.string() }), {})).toBe("toString: missing (expected string)");
  });

  test("finds its way through inputs with hostile names", async () => {
    const error = await failure(
      JSON.parse('{"__proto__": {"location": "x"}, "constructor": 1, "days": "1"}'),
    );
    expect(error.issues).toEqual([
      { path: "location", message: "missing (expected string)" },
      { path: "days", message: "expected number, received string" },
    ]);
  });
});

describe("parse", () => {
  const libraries = [
    ["zod 4", z],
    ["zod 3", z3],
    ["zod/v4 of 3.25", z34],
  ] as const;

  test.each(libraries)("awaits refinements and transforms, each once, with %s", async (_version, library) => {
    const ran: string[] = [];
    // The three libraries have this much in common, but not its types.
    const text = (library as typeof z).string();
    const input = (library as typeof z).object({
      user: text
        .refine(async (name) => ran.push("refine") > 0 && name !== "nobody", "no such user")
        .transform(async (name) => {
          ran.push("transform");
          return { name };
        })
        .describe("A user"),
    });
    const made = tool({ name: "find", description: "Find.", input, run: ({ user }) => user.name });
    expect(await made.parse({ user: "ada" })).toEqual({ user: { name: "ada" } });
    expect(ran).toEqual(["refine", "transform"]);
    await expect(made.parse({ user: "nobody" })).rejects.toThrow('user: no such user (got "nobody")');
  });

  test("says in words what a number too great for JSON should have been", async () => {
    const big = z.string().transform(BigInt);
    expect(await wordsOf(z.object({ n: big.pipe(z.literal(5n)) }), { n: "6" })).toBe(
      'n: expected "5", received "6"',
    );
    expect(await wordsOf(z.object({ n: big.pipe(z.bigint().max(5n)) }), { n: "6" })).toBe(
      'n: must be <= 5 (got "6")',
    );
    expect(await wordsOf(z.object({ n: z.literal("a") }), { n: 6n })).toBe('n: expected "a", received "6"');
  });

  test("lets an error that a transform throws pass as it is", async () => {
    const thrown = new Error("the lookup is down");
    const input = z.object({
      id: z.string().transform(() => {
        throw thrown;
      }),
    });
    const made = tool({ name: "find", description: "Find.", input, run: () => "" });
    await expect(made.parse({ id: "x" })).rejects.toBe(thrown);
  });
});
