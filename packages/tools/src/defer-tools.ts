import { AgentError, type Tool, type ToolDefinition } from "@lockstitch/core";
import { unknownOption } from "./unknown-options.js";

export interface DeferToolsOptions {
  /** Names of tools that the model knows from the start: those that nearly every conversation needs. Default: none. */
  readonly keep?: readonly string[];
  /** How the model searches: `"bm25"` by words, `"regex"` by patterns over names and descriptions. Default `"bm25"`. */
  readonly variant?: "bm25" | "regex";
}

/**
 * The tools of an agent that has more than about thirty of its own, which crowd its prompt and are confused with each other: all but those
 * in `keep` are deferred, so that the model finds them with the API's tool search and only then is told of them. They are called and run
 * like any other. What the API defines itself stays as it is, and so does a tool that reads on in cut results.
 *
 * Pure: the same tools give the same list, in the same order, with the search behind them; so a session goes on with it unchanged, and the
 * prompt stays in the cache whatever is found. Tools that are deferred already stay so; a search that is there is not added twice.
 *
 * Throws `AgentError` for a name in `keep` that no tool has, and for an option that it doesn't know.
 */
export function deferTools(
  tools: readonly (Tool | ToolDefinition)[],
  options: DeferToolsOptions = {},
): readonly (Tool | ToolDefinition)[] {
  const misspelt = unknownOption("deferTools", options ?? {}, known);
  if (misspelt !== undefined) throw new AgentError(misspelt);
  const { keep = [], variant = "bm25" } = options ?? {};
  if (!isList(tools, "object") || !isList(keep, "string"))
    throw new AgentError(
      'deferTools() takes a list of tools, and `keep` a list of names: deferTools(tools, { keep: ["search"] }).',
    );
  const names = new Set(tools.map(nameOf));
  const unknown = keep.find((name) => !names.has(name));
  if (unknown !== undefined)
    throw new AgentError(
      `deferTools() is to keep ${JSON.stringify(unknown)}, and no tool is called so. Their names are: ${[...names].join(", ")}.`,
    );
  if (variant !== "bm25" && variant !== "regex")
    throw new AgentError('deferTools() searches in the variant "bm25" or "regex".');
  const deferred = tools.map((tool) => (keep.includes(nameOf(tool)) ? tool : defer(tool)));
  const isNeeded = deferred.some(isDeferred) && !tools.some(isSearch);
  return isNeeded ? [...deferred, searches[variant]] : deferred;
}

const known = { keep: true, variant: true } satisfies Record<keyof DeferToolsOptions, true>;

const searches: Readonly<Record<"bm25" | "regex", ToolDefinition>> = {
  bm25: { type: "tool_search_tool_bm25_20251119", name: "tool_search_tool_bm25" },
  regex: { type: "tool_search_tool_regex_20251119", name: "tool_search_tool_regex" },
};

function defer(tool: Tool | ToolDefinition): Tool | ToolDefinition {
  if (isOurs(tool)) {
    // Null stands for "custom" at the API, too.
    const isDefinedByApi = (tool.definition?.type ?? "custom") !== "custom";
    // A result that was cut names the tool that reads on: the model must have it then.
    if (isDefinedByApi || tool.readsResults === true) return tool;
    return Object.freeze({ ...tool, definition: { ...tool.definition, defer_loading: true } });
  }
  return "input_schema" in tool ? { ...tool, defer_loading: true } : tool;
}

function isDeferred(tool: Tool | ToolDefinition): boolean {
  const definition = isOurs(tool) ? (tool.definition ?? {}) : tool;
  return "defer_loading" in definition && definition.defer_loading === true;
}

function isSearch(tool: Tool | ToolDefinition): boolean {
  return !isOurs(tool) && "type" in tool && tool.type?.startsWith("tool_search_tool_") === true;
}

function isOurs(tool: Tool | ToolDefinition): tool is Tool {
  return "run" in tool;
}

function nameOf(tool: Tool | ToolDefinition): string {
  return "name" in tool ? String(tool.name) : String("type" in tool ? tool.type : "");
}

function isList(value: unknown, of: "object" | "string"): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === of && item !== null);
}
