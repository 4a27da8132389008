import { resolve, type Schema } from "../json-schema/schema.js";

/**
 * A whole schema in a form that can be read property by property: with what its reference and its parts say. What is valid
 * is still for the schema as it was given to say: put together, its parts may allow what they don't apart.
 */
export function readableRoot(given: Schema): Schema {
  if (given.$ref === undefined && given.allOf === undefined) return given;
  return { ...given, ...resolve(given, given), allOf: [given] };
}
