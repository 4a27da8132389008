import { type InputSchema, inputSchemaProblem, ToolDefinitionError } from "@lockstitch/core";
import { deepFreeze } from "./json-schema.js";
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
    whole: "the input",
    error: (message: string, options?: ErrorOptions) => new ToolDefinitionError(tool, message, options),
  };
  const { json, hidden } = toJsonSchema(about, schema);
  const problem = inputSchemaProblem(tool, json);
  if (problem !== undefined) throw new ToolDefinitionError(tool, problem);
  return { inputSchema: deepFreeze(strict ? toStrict(tool, json) : json) as InputSchema, hidden };
}
