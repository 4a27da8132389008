import type Anthropic from "@anthropic-ai/sdk";
import { AgentError } from "./errors.js";
import { saysTypesTwice } from "./schema/choices.js";
import { heldFormats } from "./schema/held-formats.js";
import { findIllegal } from "./schema/illegal.js";
import { isSchema, type JsonSchema, type SchemaProblem, saidIn } from "./schema/json-schema.js";
import { asksForProperties, isObject } from "./schema/objects.js";
import { findUnheld } from "./schema/unheld.js";
import { saysType } from "./schema/unheld-rule.js";
import { writtenOut } from "./schema/written-out.js";

/**
 * The schema of an answer in that part of JSON Schema which the API can hold a reply to: closed objects throughout, `anyOf` for `oneOf`.
 * What it can't (bounds, lengths, patterns) goes into the description, and is checked once the answer is there.
 * Throws `AgentError`, naming the property and the way out, for what is no JSON Schema, and for what can't be said at all: recursion,
 * tuples, records, and what no closed object could have.
 */
export function toFormat(schema: unknown): JsonSchema {
  const illegal = findIllegal(schema);
  if (illegal !== undefined) throw refusal(illegal);
  const whole = writtenOut(schema);
  if (whole.problem !== undefined) throw refusal(whole.problem);
  const format = convert(whole.schema);
  const unheld = findUnheld(format);
  if (unheld !== undefined) throw refusal(unheld);
  return format as JsonSchema;
}

/**
 * Why the API would refuse a format that was given to it by hand, and what to do about it; `undefined` where there is none, or it would
 * not. One that `toFormat` made needs no such look.
 */
export function formatProblem(format: unknown): string | undefined {
  if (format === undefined || format === null) return undefined;
  if (!isFormat(format))
    return (
      'The API would refuse request.output_config.format: it must be { type: "json_schema", schema }, and nothing else. ' +
      "Or give the agent an `output` instead: its format is made from a schema."
    );
  const problem = findIllegal(format.schema) ?? findUnheld(format.schema);
  if (problem === undefined) return undefined;
  const where = problem.path === "" ? "it" : `its property ${JSON.stringify(problem.path)}`;
  return (
    `The API would refuse request.output_config.format.schema: ${where} ${problem.what}. ${problem.wayOut}. ` +
    "Or give the agent an `output` instead: what the API can't hold an answer to is said in words there, and checked."
  );
}

const formatFields = { type: true, schema: true } satisfies Record<keyof Anthropic.JSONOutputFormat, true>;

function isFormat(format: unknown): format is JsonSchema {
  return (
    isSchema(format) &&
    format.type === "json_schema" &&
    format.schema !== undefined &&
    saidIn(format).every(([field]) => Object.hasOwn(formatFields, field))
  );
}

function refusal({ path, what, wayOut }: SchemaProblem): AgentError {
  const where = path === "" ? "the answer" : `its property ${JSON.stringify(path)}`;
  return new AgentError(`agent.output can't be asked of the API: ${where} ${what}. ${wayOut}.`);
}

/** Keywords that say nothing to the model, or are put another way. */
const silent: ReadonlySet<string> = new Set([
  "$schema",
  "$id",
  "id",
  "$comment",
  "readOnly",
  "writeOnly",
  "deprecated",
  "oneOf",
  "additionalProperties",
  "propertyNames",
  // The check puts it in. One that is made anew, as today's date, would change every request from one day to the next.
  "default",
  // Without an `if`, which is refused.
  "then",
  "else",
]);

/** `true` and `false` stay: neither can be asked for. */
function convert(node: unknown): unknown {
  if (!isSchema(node)) return node;
  if (typeof node.$ref === "string") return reference(node);
  const union = node.anyOf ?? node.oneOf;
  const kept = Object.entries(node).flatMap(([keyword, value]) => keep(keyword, value, node));
  const options = Array.isArray(union) ? [["anyOf", union.map(convert)]] : [];
  const words = wordsOf(node);
  const description = words === undefined ? [] : [["description", words]];
  return Object.fromEntries([
    ...kept,
    ...options,
    ...(saysTypesTwice(node) ? [] : closing(node)),
    ...description,
  ]);
}

/** At the root, the definitions stand beside the reference. All else that stood there was written out, or the reference is refused. */
function reference(node: JsonSchema): JsonSchema {
  const definitions = ["$defs", "definitions"].flatMap((keyword) =>
    keyword in node ? keep(keyword, node[keyword], node) : [],
  );
  return Object.fromEntries([["$ref", node.$ref], ...definitions]);
}

