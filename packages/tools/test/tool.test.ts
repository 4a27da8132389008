import { type ToolCall, ToolDefinitionError } from "@lockstitch/core";
import { type NoInput, type ToolOptions, tool } from "@lockstitch/tools";
import { afterEach, beforeEach, describe, expect, it, type MockInstance, test, vi } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod-v3";
import { refusalOf } from "./support.js";

const call: ToolCall = {
  session: "s1",
  toolUseId: "toolu_1",
  idempotencyKey: "s1:toolu_1",
  fence: 1,
  signal: new AbortController().signal,
  progress: () => undefined,
  run: () => Promise.reject(new Error("No agent is run here.")),
  maxResultLength: 100_000,
  resultOf: () => undefined,
};

describe("tool", () => {
  test("makes a plain frozen object with what was given, and nothing else", () => {
    const run = () => "Sunny";
    const made = tool({
      name: "get_weather",
      description: "Get the weather.",
      input: z.object({ location: z.string().describe("A city") }),
      effects: "none",
      timeoutMs: 1000,
      alone: true,
      strict: true,
      definition: { defer_loading: true, input_examples: [{ location: "Oslo" }] },
      run,
    });
    expect(made).toEqual({
      name: "get_weather",
      description: "Get the weather.",
      inputSchema: {
        type: "object",
        properties: { location: { type: "string", description: "A city" } },
        required: ["location"],
        additionalProperties: false,
      },
      effects: "none",
      timeoutMs: 1000,
      alone: true,
      definition: { defer_loading: true, input_examples: [{ location: "Oslo" }], strict: true },
      parse: expect.any(Function),
      run,
    });
    expect(Object.isFrozen(made)).toBe(true);
    expect(Object.isFrozen(made.definition)).toBe(true);
    const least = tool({ name: "now", description: "The time.", run });
    expect(Object.keys(least).sort()).toEqual(["description", "name", "parse", "run"]);
  });

  test("hands what the schema made of the input to run", async () => {
    const made = tool({
      name: "book",
      description: "Book a trip.",
      input: z.object({
        city: z.string().trim(),
        nights: z.int().default(2),
        day: z.iso.date().transform((text) => new Date(text)),
      }),
      run: ({ city, nights, day }, { toolUseId }) =>
        `${city} ${nights + 1} ${day.getUTCFullYear()} ${toolUseId}`,
    });
    const input = await made.parse({ city: " Oslo ", day: "2026-01-31", unknown: true });
    expect(made.run(input, call)).toBe("Oslo 3 2026 toolu_1");
  });

  test("without input gives run an empty object, and refuses what is not an object", async () => {
    const made = tool({ name: "now", description: "The time.", run: (input) => Object.keys(input).length });
    expect(await made.parse({ extra: 1 })).toEqual({});
    await expect(made.parse("now")).rejects.toThrow(/^Invalid input for now: the input: expected an object/);
    await expect(made.parse([])).rejects.toThrow(/expected an object/);
  });

  test.each(["", "get weather", "wetter-für-oslo", "a".repeat(65), "a.b"])("refuses the name %j", (name) => {
    expect(() => tool({ name, description: "", run: () => "" })).toThrow(ToolDefinitionError);
  });

  test("refuses a tool that can't be run", () => {
    const options = { name: "idle", description: "Idle." } as unknown as ToolOptions<NoInput>;
    expect(refusalOf(() => tool(options))).toBe("idle has no `run` function.");
  });

  test("refuses with an error that carries the tool's name and the cause", () => {
    const cause = new Error("no getter today");
    const input = z.lazy(() => {
      throw cause;
    });
    try {
      tool({ name: "broken", description: "Broken.", input, run: () => "" });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ToolDefinitionError);
      expect(error).toMatchObject({ tool: "broken", reason: "tool_definition", cause });
      expect(String(error)).toContain("no getter today");
    }
  });

  test("refuses a type that the API defines, which brings its own schema", () => {
    const define = () =>
      tool({ name: "memory", description: "", definition: { type: "memory_20250818" }, run: () => "" });
    expect(refusalOf(define)).toMatch(/memory has the type memory_20250818.*plain object/);
    expect(() =>
      tool({ name: "own", description: "", definition: { type: "custom" }, run: () => "" }),
    ).not.toThrow();
  });

  test("takes a schema of any library that says its own JSON Schema, and passes on what it finds", async () => {
    const validate = (value: unknown) =>
      typeof value === "object" && value !== null && "city" in value
        ? { value: { city: String(value.city) } }
        : { issues: [{ message: "Say which city", path: [{ key: "trip" }, "city"] }] };
    const types = undefined as { input: unknown; output: { city: string } } | undefined;
    const json = { $schema: "x", type: "object", properties: { city: { type: "string" } } };
    const targets: string[] = [];
    const input = ({ target }: { target: string }) => {
      targets.push(target);
      return json;
    };
    // Some libraries make schemas that are functions.
    const schema = Object.assign(() => undefined, {
      "~standard": { version: 1, vendor: "other", validate, types, jsonSchema: { input } },
    } as const);
    const made = tool({ name: "other", description: "Other.", input: schema, run: ({ city }) => city });
    expect(made.inputSchema).toEqual({ type: "object", properties: { city: { type: "string" } } });
    expect(new Set(targets)).toEqual(new Set(["draft-2020-12"]));
    expect(Object.isFrozen(json.properties.city)).toBe(false);
    expect(await made.parse({ city: 1 })).toEqual({ city: "1" });
    await expect(made.parse({})).rejects.toThrow("trip.city: Say which city.");
  });

  test("refuses a schema of a library that has no JSON Schema to say", () => {
    const schema = {
      "~standard": { version: 1, vendor: "other", validate: (value: unknown) => ({ value }) },
    };
    expect(refusalOf(() => tool({ name: "other", description: "", input: schema, run: () => "" }))).toMatch(
      /not a schema/,
    );
  });
});

