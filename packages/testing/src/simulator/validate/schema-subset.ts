import { findCircle } from "../json-schema/circle.js";
import { follow } from "../json-schema/follow.js";
import { isRecord, type Schema } from "../json-schema/record.js";
import { allSchemas } from "../json-schema/subschemas.js";
import { findUnsupportedPattern } from "./pattern-subset.js";
import { firstRefusal } from "./rule.js";

/**
 * The part of JSON Schema that the API can turn into a grammar:
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
 */
const unsupported: Readonly<Record<string, readonly string[]>> = {
  integer: ["exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"],
  number: ["exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"],
  string: ["maxLength", "minLength"],
  array: ["maxItems", "uniqueItems"],
  object: ["maxProperties", "minProperties", "patternProperties"],
};

/** The first thing in a schema that the API has no grammar for, without its path. */
export function findUnsupported(schema: unknown): string | undefined {
  if (!isRecord(schema)) return undefined;
  const circle = findCircle(schema);
  if (circle !== undefined)
    return `Circular reference detected in schema definitions: ${circle.join(" -> ")}`;
  return firstRefusal(allSchemas(schema).map((part) => check(part, schema)));
}

function check(schema: Schema, root: Schema): string | undefined {
  if ("oneOf" in schema) return "Schema type 'oneOf' is not supported";
  const { pattern } = schema;
  return (
    checkReference(schema.$ref, root) ??
    checkEnum(schema.enum) ??
    checkChoices(schema) ??
    (typeof pattern === "string" ? findUnsupportedPattern(pattern) : undefined) ??
    firstRefusal(typesOf(schema).map((type) => checkType(schema, type)))
  );
}

function checkReference(reference: unknown, root: Schema): string | undefined {
  if (typeof reference !== "string") return undefined;
  if (!reference.startsWith("#")) return `External references are not supported: '${reference}'`;
  return follow(reference, root) === undefined ? `Reference '${reference}' cannot be resolved` : undefined;
}

function checkEnum(choices: unknown): string | undefined {
  const isComplex = Array.isArray(choices) && choices.some((choice) => Object(choice) === choice);
  return isComplex ? "Complex types in 'enum' are not supported" : undefined;
}

/**
 * A choice is held against the type beside it, and no value is of a list of types:
 * https://github.com/BerriAI/litellm/issues/37881, https://github.com/openstory-so/openstory/issues/1410
 * That a `const` is judged as a choice of one is our guess.
 */
function checkChoices({ type, enum: choices, const: only }: Schema): string | undefined {
  const values = [...(Array.isArray(choices) ? choices : []), ...(only === undefined ? [] : [only])];
  const wrong = type === undefined ? [] : values.filter((value) => !isOf(type, value));
  if (wrong.length === 0) return undefined;
  return `Invalid schema: Enum value '${inPython(wrong[0])}' does not match declared type '${inPython(type)}'`;
}

function isOf(type: unknown, value: unknown): boolean {
  if (type === "integer") return Number.isInteger(value);
  return type === (value === null ? "null" : typeof value);
}

/** As the API's own messages show a value. */
function inPython(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((one) => `'${inPython(one)}'`).join(", ")}]`;
  if (typeof value === "boolean") return value ? "True" : "False";
  return value === null ? "None" : String(value);
}

/** The types that a schema names; where it names none, those whose keywords it has. */
function typesOf(schema: Schema): readonly string[] {
  const { type } = schema;
  if (type !== undefined) return (Array.isArray(type) ? type : [type]).map(String);
  const has = (keyword: string): boolean => keyword in schema;
  return ["number", "string", "array", "object"].filter(
    (each) => unsupported[each]?.some(has) || keywordsOf[each]?.some(has),
  );
}

/** What tells of a type beside what is not supported of it. */
const keywordsOf: Readonly<Record<string, readonly string[]>> = {
  array: ["minItems"],
  object: ["properties", "additionalProperties"],
};

function checkType(schema: Schema, type: string): string | undefined {
  const found = (unsupported[type] ?? []).filter((keyword) => keyword in schema);
  if (found.length > 1 || (found.length === 1 && type !== "array")) {
    return `For '${type}' type, properties ${found.join(", ")} are not supported`;
  }
  if (found.length === 1) return `For '${type}' type, property '${found[0]}' is not supported`;
  const { minItems = 0, additionalProperties } = schema;
  if (type === "array" && minItems !== 0 && minItems !== 1) {
    return `For 'array' type, 'minItems' values other than 0 or 1 are not supported (got: [${String(minItems)}])`;
  }
  if (type !== "object" || additionalProperties === false) return undefined;
  return additionalProperties === undefined
    ? "For 'object' type, 'additionalProperties' must be explicitly set to false"
    : "For 'object' type, 'additionalProperties: object' is not supported. Please set 'additionalProperties' to false";
}
