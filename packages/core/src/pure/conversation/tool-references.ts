import type Anthropic from "@anthropic-ai/sdk";
import type { ToolDefinition } from "../../tool-definition.js";

/**
 * A block in which every reference is to a tool that the request defines. Any other the API refuses, with every later request of the
 * session: in a tool's result it becomes words, and of what the API's own search has found it is left out.
 */
export function knownReference(tools: readonly ToolDefinition[]): (block: unknown) => unknown {
  const isUnknown = unknownTo(tools);
  return (block) => {
    if (isUnknown(block)) return inWords(block);
    const found = foundIn(block);
    if (!found.some(isUnknown)) return block;
    const { content } = block as { readonly content?: object };
    return {
      ...(block as object),
      content: { ...content, tool_references: found.filter((one) => !isUnknown(one)) },
    };
  };
}

/** Why the API would refuse what is said for the tools that it refers to. */
export function referencesProblem(
  said: readonly Anthropic.MessageParam[],
  tools: readonly ToolDefinition[],
): string | undefined {
  const isUnknown = unknownTo(tools);
  const unknown = said
    .flatMap(({ content }) => (typeof content === "string" ? [] : content))
    .flatMap(referencesIn)
    .find(isUnknown);
  return unknown === undefined
    ? undefined
    : `it refers to a tool ${nameIn(unknown)}, which the agent has not. Give the agent that tool, or leave the reference out`;
}

/** The parts of a tool's result, or what the API's search has found. */
function referencesIn(block: unknown): readonly unknown[] {
  const { type, content } = (block ?? {}) as { readonly type?: unknown; readonly content?: unknown };
  return type === "tool_result" && Array.isArray(content) ? content : foundIn(block);
}

function foundIn(block: unknown): readonly unknown[] {
  const { type, content } = (block ?? {}) as { readonly type?: unknown; readonly content?: unknown };
  if (type !== "tool_search_tool_result") return [];
  const { tool_references: found } = (content ?? {}) as { readonly tool_references?: unknown };
  return Array.isArray(found) ? found : [];
}

/** A search is no tool to be found; what a toolset holds is not known here, so beside one any name may be right. */
function unknownTo(tools: readonly ToolDefinition[]): (block: unknown) => boolean {
  const isToolset = tools.some((tool) => !("name" in tool));
  const names = new Set(
    tools.flatMap((tool) =>
      "name" in tool && tool.type?.startsWith("tool_search_tool_") !== true ? [tool.name as string] : [],
    ),
  );
  return (block) => isReference(block) && !isToolset && !names.has(block.tool_name);
}

function isReference(block: unknown): block is Anthropic.ToolReferenceBlockParam {
  return (block as { readonly type?: unknown } | null)?.type === "tool_reference";
}

function inWords(reference: unknown): Anthropic.TextBlockParam {
  return {
    type: "text",
    text: `(not shown: a reference to a tool ${nameIn(reference)}; there is no such tool)`,
  };
}

function nameIn(reference: unknown): string {
  return JSON.stringify((reference as Anthropic.ToolReferenceBlockParam).tool_name);
}
