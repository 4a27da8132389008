import { formOf, isSchema, partsOf, type Schema } from "./json-schema.js";

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
/** JSON has larger ones than numbers can be: they would be sent as `null`. */
const isNumber: Check = (value) => Number.isFinite(value);
const isCount: Check = (value) => Number.isInteger(value) && (value as number) >= 0;
const isSwitch: Check = (value) => typeof value === "boolean";
const isAnchor: Check = (value) => isText(value) && /^[A-Za-z_][-A-Za-z0-9._]*$/.test(value as string);
const isSet: Check = (value) => Array.isArray(value) && new Set(value).size === value.length;
const isTexts: Check = (value) => isSet(value) && (value as unknown[]).every(isText);
const typeNames: readonly unknown[] = ["array", "boolean", "integer", "null", "number", "object", "string"];
const isType: Check = (value) =>
  Array.isArray(value)
    ? value.length > 0 && isSet(value) && value.every((name) => typeNames.includes(name))
    : typeNames.includes(value);

function all(check: Check, ...keywords: readonly string[]): readonly (readonly [string, Check])[] {
  return keywords.map((keyword) => [keyword, check]);
}

/** What each keyword without schemas below it may say. Source: https://json-schema.org/draft/2020-12/schema and what it refers to. */
const checks: ReadonlyMap<string, Check> = new Map([
  ...all(isText, "$schema", "$ref", "$dynamicRef", "$recursiveRef", "$comment", "pattern", "format"),
  ...all(isText, "title", "description", "contentEncoding", "contentMediaType"),
  ...all((value) => isText(value) && /^[^#]*#?$/.test(value as string), "$id"),
  ...all(isAnchor, "$anchor", "$dynamicAnchor", "$recursiveAnchor"),
  ...all(isType, "type"),
  ...all(Array.isArray, "enum", "examples"),
  ...all(isSwitch, "uniqueItems", "deprecated", "readOnly", "writeOnly"),
  ...all(isNumber, "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"),
  ...all((value) => isNumber(value) && (value as number) > 0, "multipleOf"),
  ...all(isCount, "maxLength", "minLength", "maxItems", "minItems", "maxContains", "minContains"),
  ...all(isCount, "maxProperties", "minProperties"),
  ...all(isTexts, "required"),
  ...all((value) => isSchema(value) && Object.values(value).every(isTexts), "dependentRequired"),
  // Of older drafts: where it could not be said in the words of this one, it says too much.
  ...all(() => false, "dependencies"),
]);

/** The first place at which a schema says what draft 2020-12 does not let it say, in words; `undefined` where there is none. */
export function oddPlace(schema: Schema, place = ""): string | undefined {
  for (const [keyword, said] of Object.entries(schema)) {
    const isRight = checks.get(keyword) ?? (() => holdsParts(keyword, said));
    if (!isRight(said)) return `${keyword} at ${place === "" ? "its root" : place} is ${brief(said)}`;
  }
  for (const { part, way } of partsOf(schema)) {
    const below = place === "" ? way : `${place}.${way}`;
    if (typeof part === "boolean") continue;
    const odd = isSchema(part) ? oddPlace(part, below) : `what stands at ${below} is ${brief(part)}`;
    if (odd !== undefined) return odd;
  }
  return undefined;
}

/** Nothing is said of keywords that the draft doesn't know. */
function holdsParts(keyword: string, said: unknown): boolean {
  const form = formOf(keyword);
  if (form === "list") return Array.isArray(said) && said.length > 0;
  return form === "named" ? isSchema(said) : true;
}

function brief(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 80)} …`;
}
