import { isRecord, type Schema } from "./record.js";
import { formOf } from "./subschemas.js";

/** What a keyword may say, as the meta-schema of 2020-12 has it; nothing is said of keywords that it does not know. */
type Keyword = (value: unknown) => boolean;

const isText: Keyword = (value) => typeof value === "string";
const isBoolean: Keyword = (value) => typeof value === "boolean";
const isNumber: Keyword = (value) => typeof value === "number";
const isCount: Keyword = (value) => Number.isInteger(value) && (value as number) >= 0;
const isAnchor: Keyword = (value) => isText(value) && /^[A-Za-z_][-A-Za-z0-9._]*$/.test(value as string);
const isTextList: Keyword = (value) => isSet(value) && value.every(isText);
const isRecordOf =
  (entry: Keyword): Keyword =>
  (value) =>
    isRecord(value) && Object.values(value).every(entry);

const types: readonly unknown[] = ["array", "boolean", "integer", "null", "number", "object", "string"];
const isType: Keyword = (value) =>
  Array.isArray(value)
    ? value.length > 0 && isSet(value) && value.every((type) => types.includes(type))
    : types.includes(value);

function isSet(value: unknown): value is unknown[] {
  return Array.isArray(value) && new Set(value).size === value.length;
}

function all(keyword: Keyword, ...names: string[]): [string, Keyword][] {
  return names.map((name) => [name, keyword]);
}

/** The keywords whose values are no schemas: https://json-schema.org/draft/2020-12/schema */
const plain: ReadonlyMap<string, Keyword> = new Map([
  ...all(isText, "$schema", "$ref", "$dynamicRef", "$recursiveRef", "$comment", "pattern", "format"),
  ...all(isText, "title", "description", "contentEncoding", "contentMediaType"),
  ...all((value) => isText(value) && /^[^#]*#?$/.test(value as string), "$id"),
  ...all(isAnchor, "$anchor", "$dynamicAnchor", "$recursiveAnchor"),
  ...all(isRecordOf(isBoolean), "$vocabulary"),
  ...all(isType, "type"),
  ...all(Array.isArray, "enum", "examples"),
  ...all(isBoolean, "uniqueItems", "deprecated", "readOnly", "writeOnly"),
  ...all(isNumber, "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"),
  ...all((value) => isNumber(value) && (value as number) > 0, "multipleOf"),
  ...all(isCount, "maxLength", "minLength", "maxItems", "minItems", "maxContains", "minContains"),
  ...all(isCount, "maxProperties", "minProperties"),
  ...all(isTextList, "required"),
  ...all(isRecordOf(isTextList), "dependentRequired"),
]);

/** Deeper than any schema that means something, and not so deep that a walk of it could run out of stack. */
const maxDepth = 500;

export const notASchema =
  "JSON schema is invalid. It must match JSON Schema draft 2020-12 (https://json-schema.org/draft/2020-12).";

/**
 * Whether a value is a JSON Schema of draft 2020-12: each keyword says what it may say, all the way down. Where a
 * reference leads and whether a pattern compiles are not looked at. Neither walk calls itself: a schema of many
 * thousand levels is refused, rather than the server failing over it.
 */
export function isJsonSchema(value: unknown): boolean {
  if (isTooDeep(value)) return false;
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const schema = pending.pop();
    if (typeof schema === "boolean") continue;
    if (!isRecord(schema)) return false;
    for (const [keyword, said] of Object.entries(schema)) {
      const inner = said === undefined ? [] : schemasIn(keyword, said);
      if (inner === undefined) return false;
      for (const each of inner) pending.push(each);
    }
  }
  return true;
}

/** The schemas that a keyword holds; undefined where it can't say this. */
function schemasIn(keyword: string, said: unknown): readonly unknown[] | undefined {
  switch (formOf(keyword)) {
    case "one":
      return [said];
    case "listed":
      return Array.isArray(said) && said.length > 0 ? said : undefined;
    case "named":
      return isRecord(said) ? defined(said) : undefined;
    default:
      return schemasOrPlain(keyword, said);
  }
}

/** `dependencies` is of older drafts, and still about: it holds names or schemas. All others hold none. */
function schemasOrPlain(keyword: string, said: unknown): readonly unknown[] | undefined {
  if (keyword === "dependencies") {
    return isRecord(said) ? defined(said).filter((each) => !isTextList(each)) : undefined;
  }
  return (plain.get(keyword) ?? (() => true))(said) ? [] : undefined;
}

function defined(group: Schema): unknown[] {
  return Object.values(group).filter((each) => each !== undefined);
}

function isTooDeep(value: unknown): boolean {
  const pending: [value: unknown, depth: number][] = [[value, 0]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [outer, depth] = next;
    if (typeof outer !== "object" || outer === null) continue;
    if (depth > maxDepth) return true;
    for (const inner of Object.values(outer)) pending.push([inner, depth + 1]);
  }
  return false;
}
