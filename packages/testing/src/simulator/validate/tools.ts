import { type Fields, firstOf, isFields, type Rule, type Surroundings } from "./rule.js";
import { boolean, matching, nullable, object, type Shape, text, unknownTag } from "./shape.js";

const toolName = matching(/^[a-zA-Z0-9_-]{1,64}$/);

/** The fields of a tool that the caller runs. The tools that the API defines have a `type` and rules of their own. */
const customFields: Readonly<Record<string, Shape>> = {
  name: toolName,
  input_schema: inputSchema,
  type: () => undefined,
  description: text,
  strict: boolean,
  cache_control: nullable(object),
  defer_loading: boolean,
  eager_input_streaming: nullable(boolean),
  input_examples: (value) => (Array.isArray(value) ? undefined : "Input should be a valid list"),
  allowed_callers: (value) => (Array.isArray(value) ? undefined : "Input should be a valid list"),
};

export const toolsAreWellFormed: Rule = (request, surroundings) =>
  firstOf(toolsOf(request).map((tool, index) => checkTool(tool, `tools.${index}`, surroundings)));

function checkTool(tool: unknown, path: string, { betas }: Surroundings): string | undefined {
  if (!isFields(tool)) return `${path}: Input should be a valid dictionary`;
  const type = tool.type;
  if (type !== undefined && type !== null && type !== "custom") {
    return typeof type === "string" ? undefined : `${path}: ${unknownTag(type, ["custom"])}`;
  }
  const missing = ["name", "input_schema"].find((name) => tool[name] === undefined);
  if (missing !== undefined) return `${path}.custom.${missing}: Field required`;
  return firstOf(
    Object.entries(tool).map(([name, value]) => {
      const shape = Object.hasOwn(customFields, name) ? customFields[name] : undefined;
      // A beta may bring fields of its own.
      if (shape === undefined)
        return betas[0] ? undefined : `${path}.custom.${name}: Extra inputs are not permitted`;
      const problem = shape(value);
      if (problem === undefined) return undefined;
      return problem.startsWith(".")
        ? `${path}.custom.${name}${problem}`
        : `${path}.custom.${name}: ${problem}`;
    }),
  );
}

function inputSchema(value: unknown): string | undefined {
  if (!isFields(value)) return object(value);
  if (value.type === undefined) return ".type: Field required";
  if (value.type !== "object") return ".type: Input should be 'object'";
  if (["oneOf", "allOf", "anyOf"].some((keyword) => value[keyword] !== undefined)) {
    return "input_schema does not support oneOf, allOf, or anyOf at the top level";
  }
  const { properties = {}, required = [] } = value;
  const valid =
    isFields(properties) && Array.isArray(required) && required.every((name) => typeof name === "string");
  return valid ? undefined : "JSON schema is invalid. It must match JSON Schema draft 2020-12";
}

export const toolNamesAreUnique: Rule = (request) => {
  const names = toolsOf(request).flatMap(({ name }) => (typeof name === "string" ? [name] : []));
  return new Set(names).size === names.length ? undefined : "tools: Tool names must be unique.";
};

const choices: readonly string[] = ["auto", "any", "tool", "none"];

export const toolChoiceIsPossible: Rule = (request) => {
  const choice = request.tool_choice;
  if (!isFields(choice)) return undefined;
  const { type, name } = choice;
  if (type === undefined) return "tool_choice.type: Field required";
  if (!choices.includes(String(type))) return `tool_choice: ${unknownTag(type, choices)}`;
  const parallel = choice.disable_parallel_tool_use;
  if (parallel !== undefined && boolean(parallel)) {
    return `tool_choice.${String(type)}.disable_parallel_tool_use: ${boolean(parallel)}`;
  }
  if (type !== "none" && toolsOf(request).length === 0) {
    return "tool_choice: tool_choice may only be specified while providing tools";
  }
  if (type !== "tool") return undefined;
  if (typeof name !== "string") return "tool_choice.tool.name: Field required";
  return toolsOf(request).some((tool) => tool.name === name)
    ? undefined
    : `tool_choice: Tool '${name}' not found in provided tools`;
};

function toolsOf(request: Fields): readonly Fields[] {
  return (request.tools ?? []) as readonly Fields[];
}
