import type Anthropic from "@anthropic-ai/sdk";
import { type Agent, run, type Tool, type ToolDefinition } from "@lockstitch/core";
import { describe, expectTypeOf, it } from "vitest";

describe("the tools of the API, typed by the SDK", () => {
  it("stand beside one's own, each with its own fields", () => {
    expectTypeOf<Anthropic.WebSearchTool20260318>().toExtend<ToolDefinition>();
    expectTypeOf<Anthropic.WebFetchTool20260318>().toExtend<ToolDefinition>();
    expectTypeOf<Anthropic.CodeExecutionTool20260120>().toExtend<ToolDefinition>();
    expectTypeOf<Anthropic.ToolSearchToolBm25_20251119>().toExtend<ToolDefinition>();
    expectTypeOf<Anthropic.MemoryTool20250818>().toExtend<ToolDefinition>();
    expectTypeOf<Anthropic.ToolBash20250124>().toExtend<ToolDefinition>();
    expectTypeOf<Anthropic.ToolTextEditor20250728>().toExtend<ToolDefinition>();
    const own: Tool<{ command: string }> = {
      name: "bash",
      definition: { type: "bash_20250124" },
      parse: (input) => input as { command: string },
      run: ({ command }) => expectTypeOf(command).toBeString(),
    };
    const agent: Agent = { tools: [own, { type: "web_search_20260318", name: "web_search", max_uses: 3 }] };
    void run(agent, "Hi");
  });

  it("are held to their types", () => {
    // @ts-expect-error a type that the SDK does not know
    const unknown: ToolDefinition = { type: "web_search_20991231", name: "web_search" };
    // @ts-expect-error a name that is another tool's
    const misnamed: ToolDefinition = { type: "web_search_20260318", name: "search" };
    const mistyped: ToolDefinition = {
      type: "text_editor_20250728",
      name: "str_replace_based_edit_tool",
      // @ts-expect-error a field of another type
      max_characters: "many",
    };
    void [unknown, misnamed, mistyped];
  });
});
