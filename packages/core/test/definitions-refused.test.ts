import {
  AgentError,
  type RequestFields,
  type Tool,
  type ToolDefinition,
  ToolDefinitionError,
} from "@lockstitch/core";
import { describe, expect, it } from "vitest";
import { prepareAgent } from "../src/prepare-agent.js";
import { handTool } from "./helpers.js";
import { text } from "./some-schemas.js";
import { wordsOf } from "./strict-helpers.js";

function refusalOf(tool: unknown): string | undefined {
  try {
    prepareAgent({ tools: [tool as Tool | ToolDefinition] });
    return undefined;
  } catch (error) {
    if (error instanceof ToolDefinitionError || error instanceof AgentError) return error.message;
    throw error;
  }
}

const byHand = (name: string, definition: object) =>
  handTool(name, () => "", { definition: definition as NonNullable<Tool["definition"]> });
const withFormat = (format: unknown) =>
  wordsOf(() => prepareAgent({ request: { output_config: { format } } as RequestFields }));

describe("a tool of the API's own is known by one name:", () => {
  it.each([
    ["bash_20250124", "bash"],
    ["memory_20250818", "memory"],
    ["text_editor_20250124", "str_replace_editor"],
    ["text_editor_20250728", "str_replace_based_edit_tool"],
    ["code_execution_20260521", "code_execution"],
    ["web_search_20260318", "web_search"],
    ["web_fetch_20260318", "web_fetch"],
    ["tool_search_tool_regex", "tool_search_tool_regex"],
    ["tool_search_tool_bm25_20251119", "tool_search_tool_bm25"],
  ])("%s is called %s", (type, name) => {
    const words = `is of the type ${type}, which has the name "${name}" at the API. Call it "${name}".`;
    expect(refusalOf({ type, name })).toBeUndefined();
    expect(refusalOf({ type, name: "other" })).toBe(`The tool other ${words}`);
    expect(refusalOf({ type })).toContain(words);
    expect(refusalOf(byHand(name, { type }))).toBeUndefined();
    expect(refusalOf(byHand("other", { type }))).toBe(`The tool other ${words}`);
  });

  it("one of a type that came later keeps its own, and a set of them needs none", () => {
    expect(refusalOf({ type: "bash_20991231", name: "shell" })).toBeUndefined();
    expect(refusalOf({ type: "constructor", name: "shell" })).toBeUndefined();
    expect(refusalOf({ type: "browser_toolset_20260801" })).toBeUndefined();
  });
});

it("a description that is no text is told when the agent is made, whoever wrote the tool", () => {
  const words = /The tool work has a description that is no text/;
  for (const description of [5, null, ["a"], {}]) {
    expect(refusalOf({ ...handTool("work", () => ""), description })).toMatch(words);
    expect(refusalOf({ name: "work", description, input_schema: { type: "object" } })).toMatch(
      /`description` of its definition must be a text/,
    );
  }
  expect(refusalOf({ ...handTool("work", () => ""), description: undefined })).toBeUndefined();
});

describe("an example of an input", () => {
  const schema = { type: "object", properties: { city: text, days: {} }, required: ["city"] } as const;
  const example = (value: unknown, input_schema: object = schema) =>
    refusalOf({ name: "work", input_schema, input_examples: [{ city: "Oslo" }, value] });

  it("without what the input requires is refused", () => {
    expect(example({ days: 3 })).toBe(
      'The API would refuse work: input_examples.1 of its definition has no "city", which its input requires. Show whole inputs.',
    );
    expect(example({ toString: 1 }, { type: "object", required: ["toString"] })).toMatch(
      /input_examples\.0 .* no "toString"/,
    );
  });

  it("with what a closed input has no room for is refused", () => {
    expect(example({ city: "Oslo", day: 3 }, { ...schema, additionalProperties: false })).toBe(
      'The API would refuse work: input_examples.1 of its definition has "day", which its input has no room for. Leave it out, or name it in the schema.',
    );
    expect(
      example(
        { city: "Oslo", x1: 3 },
        { ...schema, additionalProperties: false, patternProperties: { x: {} } },
      ),
    ).toBe(undefined);
  });

  it("that fits is taken, of a tool without a schema too", () => {
    expect(example({ city: "Oslo", day: 3 })).toBeUndefined();
    expect(example({ city: 5, days: 3 }, { ...schema, additionalProperties: false })).toBeUndefined();
    expect(refusalOf(byHand("work", { input_examples: [{}] }))).toBeUndefined();
    expect(refusalOf(byHand("work", { input_examples: [{ a: 1 }] }))).toMatch(
      /has "a", which its input has no room for/,
    );
  });

  it("of a tool that the API defines is an object as well", () => {
    expect(refusalOf({ type: "bash_20250124", name: "bash", input_examples: ["ls"] })).toMatch(
      /`input_examples` of its definition must be a list of objects/,
    );
    expect(refusalOf({ type: "bash_20250124", name: "bash", input_examples: [{ command: "ls" }] })).toBe(
      undefined,
    );
  });
});

describe("a format that was given to the API by hand", () => {
  it.each<[what: string, format: unknown]>([
    ["without a schema", { type: "json_schema" }],
    ["without a type", { schema: text }],
    ["of another type", { type: "json_object", schema: text }],
    ["as elsewhere", { type: "json_schema", json_schema: { name: "a", schema: text } }],
    ["with a field too many", { type: "json_schema", schema: text, strict: true }],
    ["that is a text", "json"],
    ["that is a list", []],
  ])("%s is refused, with the way out", (_what, format) => {
    expect(withFormat(format)).toMatch(
      /request\.output_config\.format: it must be { type: "json_schema", schema }, and nothing else.*`output` instead/,
    );
  });

  it("is taken where it is one, or none", () => {
    for (const format of [{ type: "json_schema", schema: text }, null, undefined])
      expect(withFormat(format)).toBeUndefined();
    expect(withFormat({ type: "json_schema", schema: null })).toMatch(
      /format\.schema: it is null, and no JSON Schema/,
    );
  });
});