type Entry = readonly [keyword: string, value: unknown];

/** What of one keyword the API is told as it is, or can't be spared: without it, the answer could be nothing, or anything. */
function keep(keyword: string, value: unknown, node: JsonSchema): readonly Entry[] {
  switch (keyword) {
    case "properties":
    case "$defs":
    case "definitions":
      return [[keyword, each(value)]];
    case "items":
      return [[keyword, convert(value)]];
    case "allOf":
      return onlyAdds(value) ? [] : [[keyword, Array.isArray(value) ? value.map(convert) : value]];
    case "type":
      return saysTypesTwice(node) ? [] : [[keyword, value]];
    case "title":
    case "enum":
    case "const":
    case "required":
    case "prefixItems":
    case "patternProperties":
    case "not":
      return [[keyword, value]];
    default:
      return isHeld(keyword, node) || asksForMore(keyword, value, node) ? [[keyword, value]] : [];
  }
}

/** Rules that no words can stand for, since what they ask for has no room in a closed object: kept, they are refused. */
function asksForMore(keyword: string, value: unknown, { properties, anyOf }: JsonSchema): boolean {
  const names = Object.keys(properties ?? {});
  switch (keyword) {
    case "if":
    case "dependentSchemas":
      return true;
    case "dependentRequired":
      return Object.values(value as Readonly<Record<string, string[]>>).some((asked) =>
        asked.some((name) => !names.includes(name)),
      );
    case "minProperties":
      return Number(value) > names.length;
    case "contains":
      return asksForProperties(value);
    case "oneOf":
      return anyOf !== undefined;
    default:
      return false;
  }
}

/** Keywords that the API holds a reply to only for some of their values. */
function isHeld(keyword: string, { format, minItems }: JsonSchema): boolean {
  return (
    (keyword === "format" && heldFormats.has(format)) || (keyword === "minItems" && Number(minItems) <= 1)
  );
}

/** Whether the parts of an intersection only say more of what stands beside it, as two patterns of one text do. */
function onlyAdds(parts: unknown): boolean {
  return (
    Array.isArray(parts) &&
    parts.every((part) => isSchema(part) && !saysType(part) && !("not" in part) && !asksForProperties(part))
  );
}

/** An object without names of its own stays open, and is refused for it: closed, it could only be empty. */
function closing(node: JsonSchema): readonly Entry[] {
  if (!isObject(node)) return [];
  const { properties, additionalProperties = properties === undefined } = node;
  const isNameless = Object.keys(properties ?? {}).length === 0;
  return [["additionalProperties", isNameless ? additionalProperties : false]];
}

const said: ReadonlySet<string> = new Set([
  "properties",
  "$defs",
  "definitions",
  "items",
  "type",
  "title",
  "enum",
  "const",
  "required",
  "anyOf",
  "description",
  "prefixItems",
  "patternProperties",
  "not",
]);

/** The description, with all that only the check afterwards holds the answer to. */
function wordsOf(node: JsonSchema): string | undefined {
  const rules = Object.entries(node)
    .filter(
      ([keyword, value]) =>
        !said.has(keyword) && !silent.has(keyword) && !goesWithoutSaying(keyword, value, node),
    )
    .map(([keyword, value]) => `${keyword}: ${JSON.stringify(value)}`);
  const own = typeof node.description === "string" ? [node.description] : [];
  const words = [...own, ...(rules.length === 0 ? [] : [`{${rules.join(", ")}}`])];
  return words.length === 0 ? undefined : words.join("\n\n");
}

/** Every whole number keeps to the bounds of a safe one; a format that the API knows says more than its pattern. */
function goesWithoutSaying(keyword: string, value: unknown, node: JsonSchema): boolean {
  const isNatural = typeof value === "number" && Math.abs(value) >= Number.MAX_SAFE_INTEGER;
  return (
    isHeld(keyword, node) ||
    ((keyword === "minimum" || keyword === "maximum") && isNatural) ||
    (keyword === "pattern" && heldFormats.has(node.format)) ||
    (keyword === "allOf" && !onlyAdds(value))
  );
}

function each(value: unknown): JsonSchema {
  const entries = Object.entries(isSchema(value) ? value : {});
  return Object.fromEntries(entries.map(([name, inner]) => [name, convert(inner)]));
}
