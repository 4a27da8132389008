import { saysTypesTwice, strictSchemaProblem, ToolDefinitionError } from "@lockstitch/core";
import { isObject, type JsonSchema, mapSubschemas, without } from "./json-schema.js";

/**
 * The schema of a tool whose input the API guarantees: closed objects throughout, nothing that a grammar can't hold.
 * Throws `ToolDefinitionError`, naming the first property that is in the way.
 */
export function toStrict(tool: string, schema: JsonSchema): JsonSchema {
  const strict = close(schema);
  const problem = strictSchemaProblem(tool, strict);
  if (problem !== undefined) throw new ToolDefinitionError(tool, problem);
  return strict;
}

/** The same in the API's words. What the API can't be told, and the check of the input says no less for it, is left out. */
function close(node: JsonSchema): JsonSchema {
  const schema = mapSubschemas(node, close);
  // The options of a discriminated union exclude each other anyway.
  const isUnion = schema.oneOf !== undefined && schema.anyOf === undefined;
  return {
    ...withoutTypes(withoutUnheld(isUnion ? without(schema, "oneOf") : schema)),
    ...(isUnion ? { anyOf: schema.oneOf } : {}),
    ...(isToClose(schema) ? { additionalProperties: false } : {}),
  };
}

/** An object of which no more is said than its properties. One of which not even they are known would be closed for all that is sent. */
function isToClose({ type, properties, additionalProperties }: JsonSchema): boolean {
  const isOfObjects = type === "object" || (Array.isArray(type) && type.includes("object"));
  return isOfObjects && isObject(properties) && additionalProperties === undefined;
}

/** A format that the API doesn't know, beside which the pattern stays; and a pattern that says again what the format says. */
function withoutUnheld(schema: JsonSchema): JsonSchema {
  const { format, pattern } = schema;
  if (format === undefined) return schema;
  if (!isHeld({ format })) return without(schema, "format");
  return pattern === undefined || isHeld({ pattern }) ? schema : without(schema, "pattern");
}

/** The API takes no choice beside a list of types: the values alone say as much, where each is of one of them. */
function withoutTypes(schema: JsonSchema): JsonSchema {
  return saysTypesTwice(schema) ? without(schema, "type") : schema;
}

function isHeld(rule: JsonSchema): boolean {
  return strictSchemaProblem("", { type: "string", ...rule }) === undefined;
}
