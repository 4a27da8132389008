import { isOfType, isSchema, type JsonSchema, partsOf } from "./json-schema.js";
import { follow } from "./reference.js";

/** Whether a schema says of itself, with no help of others, that it is an object. */
export function isObject(schema: JsonSchema): boolean {
  return isOfType(schema, "object") || schema.properties !== undefined;
}

/**
 * Whether an object is described by two that both have to be closed: itself, its options, and what it refers to. Nothing could have the
 * properties of both.
 */
export function isObjectTwice(schema: JsonSchema, root: JsonSchema): boolean {
  const { $ref, anyOf, oneOf } = schema;
  const others = [
    ...(typeof $ref === "string" ? [[{ $ref }]] : []),
    ...[anyOf, oneOf].filter((options) => Array.isArray(options)),
  ];
  if (others.length + (isObject(schema) ? 1 : 0) < 2) return false;
  const objects = others.filter((options) => options.some((option) => mayBeObject(option, root)));
  return objects.length + (isObject(schema) ? 1 : 0) > 1;
}

/** Whether a schema may be fitted by an object, by itself or by what it is made of. */
export function mayBeObject(schema: unknown, root: JsonSchema, seen: Set<unknown> = new Set()): boolean {
  if (!isSchema(schema) || seen.has(schema)) return false;
  seen.add(schema);
  const { $ref } = schema;
  const target = typeof $ref === "string" ? [follow($ref, root)] : [];
  const parts = partsOf(schema, "").filter(({ keyword }) => inItsPlace.has(keyword));
  return (
    isObject(schema) ||
    [...target, ...parts.map((part) => part.schema)].some((part) => mayBeObject(part, root, seen))
  );
}

const inItsPlace: ReadonlySet<string> = new Set(["anyOf", "oneOf", "allOf"]);

/**
 * Whether a rule asks for properties, or might, at whatever depth. Such a rule can't be left to words: the object that it is about is
 * closed without those properties, so that no answer would ever pass the check.
 */
export function asksForProperties(rule: unknown): boolean {
  return (
    isSchema(rule) &&
    (Object.keys(rule).some((keyword) => asking.has(keyword)) ||
      partsOf(rule, "").some(({ schema }) => asksForProperties(schema)))
  );
}

const asking: ReadonlySet<string> = new Set([
  "properties",
  "required",
  "minProperties",
  "dependentRequired",
  "dependentSchemas",
  "$ref",
  "$dynamicRef",
]);
