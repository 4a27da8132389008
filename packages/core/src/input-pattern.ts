import { AgentError } from "./errors.js";

/**
 * What a value must be like: the same text, number, boolean or null; a text that a regular expression finds something in; an object of
 * which the named fields fit, each by a pattern of its own; or whatever a predicate says is true.
 */
export type InputPattern = Predicate | Same | RegExp | { readonly [field: string]: InputPattern };

/** A pattern for values of one type: `{ … } satisfies PatternOf<Payment>` finds a misspelt field. */
export type PatternOf<Value> =
  | ((value: Value) => boolean)
  | (Value extends string
      ? Value | RegExp
      : Value extends Same
        ? Value
        : Value extends readonly unknown[]
          ? never
          : { readonly [Field in keyof Value]?: PatternOf<Exclude<Value[Field], undefined>> });

type Same = string | number | boolean | null;

/** Written as a method, so that a predicate may say which type it takes. */
type Predicate = { test(value: unknown): boolean }["test"];

/** Whether a value is like the pattern. Throws where a predicate throws, or gives anything but a boolean. */
export function fits(pattern: InputPattern, value: unknown): boolean {
  if (typeof pattern === "function") {
    const answer: unknown = pattern(value);
    if (typeof answer !== "boolean") throw new TypeError("a predicate gave no boolean");
    return answer;
  }
  // Not by `test`, which goes on where it stopped if the expression is global.
  if (pattern instanceof RegExp) return typeof value === "string" && value.search(pattern) >= 0;
  if (typeof pattern !== "object" || pattern === null) return Object.is(pattern, value);
  if (typeof value !== "object" || value === null) return false;
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.entries(pattern).every(([name, inner]) => fits(inner, fields[name]));
}

/** Throws `AgentError` for a pattern that would not be read as it was meant. */
export function checkPattern(pattern: unknown, where: string): void {
  if (typeof pattern === "function" || pattern instanceof RegExp || pattern === null) return;
  if (["string", "number", "boolean"].includes(typeof pattern)) return;
  if (Array.isArray(pattern))
    throw new AgentError(
      `${where} has a list in its input. Whether all of a list must fit or some, only a predicate can say: (list) => list.every(…).`,
    );
  if (typeof pattern !== "object" || !isPlain(pattern))
    throw new AgentError(
      `${where} has something in its input that is no pattern. Give a text, number, boolean, null, regular expression, predicate, or ` +
        "an object of these; leave out what is undefined.",
    );
  for (const [name, inner] of Object.entries(pattern)) checkPattern(inner, `${where}, ${name},`);
}

/** Of any other object the fields don't say what it is: a date has none. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
