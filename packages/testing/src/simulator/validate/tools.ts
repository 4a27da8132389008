import { hasEndlessReference } from "../json-schema/endless-reference.js";
import { breaks } from "../json-schema/fits.js";
import { isJsonSchema, notASchema } from "../json-schema/is-json-schema.js";
import { type Fields, firstRefusal, isFields, type Rule, type Surroundings } from "./rule.js";
import { callers, checkServerTool } from "./server-tools.js";
import {
  anything,
  boolean,
  checkFields,
  listOf,
  matching,
  nullable,
  object,
  type Shapes,
  text,
  unknownTag,
} from "./shape.js";

/** The fields of a tool that the caller runs. The tools that the API defines have a `type` and rules of their own. */
const custom: Shapes = {
  required: { name: matching(/^[a-zA-Z0-9_-]{1,64}$/), input_schema: inputSchema },
  optional: {
    type: anything,
    description: text,
    strict: boolean,
    cache_control: nullable(object),
    defer_loading: boolean,
    eager_input_streaming: nullable(boolean),
    input_examples: listOf(object),
    allowed_callers: callers,
  },
};

/** A request's tools, once they are known to be a list. */
export function toolsOf(request: Fields): readonly Fields[] {
  return (request.tools ?? []) as readonly Fields[];
}

function isCustom({ type }: Fields): boolean {
  return type === undefined || type === null || type === "custom";
}

/** Tools that stand for a set of others, whose names are not in the request. */
export function isToolset({ type }: Fields): boolean {
  return typeof type === "string" && /toolset/.test(type);
}

export const toolsAreWellFormed: Rule = (request, surroundings) =>
  firstRefusal(toolsOf(request).map((tool, index) => checkTool(tool, `tools.${index}`, surroundings)));

function checkTool(tool: unknown, path: string, { betas }: Surroundings): string | undefined {
  if (!isFields(tool)) return `${path}: Input should be a valid dictionary`;
  if (!isCustom(tool)) return checkServerTool(tool, path, betas);
  return checkFields(tool, `${path}.custom`, custom) ?? checkExamples(tool, `${path}.custom.input_examples`);
}

/**
 * Every example must be an input that the tool would take, or it is a 400:
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/define-tools#providing-tool-use-examples
 */
function checkExamples({ input_examples, input_schema }: Fields, path: string): string | undefined {
  const examples = (input_examples ?? []) as readonly unknown[];
  const index = examples.findIndex((example) => breaks(example, input_schema as Fields));
  return index === -1
    ? undefined
    : `${path}.${index}: Input example does not match the tool's \`input_schema\``;
}

/** Only the outermost names become those of parameters. */
const propertyKey = /^[a-zA-Z0-9_.-]{1,64}$/;

function inputSchema(value: unknown): string | undefined {
  if (!isFields(value)) return object(value);
  if (value.type === undefined) return ".type: Field required";
  if (value.type !== "object") return ".type: Input should be 'object'";
  if (["oneOf", "allOf", "anyOf"].some((keyword) => value[keyword] !== undefined)) {
    return "input_schema does not support oneOf, allOf, or anyOf at the top level";
  }
  const names = isFields(value.properties) ? Object.keys(value.properties) : [];
  if (!names.every((name) => propertyKey.test(name))) {
    return `.properties: Property keys should match pattern '${propertyKey.source}'`;
  }
  return isJsonSchema(value) && !hasEndlessReference(value)
    ? undefined
    : `${notASchema} Learn more about tool use at https://docs.claude.com/en/docs/tool-use.`;
}

export const toolNamesAreUnique: Rule = (request) => {
  const names = toolsOf(request).flatMap(({ name }) => (typeof name === "string" ? [name] : []));
  return new Set(names).size === names.length ? undefined : "tools: Tool names must be unique.";
};

/** The kinds of choice, and what each may say. */
const choices: Readonly<Record<string, Shapes>> = {
  auto: { required: { type: text }, optional: { disable_parallel_tool_use: boolean } },
  any: { required: { type: text }, optional: { disable_parallel_tool_use: boolean } },
  tool: { required: { type: text, name: text }, optional: { disable_parallel_tool_use: boolean } },
  none: { required: { type: text } },
};

export const toolChoiceIsPossible: Rule = (request) => {
  const choice = request.tool_choice;
  if (!isFields(choice)) return undefined;
  const { type, name } = choice;
  if (type === undefined) return "tool_choice.type: Field required";
  const shapes = Object.hasOwn(choices, String(type)) ? choices[String(type)] : undefined;
  if (shapes === undefined) return `tool_choice: ${unknownTag(type, Object.keys(choices))}`;
  const problem = checkFields(choice, `tool_choice.${String(type)}`, shapes);
  if (problem !== undefined) return problem;
  const tools = toolsOf(request);
  if (type !== "none" && tools.length === 0 && request.mcp_servers === undefined) {
    return "tool_choice: tool_choice may only be specified while providing tools";
  }
  if (type !== "tool" || tools.some((tool) => tool.name === name || isToolset(tool))) return undefined;
  return `tool_choice: Tool '${String(name)}' not found in provided tools`;
};
