import { InvalidInputError } from "./invalid-input-error.js";
import { toIssues } from "./issues.js";
import { isObject } from "./json-schema.js";
import { type AnySchema, isJsonInput, type StandardSchema, type Validated } from "./standard-schema.js";

/** Makes the `parse` of a tool: the value that the schema gives, or `InvalidInputError`; with a plain JSON Schema, its own `parse`. */
export function parser(tool: string, schema: AnySchema): (input: unknown) => Promise<unknown> {
  if (isJsonInput(schema)) return async (input) => schema.parse(input);
  return async (input) => {
    const validated = await validate(schema, input);
    if (validated.issues !== undefined) throw new InvalidInputError(tool, toIssues(validated.issues, input));
    return validated.value;
  };
}

/** Makes the `parse` of a tool without input: an empty object, whatever properties were sent. */
export function emptyParser(tool: string): (input: unknown) => Promise<Record<string, never>> {
  return async (input) => {
    if (isObject(input)) return {};
    throw new InvalidInputError(tool, [{ path: "", message: "expected an object, e.g. {}" }]);
  };
}

/**
 * Zod's own method where there is one: the standard one tries without waiting first, so that an input that needs
 * an async check runs its transforms and refinements twice.
 */
export async function validate(schema: StandardSchema, input: unknown): Promise<Validated> {
  if (!("safeParseAsync" in schema) || typeof schema.safeParseAsync !== "function") {
    return schema["~standard"].validate(input);
  }
  const result = (await schema.safeParseAsync(input)) as ZodResult;
  return result.success ? { value: result.data } : { issues: result.error.issues };
}

type ZodResult =
  | { readonly success: true; readonly data: unknown }
  | { readonly success: false; readonly error: { readonly issues: readonly object[] } };
