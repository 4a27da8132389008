import type Anthropic from "@anthropic-ai/sdk";
import { oncePerFrozen } from "../../freeze.js";
import { definitionName, isDeferred, type ToolDefinition } from "../../tool-definition.js";

/**
 * Definitions that the API puts into the prompt in place of references to them, each as often as it is referred to. What is deferred
 * stands nowhere else in it. Source: the API's documentation of tool search.
 */
export function referredTools(
  messages: readonly Anthropic.MessageParam[],
  tools: readonly ToolDefinition[],
): readonly ToolDefinition[] {
  const names = messages.flatMap(namesIn);
  if (names.length === 0) return [];
  const deferred = new Map(tools.flatMap((tool) => (isDeferred(tool) ? [[definitionName(tool), tool]] : [])));
  return names.flatMap((name) => deferred.get(name) ?? []);
}

const namesIn = oncePerFrozen(({ content }: Anthropic.MessageParam): readonly string[] =>
  namesWithin(content),
);

/** Wherever a reference stands, in a result or in what a search has found; what a model has put into a call's input is none. */
function namesWithin(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(namesWithin);
  if (typeof value !== "object" || value === null) return [];
  const { type, tool_name: name } = value as { readonly type?: unknown; readonly tool_name?: unknown };
  if (type === "tool_reference") return typeof name === "string" ? [name] : [];
  return Object.entries(value).flatMap(([field, item]) => (field === "input" ? [] : namesWithin(item)));
}
