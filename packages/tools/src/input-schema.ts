import { type InputSchema, messageOf, ToolDefinitionError } from "@lockstitch/core";
import { arktypeToJsonSchema, isArktype } from "./arktype.js";
import { deepFreeze, isObject, type JsonSchema } from "./json-schema.js";
import { normalise } from "./normalise.js";
import { type AnySchema, isJsonInput, type WithJsonSchema } from "./standard-schema.js";
import { toStrict } from "./strict.js";
import { type SchemaNode, type Survey, survey } from "./survey.js";
import { unrepresentable } from "./unrepresentable.js";
import { isZod3, readZod3 } from "./zod-3.js";
import { zod3ToJsonSchema } from "./zod-3-json.js";
import { isZod4, readZod4, zod4ToJsonSchema } from "./zod-4.js";

/** A tool's schema as the API takes it. */
export interface DerivedSchema {
  /** Deeply frozen. */
  readonly inputSchema: InputSchema;
  /** Properties with a check that the model can't know of. */
  readonly hidden: readonly string[];
}

/**
 * Derives `input_schema` from a schema, which is left as it was.
 * Throws `ToolDefinitionError`, naming the property and the way out, where the model could not be told what to send.
 */
export function deriveSchema(tool: string, schema: AnySchema, strict: boolean): DerivedSchema {
  const { json, hidden } = convert(tool, schema);
  const normal = normalise(json);
  checkRoot(tool, normal);
  return { inputSchema: deepFreeze(strict ? toStrict(tool, normal) : normal) as InputSchema, hidden };
}

function convert(tool: string, schema: AnySchema): { json: JsonSchema; hidden: readonly string[] } {
  if (!isSchema(schema)) throw notASchema(tool);
  if (isZod4(schema)) return surveyed(tool, schema, readZod4, () => zod4ToJsonSchema(schema));
  if (isZod3(schema))
    return surveyed(tool, schema, readZod3, ({ recursive }) => zod3ToJsonSchema(schema, recursive));
  if (isJsonInput(schema))
    return { json: explained(tool, () => structuredClone(schema.jsonSchema)), hidden: [] };
  if (isArktype(schema)) return { json: explained(tool, () => arktypeToJsonSchema(schema)), hidden: [] };
  if (saysJsonSchema(schema)) {
    const { input } = schema["~standard"].jsonSchema;
    return { json: explained(tool, () => input({ target: "draft-2020-12" })), hidden: [] };
  }
  throw notASchema(tool);
}

function notASchema(tool: string): ToolDefinitionError {
  return new ToolDefinitionError(
    tool,
    `The input of ${tool} is not a schema that can be described to the model. Make it with zod, e.g. ` +
      "z.object({ location: z.string() }), or with a library that follows Standard JSON Schema (for valibot, " +
      "toStandardJsonSchema(schema) of @valibot/to-json-schema), or give plain JSON Schema: { jsonSchema: { ... }, parse: (input) => ... }.",
  );
}

function surveyed(
  tool: string,
  schema: object,
  read: (schema: object, path: string) => SchemaNode,
  toJson: (survey: Survey) => JsonSchema,
): { json: JsonSchema; hidden: readonly string[] } {
  const found = explained(tool, () => survey(schema, read));
  if (found.offence !== undefined) throw unrepresentable(tool, found.offence.path, found.offence.kind);
  return { json: explained(tool, () => toJson(found)), hidden: found.hidden };
}

/** Does `work`; what a library throws there becomes an error that names the tool. */
function explained<Result>(tool: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new ToolDefinitionError(
      tool,
      `The input of ${tool} can't be described to the model, because its schema has no JSON form: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** Some libraries make schemas that are functions. */
function isSchema(schema: unknown): schema is object {
  return (typeof schema === "object" && schema !== null) || typeof schema === "function";
}

function saysJsonSchema(schema: object): schema is WithJsonSchema {
  const standard = "~standard" in schema ? schema["~standard"] : undefined;
  return (
    isObject(standard) && isObject(standard.jsonSchema) && typeof standard.jsonSchema.input === "function"
  );
}

/** The names that the API takes for the properties of an input, at its root only. Source: the API's own error text. */
const propertyName = /^[a-zA-Z0-9_.-]{1,64}$/;

function checkRoot(tool: string, schema: JsonSchema): void {
  const wayOut = rootProblem(schema);
  if (wayOut !== undefined) {
    throw new ToolDefinitionError(tool, `The input of ${tool} must be an object at its root. ${wayOut}`);
  }
  const illegal = Object.keys(isObject(schema.properties) ? schema.properties : {}).find(
    (name) => !propertyName.test(name),
  );
  if (illegal === undefined) return;
  throw new ToolDefinitionError(
    tool,
    `The input of ${tool} has a property ${JSON.stringify(illegal)}, a name that the API refuses. Use 1 to 64 letters, digits, ` +
      "underscores, hyphens or dots.",
  );
}

function rootProblem(schema: JsonSchema): string | undefined {
  if ("anyOf" in schema || "oneOf" in schema || Array.isArray(schema.type)) {
    return "It is a union: wrap it, e.g. z.object({ action: z.discriminatedUnion(...) }).";
  }
  if ("allOf" in schema)
    return "It is an intersection: make it one object, e.g. z.object({ ...first.shape, ...second.shape }).";
  if (schema.type === "object") return undefined;
  return `It is ${typeof schema.type === "string" ? `of type ${schema.type}` : "of no type"}: wrap it, e.g. z.object({ value: ... }).`;
}
