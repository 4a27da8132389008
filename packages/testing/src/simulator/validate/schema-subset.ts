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
  const cleared = new Set<string>();
  return firstOf([...definitions.keys()].map((name) => circleFrom([name], definitions, cleared)));
}

/** `cleared` are the definitions that lead to no circle: each is followed once, however many lead to it. */
function circleFrom(
  path: readonly string[],
  definitions: ReadonlyMap<string, unknown>,
  cleared: Set<string>,
): string | undefined {
  const last = path.at(-1) ?? "";
  for (const name of referencesIn(definitions.get(last))) {
    const start = path.indexOf(name);
    if (start >= 0)
      return `Circular reference detected in schema definitions: ${[...path.slice(start), name].join(" -> ")}`;
    const found = cleared.has(name) ? undefined : circleFrom([...path, name], definitions, cleared);
    if (found !== undefined) return found;
  }
  cleared.add(last);
  return undefined;
}

function referencesIn(schema: unknown): string[] {
  return subschemas(schema).flatMap(({ $ref }) =>
    typeof $ref === "string" ? [$ref === "#" ? "#" : ($ref.split("/").at(-1) ?? "")] : [],
  );
}
