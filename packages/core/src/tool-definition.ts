import type Anthropic from "@anthropic-ai/sdk";
import { ToolDefinitionError } from "./errors.js";

/** A tool's input as JSON Schema, as the API takes it: an object at the root. */
export type InputSchema = Anthropic.Tool.InputSchema;

/** What stands in the request for one tool. */
export type ToolDefinition = Anthropic.ToolUnion;

/** Blocks that a tool result may hold. */
export type ResultBlock = Exclude<NonNullable<Anthropic.ToolResultBlockParam["content"]>, string>[number];

/** Names the API accepts for a tool. Source: the API's tool-use rules. */
const toolNamePattern: RegExp = /^[a-zA-Z0-9_-]{1,64}$/;

export function isLegalToolName(name: unknown): name is string {
  return typeof name === "string" && toolNamePattern.test(name);
}

/** Throws `ToolDefinitionError` for a name that the API would refuse. */
export function checkToolName(name: unknown): void {
  if (isLegalToolName(name)) return;
  throw new ToolDefinitionError(
    String(name),
    `${JSON.stringify(name) ?? String(name)} can't be a tool's name. Use 1 to 64 letters, digits, underscores or hyphens, e.g. "get_weather".`,
  );
}

/** Whether the API wrote this definition: what it is called and takes stands nowhere in the request. */
export function isDefinedByApi({ type }: { readonly type?: unknown }): boolean {
  return typeof type === "string" && type !== "custom";
}

/** Whether the API runs this tool, in a loop of its own; of the tools that it defines a client runs memory, bash, editors and screens. */
export function runsAtApi(definition: ToolDefinition): boolean {
  const type = ("type" in definition ? definition.type : undefined) ?? "custom";
  return !["custom", "memory_", "bash_", "text_editor_", "computer_", "browser_"].some((own) =>
    type.startsWith(own),
  );
}
