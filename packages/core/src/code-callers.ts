import { definitionName, isCodeExecution, type ToolDefinition } from "./tool-definition.js";

/**
 * Why the API would refuse these definitions for the tools that code may call (`allowed_callers`), and what to do about it. Source: the
 * API's documentation of programmatic tool calling.
 */
export function callersProblem(definitions: readonly ToolDefinition[]): string | undefined {
  const called = definitions.filter(isCalledByCode);
  const [first] = called;
  if (first === undefined) return undefined;
  if (!definitions.some(isCodeExecution))
    return `${definitionName(first)} may be called by code, and the agent has no code execution tool. Give it one, or leave \`allowed_callers\` out.`;
  const strict = called.find((tool) => "strict" in tool && tool.strict === true);
  return strict === undefined
    ? undefined
    : `${definitionName(strict)} is strict and may be called by code, which the API doesn't take together. Leave \`strict\` or \`allowed_callers\` out.`;
}

function isCalledByCode(definition: ToolDefinition): boolean {
  const { allowed_callers: callers } = definition as { readonly allowed_callers?: unknown };
  return Array.isArray(callers) && callers.some((caller) => String(caller).startsWith("code_execution_"));
}
