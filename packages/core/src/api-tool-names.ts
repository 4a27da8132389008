import type Anthropic from "@anthropic-ai/sdk";

type Named = Extract<Anthropic.ToolUnion, { readonly type: string; readonly name: string }>;

/** The only name that the API takes for each tool that it defines; a toolset has none. Source: the SDK's types, version 1.12.0. */
const names = {
  bash_20250124: "bash",
  code_execution_20250522: "code_execution",
  code_execution_20250825: "code_execution",
  code_execution_20260120: "code_execution",
  code_execution_20260521: "code_execution",
  memory_20250818: "memory",
  text_editor_20250124: "str_replace_editor",
  text_editor_20250429: "str_replace_based_edit_tool",
  text_editor_20250728: "str_replace_based_edit_tool",
  tool_search_tool_bm25: "tool_search_tool_bm25",
  tool_search_tool_bm25_20251119: "tool_search_tool_bm25",
  tool_search_tool_regex: "tool_search_tool_regex",
  tool_search_tool_regex_20251119: "tool_search_tool_regex",
  web_fetch_20250910: "web_fetch",
  web_fetch_20260209: "web_fetch",
  web_fetch_20260309: "web_fetch",
  web_fetch_20260318: "web_fetch",
  web_search_20250305: "web_search",
  web_search_20260209: "web_search",
  web_search_20260318: "web_search",
} as const satisfies { readonly [One in Named as One["type"]]: One["name"] };

/** What a tool of the API's own must be called; `undefined` for a toolset, and for a type that came later. */
export function apiToolName(type: unknown): string | undefined {
  const isKnown = (known: string): known is keyof typeof names => Object.hasOwn(names, known);
  return typeof type === "string" && isKnown(type) ? names[type] : undefined;
}
