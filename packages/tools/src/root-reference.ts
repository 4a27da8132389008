import { referenceSteps } from "@lockstitch/core";
import { isObject, type JsonSchema, mapSubschemas, without } from "./json-schema.js";

/**
 * Puts the definition that the root refers to in its place, and what that one refers to in its turn, for the API takes no `$ref` there.
 * A definition that others refer to as well, or into, stays. `open`: the references that led here.
 */
export function inlineRoot(schema: JsonSchema, open: readonly string[] = []): JsonSchema {
  const { $ref } = schema;
  if (typeof $ref !== "string" || open.includes($ref)) return schema;
  const [keyword = "", name = "", ...further] = referenceSteps($ref) ?? [];
  const definitions = holders.has(keyword) ? schema[keyword] : undefined;
  const target = isObject(definitions) && Object.hasOwn(definitions, name) ? definitions[name] : undefined;
  if (!isObject(definitions) || !isObject(target) || further.length > 0) return schema;
  const inlined = joined(without(target, ...holders), without(schema, "$ref", keyword));
  const isUsed = refersTo({ ...inlined, [keyword]: definitions }, keyword, name);
  const left = isUsed ? definitions : without(definitions, name);
  const whole = Object.keys(left).length === 0 ? inlined : { ...inlined, [keyword]: left };
  return inlineRoot(whole, [...open, $ref]);
}

const holders: ReadonlySet<string> = new Set(["$defs", "definitions"]);

/** By these no value is judged: those beside the reference are meant. Of all others, both. */
const words = [
  "title",
  "description",
  "default",
  "examples",
  "$comment",
  "deprecated",
  "readOnly",
  "writeOnly",
];

/** What is made of several schemas, and may know properties and items of each. */
const compound = ["allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas"];

/** Rules that judge what the others leave; beside a reference, they know what it leads to. */
const unevaluated = ["unevaluatedProperties", "unevaluatedItems"];

/** Rules that mean something else with others of these beside them. */
const neighbours: readonly (readonly [rule: string, others: readonly string[]])[] = [
  ["additionalProperties", ["properties", "patternProperties"]],
  ["items", ["prefixItems"]],
  ["then", ["if"]],
  ["else", ["if"]],
  ["contains", ["minContains"]],
  ["minContains", ["contains"]],
  ["maxContains", ["contains"]],
  ["unevaluatedProperties", ["properties", "patternProperties", "additionalProperties", ...compound]],
  ["unevaluatedItems", ["prefixItems", "items", "contains", ...compound]],
];

/** Whether a rule has other neighbours in the whole than in the part that it comes from. */
function isChanged(part: JsonSchema, whole: JsonSchema): boolean {
  return neighbours.some(
    ([rule, others]) =>
      Object.hasOwn(part, rule) && others.some((other) => !isSame(part[other], whole[other])),
  );
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** A definition with what stands beside the reference to it. What no one object can say of both is said as an intersection. */
function joined(target: JsonSchema, beside: JsonSchema): JsonSchema {
  const required =
    Array.isArray(target.required) && Array.isArray(beside.required)
      ? { required: [...new Set<unknown>([...target.required, ...beside.required])] }
      : {};
  const rules = without(beside, ...words, ...holders);
  const whole = { ...target, ...beside, ...required };
  const saysTwice = Object.entries(without(rules, ...Object.keys(required))).some(
    ([keyword, said]) => Object.hasOwn(target, keyword) && !isSame(said, target[keyword]),
  );
  const clashes = saysTwice || isChanged(target, whole) || isChanged(without(rules, ...unevaluated), whole);
  if (!clashes) return whole;
  const parts = Array.isArray(target.allOf) ? target.allOf : [];
  return { ...target, ...without(beside, ...Object.keys(rules)), allOf: [...parts, rules] };
}

function refersTo(schema: JsonSchema, keyword: string, name: string): boolean {
  const [first, second] = (typeof schema.$ref === "string" ? referenceSteps(schema.$ref) : undefined) ?? [];
  let found = first === keyword && second === name;
  mapSubschemas(schema, (inner) => {
    found ||= refersTo(inner, keyword, name);
    return inner;
  });
  return found;
}
