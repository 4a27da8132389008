import { firstRefusal, isFields } from "./rule.js";

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

export const nonEmptyList: Shape = (value) =>
  Array.isArray(value) && value.length === 0
    ? "List should have at least 1 item after validation, not 0"
    : list(value);

/** One of several kinds of object, whatever it says beside its kind. */
export const tagged: Shape = (value) =>
  object(value) ??
  ((value as { type?: unknown }).type === undefined
    ? ".type: Field required"
    : at(".type", text((value as { type?: unknown }).type)));

export const anything: Shape = () => undefined;

export const number: Shape = (value) =>
  typeof value === "number" ? undefined : "Input should be a valid number";

export const positive: Shape = (value) => {
  if (!Number.isInteger(value)) return "Input should be a valid integer";
  return (value as number) < 1 ? "Input should be greater than 0" : undefined;
};

export const tokenCount: Shape = (value) => {
  if (!Number.isInteger(value)) return "Input should be a valid integer";
  return (value as number) < 0 ? "Input should be greater than or equal to 0" : undefined;
};

export function oneOf(...allowed: readonly string[]): Shape {
  return (value) =>
    allowed.includes(value as string) ? undefined : `Input should be ${alternatives(allowed)}`;
}

export function atMost(length: number): Shape {
  return (value) =>
    text(value) ??
    ((value as string).length > length ? `String should have at most ${length} characters` : undefined);
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

/** What may stand in an object, by name. */
export interface Shapes {
  readonly required?: Readonly<Record<string, Shape>>;
  readonly optional?: Readonly<Record<string, Shape>>;
}

/** The first thing wrong with an object's fields, with its path. Names that are not listed are refused, but for those that a beta opens. */
export function checkFields(
  value: unknown,
  path: string,
  { required = {}, optional = {} }: Shapes,
  opened: readonly string[] = [],
): string | undefined {
  if (!isFields(value)) return `${path}: ${object(value)}`;
  return firstRefusal([
    ...Object.entries(required).map(([name, shape]) =>
      value[name] === undefined
        ? `${path}.${name}: Field required`
        : at(`${path}.${name}`, shape(value[name])),
    ),
    ...Object.entries(value).map(([name, field]) => {
      if (Object.hasOwn(required, name) || field === undefined) return undefined;
      const shape = Object.hasOwn(optional, name) ? optional[name] : undefined;
      if (shape === undefined)
        return opened.includes(name) ? undefined : `${path}.${name}: Extra inputs are not permitted`;
      return at(`${path}.${name}`, shape(field));
    }),
  ]);
}

/** An object with these fields; its problem begins with the name of the field, after a dot. */
export function fieldsOf(shapes: Shapes): Shape {
  return (value) => checkFields(value, "", shapes)?.replace(/^: /, "");
}

/** Puts a path before a problem; a problem that begins with a dot or an index goes on with the path itself. */
export function at(path: string, problem: string | undefined): string | undefined {
  if (problem === undefined) return undefined;
  return problem.startsWith(".") ? `${path}${problem}` : `${path}: ${problem}`;
}

/** A list of which every entry has this shape. */
export function listOf(shape: Shape): Shape {
  return (value) =>
    list(value) ?? firstRefusal((value as unknown[]).map((entry, index) => at(`.${index}`, shape(entry))));
}
