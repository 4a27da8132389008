import { type InputSchema, ToolDefinitionError } from "@lockstitch/core";
import { deepFreeze, isObject, type JsonSchema } from "./json-schema.js";
import type { AnySchema } from "./standard-schema.js";
import { toStrict } from "./strict.js";
import { toJsonSchema } from "./to-json-schema.js";

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
  const about = {
    name: `The input of ${tool}`,
    error: (message: string, options?: ErrorOptions) => new ToolDefinitionError(tool, message, options),
  };
  const { json, hidden } = toJsonSchema(about, schema);
  checkRoot(tool, json);
  return { inputSchema: deepFreeze(strict ? toStrict(tool, json) : json) as InputSchema, hidden };
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
