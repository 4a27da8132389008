import { choicesOf, isOf } from "./choices.js";
import { heldFormats } from "./held-formats.js";
import { isOfType, isSchema, type JsonSchema, type SchemaProblem, saidIn } from "./json-schema.js";
import { isObjectTwice, mayBeObject } from "./objects.js";
import { follow } from "./reference.js";
import { findUnheldInPattern } from "./unheld-pattern.js";

type Problem = Omit<SchemaProblem, "path">;

const say = "Say it in the description, and check it afterwards (zod: .describe(...) and .refine(...))";
const bound: Problem = { what: "has a bound", wayOut: say };
const length: Problem = { what: "has a length", wayOut: say };
const anyName: Problem = {
  what: "takes any property name",
  wayOut: "Name its properties, or take an array of pairs",
};
const size: Problem = { what: "bounds how many properties it has", wayOut: say };
const condition: Problem = { what: "has a condition", wayOut: "Take a union of objects, with anyOf" };
const someItems: Problem = { what: "asks for some items among others", wayOut: say };
const leftOver: Problem = { what: "speaks of what is left over", wayOut: "Say all of it in one place" };
const intersection: Problem = { what: "is an intersection", wayOut: "Make it one object, or one type" };
const twice: Problem = {
  what: "is an object beside others that it is as well",
  wayOut: "Write what they share into each option, and nothing beside them",
};
const patterns: Problem = {
  what: "has several patterns at once",
  wayOut: "Make one of them, or check the others afterwards (zod: .refine(...))",
};
const anything: Problem = { what: "may be anything", wayOut: "Give it a type" };
const anyItems: Problem = { what: "may hold anything", wayOut: "Say what its items are, with items" };
const nothing: Problem = { what: "takes nothing", wayOut: "Leave it out" };
const complex: Problem = {
  what: "is a choice of values that are objects or lists",
  wayOut: "Take a union of objects, with anyOf",
};
const choiceOfTypes: Problem = {
  what: "has a choice of values beside a list of types",
  wayOut: "Leave out `type`: the values say it",
};

/**
 * Rules that the API does not hold a reply to, or refuses. What its documentation names is here, and what of the vocabulary of JSON
 * Schema, older drafts included, it does not name as taken. Words that are not of that vocabulary are no rules: the API overlooks them.
 */
