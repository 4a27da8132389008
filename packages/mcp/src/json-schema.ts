/** A JSON Schema that is an object, as all but `true` and `false` are. Nothing that a server says in it is trusted. */
export type Schema = Readonly<Record<string, unknown>>;

export function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type Form = "one" | "list" | "named";

/** The keywords of draft 2020-12 under which schemas stand, and `definitions`, which older ones have and newer ones still refer into. */
const forms: ReadonlyMap<string, Form> = new Map([
  ...all("one", "items", "contains", "additionalProperties", "propertyNames", "contentSchema"),
  ...all("one", "not", "if", "then", "else", "unevaluatedItems", "unevaluatedProperties"),
  ...all("list", "allOf", "anyOf", "oneOf", "prefixItems"),
  ...all("named", "properties", "patternProperties", "dependentSchemas", "$defs", "definitions"),
]);

function all(form: Form, ...keywords: readonly string[]): readonly (readonly [string, Form])[] {
  return keywords.map((keyword) => [keyword, form]);
}

/** How schemas stand under a keyword: one, a list, or some by name; `undefined` where none do, such as in a default. */
export function formOf(keyword: string): Form | undefined {
  return forms.get(keyword);
}

/** What stands where a schema may stand directly below this one, and on which way; it may be no schema. */
export function partsOf(schema: Schema): readonly { readonly part: unknown; readonly way: string }[] {
  const found: { part: unknown; way: string }[] = [];
  mapParts(schema, (part, way) => found.push({ part, way }));
  return found;
}

/** Whether a schema, or one below it, is like this. */
export function someSchema(schema: Schema, test: (schema: Schema) => boolean): boolean {
  return test(schema) || partsOf(schema).some(({ part }) => isSchema(part) && someSchema(part, test));
}

/**
 * A copy in which what stands where a schema may stand was changed; `way` leads there from this schema. It never assigns, so that a property
 * called `__proto__` survives.
 */
export function mapParts(schema: Schema, change: (part: unknown, way: string) => unknown): Schema {
  return mapValues(schema, (said, keyword) => {
    const form = formOf(keyword);
    if (form === "one") return change(said, keyword);
    if (form === "list" && Array.isArray(said))
      return said.map((part, index) => change(part, `${keyword}.${index}`));
    return form === "named" && isSchema(said)
      ? mapValues(said, (part, key) => change(part, `${keyword}.${key}`))
      : said;
  });
}

export function mapValues(object: Schema, change: (value: unknown, key: string) => unknown): Schema {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}

/** A copy without some keywords; the very same schema where it has none of them. */
export function without(schema: Schema, ...keywords: readonly string[]): Schema {
  if (!keywords.some((keyword) => keyword in schema)) return schema;
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword)));
}
