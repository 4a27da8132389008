import type Anthropic from "@anthropic-ai/sdk";
import { apiToolName } from "./api-tool-names.js";
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

/** Whether the API takes a call's id back. Another service's, e.g. `functions.look:0`, it may not. Source: the API's tool-use rules. */
export function isLegalCallId(id: unknown): id is string {
  return typeof id === "string" && /^[a-zA-Z0-9_-]+$/.test(id);
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

/** The tool that code runs in, and may call tools of ours from. */
export function isCodeExecution({ type }: ToolDefinition): boolean {
  return type?.startsWith("code_execution_") === true;
}

/** What each field of a definition of one's own is, in words that go on from "must be". */
const definitionFields: Readonly<
  Record<keyof Anthropic.Tool, readonly [wanted: string, isRight: (value: unknown) => boolean]>
> = {
  name: ["a text", isText],
  description: ["a text", isText],
  input_schema: ["an object", isObject],
  type: ['"custom", null, or a type that the API defines', (value) => value === "custom" || value === null],
  strict: ["true or false", isBoolean],
  defer_loading: ["true or false", isBoolean],
  eager_input_streaming: ["true, false or null", (value) => value === null || isBoolean(value)],
  input_examples: ["a list of objects", (value) => Array.isArray(value) && value.every(isObject)],
  allowed_callers: ["a list of texts", (value) => Array.isArray(value) && value.every(isText)],
  cache_control: ["an object or null", (value) => value === null || isObject(value)],
};

/**
 * What is wrong with the wire fields of a tool of this name, in words that go on from it; `undefined` where nothing is. Source: the SDK's
 * type, version 1.12.0.
 */
export function definitionProblem(definition: unknown, toolName: unknown): string | undefined {
  if (!isObject(definition))
    return "has a definition that is no object. Give the API's fields, e.g. { strict: true }.";
  if (isDefinedByApi(definition)) return apiToolProblem(definition, toolName);
  for (const [name, value] of Object.entries(definition)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(definitionFields, name))
      return `has a definition with ${JSON.stringify(name)}: the API has no field ${JSON.stringify(name)} there. Its fields are: ${Object.keys(definitionFields).join(", ")}.`;
    const problem = fieldProblem(name as keyof Anthropic.Tool, value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Of the fields that are a tool's own only its name is looked at: what types that come later have, nobody here knows. */
function apiToolProblem({ type, input_examples = [] }: Fields, name: unknown): string | undefined {
  const wanted = apiToolName(type);
  return wanted === undefined || name === wanted
    ? fieldProblem("input_examples", input_examples)
    : `is of the type ${type}, which has the name "${wanted}" at the API. Call it "${wanted}".`;
}

function fieldProblem(name: keyof Anthropic.Tool, value: unknown): string | undefined {
  const [wanted, isRight] = definitionFields[name];
  return isRight(value)
    ? undefined
    : `is not defined as the API takes it: \`${name}\` of its definition must be ${wanted}.`;
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isBoolean(value: unknown): boolean {
  return typeof value === "boolean";
}

/** Whether it stands in no prompt before the model has looked for it. */
export function isDeferred(definition: Partial<ToolDefinition>): boolean {
  return "defer_loading" in definition && definition.defer_loading === true;
}

/** What a definition is called in words; a toolset of the API has no name of its own. */
export function definitionName(definition: ToolDefinition): string {
  return "name" in definition ? definition.name : "a tool";
}
