import { schemaKeywords } from "@lockstitch/core";

/** A JSON Schema that is an object, as all but `true` and `false` are. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A copy whose direct subschemas went through `change`. It looks only where a schema may stand, so a default,
 * an example or a property called `pattern` is left alone; and it never assigns, so one called `__proto__` survives.
 */
export function mapSubschemas(schema: JsonSchema, change: (inner: JsonSchema) => JsonSchema): JsonSchema {
  const changed = (value: unknown): unknown => (isObject(value) ? change(value) : value);
  return mapValues(schema, (value, keyword) => {
    const form = schemaKeywords.get(keyword);
    if (form === "one") return changed(value);
    if (form === "list" && Array.isArray(value)) return value.map(changed);
    return form === "named" && isObject(value) ? mapValues(value, changed) : value;
  });
}

export function mapValues(object: JsonSchema, change: (value: unknown, key: string) => unknown): JsonSchema {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}

/** A copy without some keywords. */
export function without(schema: JsonSchema, ...keywords: readonly string[]): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword)));
}

/** For `JSON.stringify`, which throws at what a transform has made: a number too great for JSON as the text that stands for it there. */
export function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

/** Freezes a JSON value and all that it holds. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
