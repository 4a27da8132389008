import { blocksOf, messagesOf } from "./messages.js";
import { type Fields, firstRefusal, isFields, type Rule } from "./rule.js";
import { isToolset, toolsOf } from "./tools.js";

/** A deferred tool is loaded when something refers to it: a model that knows none at all could not even search. */
export const notAllToolsAreDeferred: Rule = (request) => {
  const tools = toolsOf(request);
  return tools.length > 0 && tools.every(isDeferred)
    ? "At least one tool must have defer_loading=false. All tools cannot be deferred."
    : undefined;
};

export const deferredToolsAreNotCached: Rule = (request) =>
  firstRefusal(
    toolsOf(request).map((tool) =>
      isDeferred(tool) && tool.cache_control
        ? `Tool '${String(tool.name)}' cannot have both defer_loading=true and cache_control set. ` +
          "Tools with defer_loading cannot use prompt caching."
        : undefined,
    ),
  );

/** What a search has found must be among the tools. What comes from MCP servers or toolsets can't be known here. */
export const referencesAreKnown: Rule = (request) => {
  const tools = [...toolsOf(request), ...messagesOf(request).flatMap(toolsIn)];
  if (request.mcp_servers !== undefined || tools.some(isToolset)) return undefined;
  const names = new Set(tools.map(({ name }) => name));
  const unknown = messagesOf(request)
    .flatMap((message) => blocksOf(message).flatMap(referencesIn))
    .find((name) => !names.has(name));
  return unknown === undefined
    ? undefined
    : `Tool reference '${String(unknown)}' not found in available tools`;
};

/** A beta lets the conversation itself bring a tool. */
function toolsIn(message: Fields): Fields[] {
  return blocksOf(message).flatMap(({ type, tool }) => {
    const definition = type === "tool_addition" && isFields(tool) ? tool.definition : undefined;
    return isFields(definition) ? [definition] : [];
  });
}

function referencesIn({ type, content }: Fields): unknown[] {
  const found =
    type === "tool_result"
      ? content
      : type === "tool_search_tool_result" && isFields(content)
        ? content.tool_references
        : [];
  if (!Array.isArray(found)) return [];
  return found
    .filter((block) => isFields(block) && block.type === "tool_reference")
    .map((block) => block.tool_name);
}

function isDeferred({ defer_loading }: Fields): boolean {
  return defer_loading === true;
}
