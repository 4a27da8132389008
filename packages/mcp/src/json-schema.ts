import { schemaKeywords } from "@lockstitch/core";
import { isObject } from "./object.js";

/** A JSON Schema that is an object, as all but `true` and `false` are. Nothing that a server says in it is trusted. */
export type Schema = Readonly<Record<string, unknown>>;

/** A schema and all below it, each where a schema may stand. */
export function schemasIn(schema: Schema): readonly Schema[] {
  const found = [schema];
  // It grows while it is gone through: lists of lists would be copied once for each level.
  for (const one of found)
    mapParts(one, (part) => {
      if (isObject(part)) found.push(part);
    });
  return found;
}

/**
 * A copy in which what stands where a schema may stand was changed; `way` leads there from this schema. It never assigns, so that a property
 * called `__proto__` survives.
 */
export function mapParts(schema: Schema, change: (part: unknown, way: string) => unknown): Schema {
  return mapValues(schema, (said, keyword) => {
    const form = schemaKeywords.get(keyword);
    if (form === "one") return change(said, keyword);
    if (form === "list" && Array.isArray(said))
      return said.map((part, index) => change(part, `${keyword}.${index}`));
    return form === "named" && isObject(said)
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
