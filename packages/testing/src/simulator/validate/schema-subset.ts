import { type Fields, firstOf, isFields } from "./rule.js";

/**
 * The part of JSON Schema that the API can turn into a grammar:
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
 */
const unsupported: Readonly<Record<string, readonly string[]>> = {
  integer: ["exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"],
  number: ["exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"],
  string: ["maxLength", "minLength"],
  array: ["maxItems", "uniqueItems"],
  object: ["maxProperties", "minProperties", "patternProperties"],
};

/** The first thing in a schema that the API has no grammar for, without its path. */
export function findUnsupported(schema: unknown): string | undefined {
  return findCircle(schema) ?? firstOf(subschemas(schema).map(check));
}

function check(schema: Fields): string | undefined {
  if ("oneOf" in schema) return "Schema type 'oneOf' is not supported";
  const { $ref } = schema;
  if (typeof $ref === "string" && !$ref.startsWith("#"))
    return `External references are not supported: '${$ref}'`;
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  return firstOf(types.map((type) => checkType(schema, String(type))));
}

function checkType(schema: Fields, type: string): string | undefined {
  const found = (unsupported[type] ?? []).filter((keyword) => keyword in schema);
  if (found.length > 1 || (found.length === 1 && type !== "array")) {
    return `For '${type}' type, properties ${found.join(", ")} are not supported`;
  }
  if (found.length === 1) return `For '${type}' type, property '${found[0]}' is not supported`;
  const { minItems = 0, additionalProperties } = schema;
  if (type === "array" && minItems !== 0 && minItems !== 1) {
    return `For 'array' type, 'minItems' values other than 0 or 1 are not supported (got: [${String(minItems)}])`;
  }
  if (type !== "object" || additionalProperties === false) return undefined;
  return additionalProperties === undefined
    ? "For 'object' type, 'additionalProperties' must be explicitly set to false"
    : "For 'object' type, 'additionalProperties: object' is not supported. Please set 'additionalProperties' to false";
}

/** A schema and all that it is made of, outside in. */
export function subschemas(schema: unknown): Fields[] {
  if (!isFields(schema)) return [];
  return [schema, ...children(schema).flatMap(subschemas)];
}

function children({
  properties,
  items,
  prefixItems,
  anyOf,
  allOf,
  oneOf,
  $defs,
  definitions,
}: Fields): unknown[] {
  const named = [properties, $defs, definitions].flatMap((group) =>
    isFields(group) ? Object.values(group) : [],
  );
  const listed = [items, prefixItems, anyOf, allOf, oneOf].flatMap((group) => group ?? []);
  return [...named, ...listed];
}

/** Definitions that lead back to themselves, e.g. `Node -> Node`. */
function findCircle(schema: unknown): string | undefined {
  if (!isFields(schema)) return undefined;
  const definitions = new Map<string, unknown>([
    ["#", { ...schema, $defs: undefined, definitions: undefined }],
    ...Object.entries((schema.$defs ?? {}) as Fields),
    ...Object.entries((schema.definitions ?? {}) as Fields),
  ]);
  return firstOf([...definitions.keys()].map((name) => circleFrom([name], definitions)));
}

function circleFrom(path: readonly string[], definitions: ReadonlyMap<string, unknown>): string | undefined {
  const next = subschemas(definitions.get(path.at(-1) ?? "")).flatMap(({ $ref }) =>
    typeof $ref === "string" ? [$ref === "#" ? "#" : ($ref.split("/").at(-1) ?? "")] : [],
  );
  return firstOf(
    next.map((name) => {
      const start = path.indexOf(name);
      if (start < 0) return circleFrom([...path, name], definitions);
      return `Circular reference detected in schema definitions: ${[...path.slice(start), name].join(" -> ")}`;
    }),
  );
}