const unheld: ReadonlyMap<string, Problem> = new Map([
  ...all(bound, "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
  ["multipleOf", { what: "has a divisor", wayOut: say }],
  ...all(length, "minLength", "maxLength", "maxItems"),
  ["uniqueItems", { what: "has items that must differ", wayOut: say }],
  ...all(someItems, "contains", "minContains", "maxContains"),
  ["prefixItems", { what: "is a tuple", wayOut: "Take an object with a name for each item" }],
  ...all(leftOver, "unevaluatedItems", "unevaluatedProperties", "additionalItems"),
  ...all(size, "minProperties", "maxProperties"),
  ...all(anyName, "patternProperties", "propertyNames"),
  ...all(condition, "dependentRequired", "dependentSchemas", "dependencies", "if", "then", "else"),
  ["oneOf", { what: "is a union of which exactly one may fit", wayOut: "Take anyOf" }],
  ...all({ what: "refers to what is known only later", wayOut: "Take $ref" }, "$dynamicRef", "$recursiveRef"),
]);

function all(problem: Problem, ...keywords: readonly string[]): (readonly [string, Problem])[] {
  return keywords.map((keyword) => [keyword, problem]);
}

/**
 * The first rule of one schema, not of those in it, that the API can't hold a reply to. Source: its documentation of structured
 * outputs, whose limits strict tools share; where that is silent, the SDK's own preparation of such schemas.
 */
export function unheldRule(schema: unknown, root: JsonSchema): Problem | undefined {
  if (schema === false) return nothing;
  if (!isSchema(schema)) return anything;
  const [keyword = ""] = saidIn(schema).find(([one]) => unheld.has(one)) ?? [];
  return (
    tooFew(schema) ??
    unheld.get(keyword) ??
    reference(schema, root) ??
    (isObjectTwice(schema, root) ? twice : undefined) ??
    exclusion(schema) ??
    choice(schema) ??
    object(schema) ??
    list(schema) ??
    text(schema) ??
    ofAll(schema, root) ??
    (saysType(schema) ? undefined : anything)
  );
}

const saying = ["$ref", "type", "anyOf", "oneOf", "allOf", "enum", "const"] as const;

/** Whether a schema says what its values are, and not only more about values of which another says it. */
export function saysType(schema: JsonSchema): boolean {
  return saying.some((keyword) => schema[keyword] !== undefined);
}

function reference({ $ref }: JsonSchema, root: JsonSchema): Problem | undefined {
  if (typeof $ref !== "string") return undefined;
  const target = follow($ref, root);
  if (isSchema(target) || typeof target === "boolean") return undefined;
  return {
    what: `refers to ${JSON.stringify($ref)}, which is no place in the schema`,
    wayOut: "Refer to a definition by its path, e.g. #/$defs/place",
  };
}

function exclusion({ not }: JsonSchema): Problem | undefined {
  if (not === undefined) return undefined;
  if (not === true || (isSchema(not) && Object.keys(not).length === 0)) return nothing;
  return { what: "excludes something", wayOut: "Say what it is instead" };
}

/** The API holds each value against the type beside it, and a list of types against none. */
function choice(schema: JsonSchema): Problem | undefined {
  const { type } = schema;
  const choices = choicesOf(schema);
  if (choices === undefined) return undefined;
  if (choices.length === 0) return nothing;
  if (choices.some((value) => Object(value) === value)) return complex;
  if (type === undefined) return undefined;
  if (Array.isArray(type)) return choiceOfTypes;
  const strangers = choices.filter((value) => !isOf(type, value));
  if (strangers.length === 0) return undefined;
  return {
    what: `has the choice ${JSON.stringify(strangers[0])}, which is not of its type ${JSON.stringify(type)}`,
    wayOut: "Leave out `type`, or the value",
  };
}

function list(schema: JsonSchema): Problem | undefined {
  if (Number(schema.minItems ?? 0) > 1) return length;
  return isOfType(schema, "array") && schema.items === undefined ? anyItems : undefined;
}

function object(schema: JsonSchema): Problem | undefined {
  const { properties, additionalProperties, required } = schema;
  if (!isOfType(schema, "object") && properties === undefined && additionalProperties === undefined)
    return undefined;
  const names = isSchema(properties) ? Object.keys(properties) : [];
  if (additionalProperties !== false)
    return names.length === 0
      ? anyName
      : { what: "takes other properties as well", wayOut: "Close it, with additionalProperties: false" };
  const missing = (Array.isArray(required) ? required : []).find((name) => !names.includes(name));
  return missing === undefined
    ? undefined
    : {
        what: `requires ${JSON.stringify(missing)}, which is none of its properties`,
        wayOut: "Say what it is, or don't require it",
      };
}

/** Closed, it can't have them, so that no words would help. */
function tooFew({ properties, minProperties }: JsonSchema): Problem | undefined {
  if (!isSchema(properties) || Number(minProperties ?? 0) <= Object.keys(properties).length) return undefined;
  return { what: "asks for more properties than it names", wayOut: "Name them all, or ask for fewer" };
}

function text({ format, pattern }: JsonSchema): Problem | undefined {
  if (format !== undefined && !heldFormats.has(format))
    return {
      what: `has the format ${JSON.stringify(format)}, which the API doesn't know`,
      wayOut: say,
    };
  const found = typeof pattern === "string" ? findUnheldInPattern(pattern) : undefined;
  return found === undefined ? undefined : { what: `has a pattern ${found}`, wayOut: say };
}

function ofAll({ allOf }: JsonSchema, root: JsonSchema): Problem | undefined {
  if (!Array.isArray(allOf) || allOf.every((part) => isWhole(part, root))) return undefined;
  const isOfPatterns = allOf.every((part) => isSchema(part) && part.pattern !== undefined && !saysType(part));
  return isOfPatterns ? patterns : intersection;
}

/**
 * Whether a part of an intersection is one that the API takes there: no reference. Nor an object: each would have to be closed, and
 * nothing could then have the properties of both.
 */
function isWhole(part: unknown, root: JsonSchema): boolean {
  return isSchema(part) && saysType(part) && part.$ref === undefined && !mayBeObject(part, root);
}
