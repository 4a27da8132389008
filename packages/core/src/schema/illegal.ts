import { holders, isSchema, partsOf, type SchemaProblem, saidIn } from "./json-schema.js";
import { short } from "./short.js";

type Rule = readonly [isKept: (value: unknown) => boolean, words: string];

const types: readonly unknown[] = ["array", "boolean", "integer", "null", "number", "object", "string"];
const isText = (value: unknown) => typeof value === "string";
const isBoolean = (value: unknown) => typeof value === "boolean";
const isNumber = (value: unknown) => typeof value === "number";
const isCount = (value: unknown) => Number.isInteger(value) && Number(value) >= 0;
const isSet = (value: unknown): value is unknown[] =>
  Array.isArray(value) && new Set(value).size === value.length;
const isNames = (value: unknown) => isSet(value) && value.every(isText);
const isType = (value: unknown) => types.includes(value);

const rules = (rule: Rule, ...keywords: string[]): (readonly [string, Rule])[] =>
  keywords.map((keyword) => [keyword, rule]);

/**
 * What the keywords that hold no schemas may say. Source: the meta-schema of JSON Schema, draft 2020-12; without `$dynamicRef`,
 * `$dynamicAnchor` and `$vocabulary`, which are for schemas of schemas.
 */
const plain: ReadonlyMap<string, Rule> = new Map([
  ...rules(
    [
      (value) => isType(value) || (isSet(value) && value.length > 0 && value.every(isType)),
      `It is one of ${types.join(", ")}, or a list of them`,
    ],
    "type",
  ),
  ...rules([Array.isArray, "It is a list"], "enum", "examples"),
  ...rules([isNames, "It is a list of names, each once"], "required"),
  ...rules(
    [
      (value) => isSchema(value) && Object.values(value).every(isNames),
      "It is an object with a list of names for each name",
    ],
    "dependentRequired",
  ),
  ...rules([isText, "It is a text"], "$schema", "$id", "$ref", "$anchor", "$comment", "pattern", "format"),
  ...rules([isText, "It is a text"], "title", "description", "contentEncoding", "contentMediaType"),
  ...rules([isBoolean, "It is true or false"], "uniqueItems", "deprecated", "readOnly", "writeOnly"),
  ...rules([isNumber, "It is a number"], "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
  ...rules(
    [(value) => isNumber(value) && Number(value) > 0, "It is a number, and more than 0"],
    "multipleOf",
  ),
  ...rules(
    [isCount, "It is a whole number, and not less than 0"],
    ...["minLength", "maxLength", "minItems", "maxItems", "minContains", "maxContains"],
    ...["minProperties", "maxProperties"],
  ),
]);

const isAny = (value: unknown) => isSchema(value) || isBoolean(value);

/** How the keywords that hold schemas hold them. */
const holding: Readonly<Record<"one" | "list" | "named", Rule>> = {
  one: [isAny, "It is one schema; those of a tuple's items stand under prefixItems"],
  list: [(value) => Array.isArray(value) && value.length > 0, "It is a list of at least one schema"],
  named: [isSchema, "It is an object with a schema for each name"],
};

/** Deeper than any schema that means something, and not so deep that what walks through it later runs out of stack. */
const maxDepth = 200;

/**
 * Why a value is no JSON Schema of draft 2020-12, the one that the API takes; `undefined` where it is one. Where references lead, and
 * whether any value could fit, is not looked at.
 */
export function findIllegal(root: unknown): SchemaProblem | undefined {
  const pending = [{ schema: root, path: "", depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { schema, path, depth } = next;
    if (isBoolean(schema)) continue;
    const problem = depth > maxDepth ? tooDeep : problemOf(schema);
    if (problem !== undefined) return { path, ...problem };
    const parts = isSchema(schema) ? partsOf(schema, path) : [];
    for (const part of parts.reverse()) pending.push({ ...part, depth: depth + 1 });
  }
  return undefined;
}

type Problem = Omit<SchemaProblem, "path">;

const tooDeep: Problem = {
  what: `is nested more than ${maxDepth} levels deep`,
  wayOut: "Take fewer levels",
};

function problemOf(schema: unknown): Problem | undefined {
  if (!isSchema(schema)) return { what: `is ${short(schema)}, and no JSON Schema`, wayOut: "Take an object" };
  for (const [keyword, said] of saidIn(schema)) {
    const holder = holders.get(keyword);
    const [isKept, wayOut] = (holder === undefined ? plain.get(keyword) : holding[holder]) ?? [];
    if (isKept !== undefined && wayOut !== undefined && !isKept(said))
      return { what: `has ${keyword}: ${short(said)}, which is not legal JSON Schema`, wayOut };
  }
  return undefined;
}
