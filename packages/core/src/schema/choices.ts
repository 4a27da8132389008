import type { JsonSchema } from "./json-schema.js";

/** Every value that a schema names by `enum` or `const`; `undefined` where it names none. */
export function choicesOf({ enum: choices, const: only }: JsonSchema): readonly unknown[] | undefined {
  const alone = only === undefined ? [] : [only];
  if (Array.isArray(choices)) return [...choices, ...alone];
  return only === undefined ? undefined : alone;
}

/** Whether a value that is no object and no list is of a type. */
export function isOf(type: unknown, value: unknown): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "integer":
      return Number.isInteger(value);
    case "string":
    case "number":
    case "boolean":
      return typeof value === type;
    default:
      return false;
  }
}

/**
 * Whether a schema chooses among values that say by themselves what a list of types beside them says. The API takes them without that
 * list, and no value beside one.
 */
export function saysTypesTwice(schema: JsonSchema): boolean {
  const { type } = schema;
  const choices = choicesOf(schema);
  return Array.isArray(type) && choices?.every((value) => type.some((one) => isOf(one, value))) === true;
}
