import {
  AgentError,
  checkAgent,
  permitRules,
  ruleOfTwo,
  run,
  type Tool,
  ToolDefinitionError,
} from "@lockstitch/core";
import { scripted } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { handTool } from "./helpers.js";

const refusalOf = (agent: unknown) =>
  run(agent as never, "Go.", { claude: scripted(["Done."]) }).then(
    () => undefined,
    (error: unknown) => error,
  );
const withTool = (fields: object) => ({ tools: [{ ...handTool("work", () => "done"), ...fields }] });

describe("a tool's field of a wrong type is told before anything is sent", () => {
  it.each(["alone", "readsResults"])("%s that is neither true nor false", async (field) => {
    for (const value of ["yes", 1, 0, null, {}]) {
      const error = await refusalOf(withTool({ [field]: value }));
      expect(error).toBeInstanceOf(ToolDefinitionError);
      expect(String(error)).toMatch(new RegExp(`The tool work has ${field} .*; it is true or false`));
    }
    for (const value of [true, false, undefined])
      expect(await refusalOf(withTool({ [field]: value }))).toBeUndefined();
  });

  it.each<[string, unknown, RegExp]>([
    ["a text", "x", /a definition that is no object/],
    ["a number", 5, /a definition that is no object/],
    ["null", null, /a definition that is no object/],
    ["a list", [], /a definition that is no object/],
    ["a type that is no text", { type: 5 }, /`type` of its definition must be "custom"/],
    ["a description that is no text", { description: 5 }, /`description` of its definition must be a text/],
    ["strict in words", { strict: "yes" }, /`strict` of its definition must be true or false/],
    ["strict that is null", { strict: null }, /`strict` of its definition must be true or false/],
    [
      "deferring in words",
      { defer_loading: "true" },
      /`defer_loading` of its definition must be true or false/,
    ],
    [
      "examples that are none",
      { input_examples: ["x"] },
      /`input_examples` of its definition must be a list of/,
    ],
    [
      "one caller",
      { allowed_callers: "direct" },
      /`allowed_callers` of its definition must be a list of texts/,
    ],
    ["a marker that is none", { cache_control: true }, /`cache_control` of its definition must be an object/],
    ["a schema that is none", { input_schema: 5 }, /`input_schema` of its definition must be an object/],
    ["a field that there is not", { foo: 1 }, /no field "foo".*fields are: .*defer_loading/],
    ["what every object has", { constructor: 1 }, /no field "constructor"/],
  ])("a definition with %s", async (_what, definition, words) => {
    const error = await refusalOf(withTool({ definition }));
    expect(error).toBeInstanceOf(ToolDefinitionError);
    expect(String(error)).toMatch(words);
  });

  it("and so in a definition by itself, which nothing here runs", async () => {
    const input_schema = { type: "object" };
    for (const wrong of [{ strict: "yes" }, { foo: 1 }, { type: 5 }, { description: 5 }])
      expect(await refusalOf({ tools: [{ name: "work", input_schema, ...wrong }] })).toBeInstanceOf(
        ToolDefinitionError,
      );
    expect(
      await refusalOf({ tools: [{ name: "work", input_schema, strict: false, type: "custom" }] }),
    ).toBeUndefined();
  });

  it("while all that the API takes passes, and a definition of the API's own as it is", async () => {
    const definition = {
      type: null,
      description: "Works.",
      strict: false,
      defer_loading: undefined,
      eager_input_streaming: null,
      input_examples: [{}],
      allowed_callers: ["direct"],
      cache_control: { type: "ephemeral" },
    };
    expect(await refusalOf(withTool({ definition }))).toBeUndefined();
    const memory = { type: "memory_20250818", of_tomorrow: 1 };
    expect(await refusalOf(withTool({ name: "memory", definition: memory }))).toBeUndefined();
  });
});

describe("an agent's fields", () => {
  it.each([
    [null],
    [undefined],
    [5],
    ["text"],
    [[]],
    [{}],
    [{ type: "text" }],
    [{ type: "text", text: 5 }],
    [{ type: "image" }],
  ])("a system prompt with the block %j is told apart from one with texts", async (block) => {
    const error = await refusalOf({ system: [block] });
    expect(error).toBeInstanceOf(AgentError);
    expect(String(error)).toMatch(/agent\.system.*\{ type: "text", text \}/);
  });

  it.each([[1n], [["none"]], [{}]])("may hold no tool with effects %o", async (effects) => {
    const tool = { name: "odd", effects, parse: (input: unknown) => input, run: () => "" };
    expect(String(await refusalOf({ tools: [tool] }))).toMatch(/odd has effects .*; they are "none"/);
  });

  it("can be checked without a run", () => {
    expect(() => checkAgent({ name: "clerk", system: [{ type: "text", text: "Work." }] })).not.toThrow();
    expect(() => checkAgent({ nam: "clerk" } as never)).toThrow(/no field "nam"/);
    expect(() => checkAgent({ request: () => 1 } as never)).toThrow(/agent\.request must be an object/);
    const twin: Tool = { name: "twin", effects: "none", parse: (input) => input, run: () => "" };
    expect(() => checkAgent({ tools: [twin, twin] })).toThrow(/Two tools are called "twin"/);
    expect(() => checkAgent({ output: {} as never })).toThrow(/agent\.output/);
  });

  it("is checked for what its model takes and costs where models and prices are given", () => {
    const capped = { model: "claude-unheard-of", limits: { usd: 1 } };
    const hot = { request: { temperature: 2, thinking: { type: "enabled", budget_tokens: 2_000 } } } as const;
    expect(() => checkAgent(capped)).not.toThrow();
    expect(() => checkAgent(capped, {})).toThrow(/limits.usd needs the price/);
    expect(() => checkAgent(hot)).not.toThrow();
    expect(() => checkAgent(hot, {})).toThrow(AgentError);
  });
});

describe("the options of ruleOfTwo", () => {
  it.each<[string, unknown, RegExp]>([
    ["a misspelt one", { inputs: "private" }, /ruleOfTwo has no field "inputs".*third, input/],
    ["null", null, /ruleOfTwo must be an object|The options of ruleOfTwo must be an object/],
    ["a list", [], /must be an object/],
    ["a text", "private", /must be an object/],
    ["an input that was meant to be there", { input: undefined }, /`input` undefined/],
    ["an input that is null", { input: null }, /input is "untrusted", "private" or both/],
    ["a third that is null", { third: null }, /third is "ask" or "deny"/],
    ["a third that allows", { third: "allow" }, /third is "ask" or "deny"/],
  ])("%s is refused, for the rule would be weaker than was meant", (_what, options, words) => {
    expect(() => ruleOfTwo([], options as never)).toThrow(AgentError);
    expect(() => ruleOfTwo([], options as never)).toThrow(words);
  });

  it("are told of as those of permitRules are", () => {
    expect(() => permitRules({ denys: [] } as never)).toThrow(/permitRules has no field "denys"/);
  });
});
