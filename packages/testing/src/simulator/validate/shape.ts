import { isFields } from "./rule.js";

/** What is wrong with a value, in the API's words and without its path; nothing if it is well. */
export type Shape = (value: unknown) => string | undefined;

export const text: Shape = (value) =>
  typeof value === "string" ? undefined : "Input should be a valid string";

export const nonEmptyText: Shape = (value) =>
  value === "" ? "String should have at least 1 character" : text(value);

export const boolean: Shape = (value) =>
  typeof value === "boolean" ? undefined : "Input should be a valid boolean";

export const object: Shape = (value) => (isFields(value) ? undefined : "Input should be a valid dictionary");

export const list: Shape = (value) => (Array.isArray(value) ? undefined : "Input should be a valid list");

export const anything: Shape = () => undefined;

export const tokenCount: Shape = (value) => {
  if (!Number.isInteger(value)) return "Input should be a valid integer";
  return (value as number) < 0 ? "Input should be greater than or equal to 0" : undefined;
};

export function oneOf(...allowed: readonly string[]): Shape {
  return (value) =>
    allowed.includes(value as string) ? undefined : `Input should be ${alternatives(allowed)}`;
}

export function matching(pattern: RegExp): Shape {
  return (value) =>
    text(value) ??
    (pattern.test(value as string) ? undefined : `String should match pattern '${pattern.source}'`);
}

export function nullable(shape: Shape): Shape {
  return (value) => (value === null ? undefined : shape(value));
}

/** How the API words a `type` that it does not know. */
export function unknownTag(tag: unknown, expected: readonly string[]): string {
  const tags = expected.map((name) => `'${name}'`).join(", ");
  return `Input tag '${String(tag)}' found using 'type' does not match any of the expected tags: ${tags}`;
}

function alternatives(allowed: readonly string[]): string {
  const quoted = allowed.map((value) => `'${value}'`);
  return quoted.length < 2 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
}
