/** A JSON Schema that is an object, as all but `true` and `false` are. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is wrong with a schema, and what to do about it. */
export interface SchemaProblem {
  /** The property that it is about, e.g. `trip.stops[]`; empty for the whole. */
  readonly path: string;
  readonly what: string;
  readonly wayOut: string;
}

/** How the schemas stand under a keyword: one alone, some in a list, or each by a name. */
export const holders: ReadonlyMap<string, "one" | "list" | "named"> = new Map([
  ...["items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else"].map(
    (keyword) => [keyword, "one"] as const,
  ),
  ...["unevaluatedItems", "unevaluatedProperties", "contentSchema"].map(
    (keyword) => [keyword, "one"] as const,
  ),
  ...["anyOf", "oneOf", "allOf", "prefixItems"].map((keyword) => [keyword, "list"] as const),
  ...["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"].map(
    (keyword) => [keyword, "named"] as const,
  ),
]);

/** A schema that another holds. */
export interface Part {
  readonly schema: unknown;
  /** Under which it stands. */
  readonly keyword: string;
  /** What it speaks of; that of a definition is its name, wherever it is used. */
  readonly path: string;
}

/** The keywords of a schema with what they say. In JSON, what is `undefined` is not there. */
export function saidIn(schema: JsonSchema): [keyword: string, said: unknown][] {
  return Object.entries(schema).filter(([, said]) => said !== undefined);
}

/** The schemas that stand directly in one. Only where a schema may stand: a default that looks like one is none. */
export function partsOf(schema: JsonSchema, path: string): Part[] {
  return saidIn(schema).flatMap(([keyword, said]): Part[] => {
    const part = (inner: unknown, name: string | number = ""): Part => ({
      schema: inner,
      keyword,
      path: pathOf(path, keyword, name),
    });
    switch (holders.get(keyword)) {
      case "one":
        return [part(said)];
      case "list":
        return Array.isArray(said) ? said.map(part) : [];
      case "named":
        return isSchema(said) ? Object.entries(said).map(([name, inner]) => part(inner, name)) : [];
      default:
        return [];
    }
  });
}

/** A copy whose direct parts went through `change`, each in its place. */
export function mapParts(schema: JsonSchema, change: (part: unknown) => unknown): JsonSchema {
  const changed = ([keyword, said]: readonly [string, unknown]): [string, unknown] => {
    const holder = holders.get(keyword);
    if (holder === "one") return [keyword, change(said)];
    if (holder === "list" && Array.isArray(said)) return [keyword, said.map(change)];
    if (holder !== "named" || !isSchema(said)) return [keyword, said];
    const entries = Object.entries(said).map(([name, inner]) => [name, change(inner)]);
    return [keyword, Object.fromEntries(entries)];
  };
  return Object.fromEntries(saidIn(schema).map(changed));
}

/** Whether a schema under this keyword only stands ready to be referred to. */
export function isDefinition({ keyword }: { readonly keyword: string }): boolean {
  return keyword === "$defs" || keyword === "definitions";
}

function pathOf(path: string, keyword: string, name: string | number): string {
  switch (keyword) {
    case "properties":
      return path === "" ? String(name) : `${path}.${name}`;
    case "$defs":
    case "definitions":
      return String(name);
    case "items":
      return `${path}[]`;
    case "prefixItems":
      return `${path}[${name}]`;
    case "additionalProperties":
    case "patternProperties":
      return path === "" ? "*" : `${path}.*`;
    default:
      return path;
  }
}

/** Whether a schema's `type` names this one, alone or among others. */
export function isOfType({ type }: JsonSchema, wanted: string): boolean {
  return type === wanted || (Array.isArray(type) && type.includes(wanted));
}
