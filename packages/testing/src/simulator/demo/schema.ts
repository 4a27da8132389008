import { spend } from "./effort.js";

/** A JSON schema as a tool or an output format gives it; nothing in it is trusted. */
export type Schema = Readonly<Record<string, unknown>>;

export function asSchema(value: unknown): Schema {
  return isRecord(value) ? value : {};
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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

/** What a local reference such as `#/$defs/place` stands for. */
export function follow(reference: string, root: Schema): unknown {
  if (!reference.startsWith("#")) return undefined;
  let place: unknown = root;
  for (const step of reference.slice(1).split("/").filter(Boolean)) {
    const key = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
    place = isRecord(place) || Array.isArray(place) ? (place as Record<string, unknown>)[key] : undefined;
  }
  return place;
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