describe("tool, of a check that the model can't see,", () => {
  let warn: MockInstance<typeof console.warn>;
  beforeEach(() => {
    warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  });
  afterEach(() => warn.mockRestore());
  const define = (name: string, input: z.ZodType) =>
    tool({ name, description: "A tool.", input, run: () => "" });

  test("warns once, naming the tool and each such property", () => {
    const input = z.object({
      trip: z.object({ city: z.string().refine(() => true) }),
      stops: z.array(z.string().superRefine(() => undefined)),
      plain: z.string(),
    });
    define("warned", input);
    define("warned", input);
    expect(warn.mock.calls).toEqual([
      [
        "The tool warned checks trip.city, stops in a way that its JSON Schema can't say. Tell the model with .describe(...).",
      ],
    ]);
  });

  test("is silent where a description can tell of it, wherever in the property it stands", () => {
    const refined = z.string().refine(() => true);
    define(
      "described",
      z.object({
        before: z
          .string()
          .describe("A")
          .refine(() => true),
        after: refined.describe("A"),
        outside: refined.optional().describe("A"),
        around: z.array(refined).describe("A"),
        checked: z.string().min(3).regex(/^a/),
      }),
    );
    // The description of the tool speaks for the object as a whole.
    define(
      "whole",
      z.object({ from: z.string(), to: z.string() }).refine(({ from, to }) => from < to),
    );
    expect(warn).not.toHaveBeenCalled();
  });

  test("is silent about a property without a description", () => {
    define("bare", z.object({ city: z.string() }));
    expect(warn).not.toHaveBeenCalled();
  });

  test("warns for zod 3 as well", () => {
    const input = z3.object({
      a: z3.string().refine(() => true),
      b: z3
        .string()
        .refine(() => true)
        .describe("B"),
    });
    tool({ name: "warned_3", description: "A tool.", input, run: () => "" });
    expect(warn.mock.calls.flat().join()).toMatch(/^The tool warned_3 checks a in/);
  });

  test.each([
    [
      "4",
      z.object({
        a: z.string().regex(/a/i),
        b: z.string().regex(/b/i).describe("B"),
        c: z.string().regex(/c/u),
      }),
    ],
    [
      "3",
      z3.object({
        a: z3.string().regex(/a/i),
        b: z3.string().regex(/b/i).describe("B"),
        c: z3.string().regex(/c/u),
      }),
    ],
  ])("warns of a regular expression whose flags no JSON Schema has, for zod %s", (version, input) => {
    tool({ name: `flags_${version}`, description: "A tool.", input, run: () => "" });
    expect(warn.mock.calls.flat().join()).toMatch(/checks a in a way/);
  });
});

describe("an option that tool() doesn't know", () => {
  it.each([
    ["inputSchema", "`input`"],
    ["execute", "`run`"],
    ["effect", "The options are"],
  ])("is refused, and what was meant is named: %s", (option, words) => {
    const make = () => tool({ name: "work", description: "Works.", run: () => 1, [option]: {} } as never);
    expect(make).toThrow(
      expect.objectContaining({ reason: "tool_definition", message: expect.stringContaining(words) }),
    );
  });

  it("is none that its type knows", () => {
    const reader = tool({ name: "read", description: "Reads on.", run: () => 1, readsResults: true });
    expect(reader.readsResults).toBe(true);
  });

  it("is not needsApproval or reconcile, which are the tool's", () => {
    const made = tool({
      name: "pay",
      description: "Pays.",
      run: () => 1,
      needsApproval: true,
      reconcile: () => ({ status: "unknown" }),
    });
    expect(made).toMatchObject({ needsApproval: true, reconcile: expect.any(Function) });
  });
});
