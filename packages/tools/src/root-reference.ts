import { isObject, type JsonSchema, mapSubschemas, without } from "./json-schema.js";

/**
 * Puts the definition that the root refers to in its place, and what that one refers to in its turn, for the API takes no `$ref` there.
 * A definition that others refer to as well, or into, stays. `open`: the references that led here.
 */
export function inlineRoot(schema: JsonSchema, open: readonly string[] = []): JsonSchema {
  const { $ref } = schema;
  if (typeof $ref !== "string" || open.includes($ref)) return schema;
  const [keyword = "", name = "", ...further] = stepsOf($ref);
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

/** A definition with what stands beside the reference to it. What no one object can say of both is said as an intersection. */
function joined(target: JsonSchema, beside: JsonSchema): JsonSchema {
  const required =
    Array.isArray(target.required) && Array.isArray(beside.required)
      ? { required: [...new Set<unknown>([...target.required, ...beside.required])] }
      : {};
  const rules = without(beside, ...words, ...holders);
  const clashes = Object.entries(without(rules, ...Object.keys(required))).some(
    ([keyword, said]) =>
      Object.hasOwn(target, keyword) && JSON.stringify(said) !== JSON.stringify(target[keyword]),
  );
  if (!clashes) return { ...target, ...beside, ...required };
  const parts = Array.isArray(target.allOf) ? target.allOf : [];
  return { ...target, ...without(beside, ...Object.keys(rules)), allOf: [...parts, rules] };
}

function refersTo(schema: JsonSchema, keyword: string, name: string): boolean {
  const [first, second] = typeof schema.$ref === "string" ? stepsOf(schema.$ref) : [];
  let found = first === keyword && second === name;
  mapSubschemas(schema, (inner) => {
    found ||= refersTo(inner, keyword, name);
    return inner;
  });
  return found;
}

/** The names on the way from the root to what a reference stands for; none for addresses and anchors. Source: RFC 6901. */
function stepsOf(reference: string): readonly string[] {
  if (!reference.startsWith("#/")) return [];
  return decoded(reference.slice(2))
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** A lone percent sign is no escape, but whoever wrote it may have meant a name with one. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
