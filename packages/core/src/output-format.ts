import { AgentError } from "./errors.js";
import { heldFormats } from "./held-formats.js";

export type JsonSchema = Readonly<Record<string, unknown>>;

type Problem = readonly [what: string, wayOut: string];

/** What no answer can be held to by the API, and can't be left to a check either: it would then allow nothing, or anything. */
const refused: Readonly<Record<string, Problem>> = {
  patternProperties: ["takes any property name", "Name its properties, or take an array of pairs"],
  prefixItems: ["is a tuple", "Take an object with a name for each item"],
  not: ["excludes something", "Say what it is instead"],
  allOf: ["is an intersection", "Make it one object"],
};

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
]);

/**
 * The schema of an answer in that part of JSON Schema which the API can hold a reply to: closed objects throughout, `anyOf` for `oneOf`.
 * What it can't (bounds, lengths, patterns, defaults) goes into the description, and is checked once the answer is there.
 * Throws `AgentError`, naming the property and the way out, for what can't be said at all: recursion, tuples, records.
 */
export function toFormat(schema: JsonSchema): JsonSchema {
  return convert(schema, "", { root: schema, above: [] });
}

interface Place {
  readonly root: JsonSchema;
  /** The references on the way here. */
  readonly above: readonly string[];
}

function convert(node: unknown, path: string, place: Place): JsonSchema {
  if (!isSchema(node)) throw refusal(path, ["may be anything", "Give it a type"]);
  if (typeof node.$ref === "string") return reference(node.$ref, node, path, place);
  const problem = problemOf(node);
  if (problem !== undefined) throw refusal(path, problem);
  const union = node.anyOf ?? node.oneOf;
  const kept = Object.entries(node).flatMap(([keyword, value]) => keep(keyword, value, node, path, place));
  const object = isOfType(node, "object") ? [["additionalProperties", false]] : [];
  const options = Array.isArray(union)
    ? [["anyOf", union.map((option) => convert(option, path, place))]]
    : [];
  const words = wordsOf(node);
  const description = words === undefined ? [] : [["description", words]];
  return Object.fromEntries([...kept, ...options, ...object, ...description]);
}

type Entry = readonly [keyword: string, value: unknown];

/** What of one keyword the API is told as it is. */
function keep(
  keyword: string,
  value: unknown,
  node: JsonSchema,
  path: string,
  place: Place,
): readonly Entry[] {
  switch (keyword) {
    case "properties":
      return [[keyword, each(value, (inner, name) => convert(inner, below(path, name), place))]];
    case "$defs":
    case "definitions":
      return [
        [
          keyword,
          each(value, (inner, name) => convert(inner, name, { ...place, above: [`#/${keyword}/${name}`] })),
        ],
      ];
    case "items":
      return [[keyword, convert(value, `${path}[]`, place)]];
    case "type":
    case "title":
    case "enum":
    case "const":
    case "required":
      return [[keyword, value]];
    default:
      return isHeld(keyword, node) ? [[keyword, value]] : [];
  }
}

/** Keywords that the API holds a reply to only for some of their values. */
function isHeld(keyword: string, { format, minItems }: JsonSchema): boolean {
  return (
    (keyword === "format" && heldFormats.has(format)) || (keyword === "minItems" && Number(minItems) <= 1)
  );
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
    (keyword === "pattern" && heldFormats.has(node.format))
  );
}

function reference(name: string, node: JsonSchema, path: string, place: Place): JsonSchema {
  const target = follow(name, place.root);
  if (place.above.includes(name) || target === undefined || target === place.root)
    throw refusal(path, ["holds itself", "Write out as many levels as you need"]);
  // Only to find what is wrong below it: a definition stands in the schema once.
  convert(target, path, { ...place, above: [...place.above, name] });
  // At the root, the definitions stand beside the reference.
  const definitions = ["$defs", "definitions"].flatMap((keyword) =>
    keyword in node ? keep(keyword, node[keyword], node, path, place) : [],
  );
  return Object.fromEntries([["$ref", name], ...definitions]);
}

function follow(name: string, root: JsonSchema): unknown {
  const steps = name
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  return steps.reduce<unknown>(
    (at, step) => (isSchema(at) && Object.hasOwn(at, step) ? at[step] : undefined),
    root,
  );
}

function problemOf(node: JsonSchema): Problem | undefined {
  const keyword = Object.keys(node).find((one) => Object.hasOwn(refused, one));
  if (keyword !== undefined) return refused[keyword];
  if (isOfType(node, "object") && isOpen(node)) return refused.patternProperties;
  if (Array.isArray(node.enum) && node.enum.some((value) => Object(value) === value))
    return ["is one of several objects", "Take a union of objects"];
  const isSomething = ["type", "anyOf", "oneOf", "enum", "const"].some((one) => one in node);
  return isSomething ? undefined : ["may be anything", "Give it a type"];
}

/** An object without names of its own: closed, as the API wants it, it could only be empty. */
function isOpen({ properties, additionalProperties = properties === undefined }: JsonSchema): boolean {
  return additionalProperties !== false && Object.keys(properties ?? {}).length === 0;
}

function isOfType({ type }: JsonSchema, wanted: string): boolean {
  return type === wanted || (Array.isArray(type) && type.includes(wanted));
}

function each(value: unknown, change: (inner: unknown, name: string) => JsonSchema): JsonSchema {
  const entries = Object.entries(isSchema(value) ? value : {});
  return Object.fromEntries(entries.map(([name, inner]) => [name, change(inner, name)]));
}

function below(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function refusal(path: string, [what, wayOut]: Problem): AgentError {
  const where = path === "" ? "the answer" : `its property ${JSON.stringify(path)}`;
  return new AgentError(`agent.output can't be asked of the API: ${where} ${what}. ${wayOut}.`);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
