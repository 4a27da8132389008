import { isRecord, type Schema } from "./record.js";

/** The keywords that hold schemas: one, a list of them, or some by name. */
const one = new Set(
  ["items", "contains", "additionalProperties", "propertyNames", "if", "then", "else", "not"].concat([
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
  ]),
);
const listed = new Set(["prefixItems", "allOf", "anyOf", "oneOf"]);
const named = new Set(["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"]);

/** Whether a keyword holds schemas, and in which form. */
export function formOf(keyword: string): "one" | "listed" | "named" | undefined {
  if (one.has(keyword)) return "one";
  if (listed.has(keyword)) return "listed";
  return named.has(keyword) ? "named" : undefined;
}

/** The schemas that a schema is made of, those that only stand ready to be referred to as well; of nothing else, such as a default. */
function partsOf(schema: Schema): Schema[] {
  return Object.entries(schema).flatMap(([keyword, said]) => schemasUnder(keyword, said));
}

/** The schemas that speak of a value, or of a part of it, wherever this one does. */
export function appliedParts(schema: Schema): Schema[] {
  return Object.entries(schema).flatMap(([keyword, said]) =>
    keyword === "$defs" || keyword === "definitions" ? [] : schemasUnder(keyword, said),
  );
}

function schemasUnder(keyword: string, said: unknown): Schema[] {
  switch (formOf(keyword)) {
    case "one":
      return [said].filter(isRecord);
    case "listed":
      return (Array.isArray(said) ? said : []).filter(isRecord);
    case "named":
      return (isRecord(said) ? Object.values(said) : []).filter(isRecord);
    default:
      return [];
  }
}

/** A schema and all that it is made of, outside in. */
export function allSchemas(schema: unknown): Schema[] {
  const found: Schema[] = [];
  const pending: unknown[] = [schema];
  while (pending.length > 0) {
    const next = pending.pop();
    if (!isRecord(next)) continue;
    found.push(next);
    for (const part of partsOf(next).reverse()) pending.push(part);
  }
  return found;
}
