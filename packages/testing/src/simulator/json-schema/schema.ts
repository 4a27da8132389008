import { spend } from "./effort.js";
import { follow } from "./follow.js";
import { isRecord, type Schema } from "./record.js";

export { isRecord, type Schema };

export function asSchema(value: unknown): Schema {
  return isRecord(value) ? value : {};
}

/** Follows `$ref` inside the root schema and merges `allOf`, so that what is left can be read property by property. */
export function resolve(schema: unknown, root: Schema, depth = 0): Schema {
  const here = asSchema(schema);
  // A schema that refers to itself without end describes nothing; whoever fills it in stops here.
  if (depth > 8 || !spend(root)) return here;
  const reference = here.$ref;
  if (typeof reference === "string") {
    const { $ref: _, ...rest } = here;
    return { ...resolve(follow(reference, root), root, depth + 1), ...rest };
  }
  const parts = here.allOf;
  if (!Array.isArray(parts)) return here;
  return parts.map((part) => resolve(part, root, depth + 1)).reduce(merge, here);
}

function merge(left: Schema, right: Schema): Schema {
  return {
    ...right,
    ...left,
    properties: { ...asSchema(right.properties), ...asSchema(left.properties) },
    required: [...new Set([...requiredOf(left), ...requiredOf(right)])],
  };
}

export function propertiesOf(schema: Schema): [string, Schema][] {
  return Object.entries(asSchema(schema.properties)).map(([name, value]) => [name, asSchema(value)]);
}

export function requiredOf(schema: Schema): string[] {
  const required = schema.required;
  return Array.isArray(required) ? required.filter((name) => typeof name === "string") : [];
}

/** The type to fill in: the first that is not null. Schemas without one are read from their other keywords. */
export function typeOf(schema: Schema): string | undefined {
  const { type } = schema;
  if (typeof type === "string") return type;
  if (Array.isArray(type))
    return type.find((name): name is string => typeof name === "string" && name !== "null");
  if ("properties" in schema) return "object";
  return "items" in schema ? "array" : undefined;
}

/** The alternatives of `anyOf` or `oneOf`, without null. */
export function variantsOf(schema: Schema, root: Schema): Schema[] {
  const variants = schema.anyOf ?? schema.oneOf;
  if (!Array.isArray(variants)) return [];
  const { anyOf: _any, oneOf: _one, ...shared } = schema;
  return variants
    .map((variant) => ({ ...shared, ...resolve(variant, root) }))
    .filter((variant) => asSchema(variant).type !== "null");
}
