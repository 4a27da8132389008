/** A JSON Schema that is an object, as all but `true` and `false` are. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const holdOne: ReadonlySet<string> = new Set([
  "items",
  "additionalProperties",
  "propertyNames",
  "contains",
  "not",
  "if",
  "then",
  "else",
  "unevaluatedItems",
  "unevaluatedProperties",
]);
const holdList: ReadonlySet<string> = new Set(["anyOf", "oneOf", "allOf", "prefixItems"]);
const holdByName: ReadonlySet<string> = new Set([
  "properties",
  "patternProperties",
  "$defs",
  "definitions",
  "dependentSchemas",
]);

/**
 * A copy whose direct subschemas went through `change`. It looks only where a schema may stand, so a default,
 * an example or a property called `pattern` is left alone; and it never assigns, so one called `__proto__` survives.
 */
export function mapSubschemas(schema: JsonSchema, change: (inner: JsonSchema) => JsonSchema): JsonSchema {
  const changed = (value: unknown): unknown => (isObject(value) ? change(value) : value);
  return mapValues(schema, (value, keyword) => {
    if (holdOne.has(keyword)) return changed(value);
    if (holdList.has(keyword) && Array.isArray(value)) return value.map(changed);
    if (holdByName.has(keyword) && isObject(value)) return mapValues(value, changed);
    return value;
  });
}

export function mapValues(object: JsonSchema, change: (value: unknown, key: string) => unknown): JsonSchema {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}

/** A copy without some keywords. */
export function without(schema: JsonSchema, ...keywords: readonly string[]): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword)));
}

/** Freezes a JSON value and all that it holds. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
