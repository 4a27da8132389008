import type Anthropic from "@anthropic-ai/sdk";
import { findIllegal } from "./schema/illegal.js";
import { isSchema, saidIn } from "./schema/json-schema.js";
import { findUnheld } from "./schema/unheld.js";

/** The names that the API takes for the properties of an input, at its root only. Source: the API's own error text. */
const propertyName = /^[a-zA-Z0-9_.-]{1,64}$/;

/** Why the API would refuse this as any tool's `input_schema`, and what to do about it; `undefined` where it would not. */
export function inputSchemaProblem(tool: string, schema: unknown): string | undefined {
  const root = rootProblem(schema);
  if (root !== undefined) return `The input of ${tool} must be an object at its root. ${root}`;
  const illegal = findIllegal(schema);
  if (illegal !== undefined)
    return `The input of ${tool} has no legal schema: ${named(illegal.path)} ${illegal.what}. ${illegal.wayOut}.`;
  const names = isSchema(schema) && isSchema(schema.properties) ? Object.keys(schema.properties) : [];
  const name = names.find((one) => !propertyName.test(one));
  return name === undefined
    ? undefined
    : `The input of ${tool} has a property ${JSON.stringify(name)}, a name that the API refuses. Use 1 to 64 letters, digits, ` +
        "underscores, hyphens or dots.";
}

function rootProblem(schema: unknown): string | undefined {
  if (!isSchema(schema)) return "It has no schema: give it one, e.g. z.object({ ... }).";
  const { type, anyOf, oneOf, allOf } = schema;
  // Not whether there is such a field: in JSON, one that is undefined is not there.
  if (anyOf !== undefined || oneOf !== undefined || Array.isArray(type))
    return "It is a union: wrap it, e.g. z.object({ action: z.discriminatedUnion(...) }).";
  if (allOf !== undefined)
    return "It is an intersection: make it one object, e.g. z.object({ ...first.shape, ...second.shape }).";
  if (type === "object") return undefined;
  return `It is ${typeof type === "string" ? `of type ${type}` : "of no type"}: wrap it, e.g. z.object({ value: ... }).`;
}

/**
 * Why the API would refuse the inputs that a definition shows: it takes none that do not fit the schema. Looked at is which properties
 * they have at the root, and no more.
 */
export function examplesProblem({ name, input_examples = [], input_schema }: Shown): string | undefined {
  const { properties, additionalProperties, patternProperties, required } = input_schema;
  const isClosed = additionalProperties === false && patternProperties === undefined;
  for (const [index, example] of input_examples.entries()) {
    const where = `The API would refuse ${name}: input_examples.${index} of its definition has`;
    const shown = saidIn(example).map(([property]) => property);
    const missing = required?.find((property) => !shown.includes(property));
    if (missing !== undefined)
      return `${where} no ${JSON.stringify(missing)}, which its input requires. Show whole inputs.`;
    const extra = shown.find((property) => !Object.hasOwn(properties ?? {}, property));
    if (isClosed && extra !== undefined)
      return `${where} ${JSON.stringify(extra)}, which its input has no room for. Leave it out, or name it in the schema.`;
  }
  return undefined;
}

type Shown = Pick<Anthropic.Tool, "name" | "input_examples" | "input_schema">;

/** Why the API would refuse this, which it would take for another tool, for a strict one. */
export function strictSchemaProblem(tool: string, schema: unknown): string | undefined {
  const problem = findUnheld(schema);
  return problem === undefined
    ? undefined
    : `${tool} can't be strict: ${named(problem.path)} ${problem.what}. ${problem.wayOut}, or leave \`strict\` out.`;
}

/** How a path is named in a sentence; the root has no name of its own. */
function named(path: string): string {
  return path === "" ? "the input" : path;
}
