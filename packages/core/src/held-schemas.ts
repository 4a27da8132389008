import { isSchema, partsOf } from "./schema/json-schema.js";
import { definitionName, isDefinedByApi, type ToolDefinition } from "./tool-definition.js";
import { strictSchemaProblem } from "./tool-schema.js";

/** The limits of what a reply is held to, over all strict tools of a request and its output format. Source: the API's rules for strict tool use. */
const maxTools = 20;
const maxOptional = 24;
const maxUnions = 16;

/**
 * Why the API would refuse the schemas that a reply is held to: strict tools, each by itself, and all of them together with `format`, the
 * schema of the output format; and what to do about it. `undefined` where it would not. The schemas are legal, and `format` was judged
 * by itself, where they were made or given.
 */
export function heldProblem(definitions: readonly ToolDefinition[], format?: unknown): string | undefined {
  const strict = definitions.filter((tool) => "strict" in tool && tool.strict === true);
  if (strict.length > maxTools)
    return (
      `${strict.length} tools are strict, and the API takes ${maxTools}. Leave \`strict\` out where a wrong input does little harm: ` +
      "every input is checked against its schema anyway."
    );
  return first(strict, schemaProblem) ?? sumProblem(strict, format);
}

function first<Item>(items: readonly Item[], find: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whoever made the definition: `tool()` has looked at its own, but one that is written by hand comes here as it is. */
function schemaProblem(definition: ToolDefinition): string | undefined {
  if (isDefinedByApi(definition)) return undefined;
  const schema = "input_schema" in definition ? definition.input_schema : undefined;
  return strictSchemaProblem(definitionName(definition), schema);
}

function sumProblem(strict: readonly ToolDefinition[], format: unknown): string | undefined {
  const counts = strict.map((tool) => ({
    name: definitionName(tool),
    ...countIn("input_schema" in tool ? tool.input_schema : undefined),
  }));
  if (format !== undefined) counts.push({ name: "the output format", ...countIn(format) });
  const tools = strict.length > 0 ? "The strict tools" : "The parts of the output format";
  const who = strict.length > 0 && format !== undefined ? `${tools} and the output format` : tools;
  const orLoosen = strict.length > 0 ? ", or leave `strict` out of some tools" : "";
  const problem = (kind: "optional" | "unions", limit: number, what: string, wayOut: string) => {
    const sum = counts.reduce((total, count) => total + count[kind], 0);
    if (sum <= limit) return undefined;
    const most = counts.reduce((left, right) => (right[kind] > left[kind] ? right : left));
    return `${who} have ${sum} ${what} together, and the API takes ${limit}; most, ${most[kind]}, are in ${most.name}. ${wayOut}${orLoosen}.`;
  };
  return (
    problem("optional", maxOptional, "optional properties", "Make properties required") ??
    problem("unions", maxUnions, "unions, nullable properties among them", "Take one type for a property")
  );
}

/** Properties that may be left out, and unions, at every depth. */
function countIn(schema: unknown): { readonly optional: number; readonly unions: number } {
  if (!isSchema(schema)) return { optional: 0, unions: 0 };
  const required = Array.isArray(schema.required) ? schema.required : [];
  const properties = isSchema(schema.properties) ? Object.keys(schema.properties) : [];
  const isUnion = Array.isArray(schema.type) || schema.anyOf !== undefined;
  return partsOf(schema, "")
    .map((part) => countIn(part.schema))
    .reduce(
      (sum, count) => ({ optional: sum.optional + count.optional, unions: sum.unions + count.unions }),
      {
        optional: properties.filter((name) => !required.includes(name)).length,
        unions: isUnion ? 1 : 0,
      },
    );
}
