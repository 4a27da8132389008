import { AgentError } from "../errors.js";
import { ignoreRejection } from "./permit.js";

/**
 * What a value must be like: the same text, number, boolean or null; a text that a regular expression finds something in; an object of
 * which the named fields fit, each by a pattern of its own; or whatever a predicate says is true. What is left out, or `null`, fits
 * none: only `null` fits `null`, and a predicate decides for itself. A value of another kind than a pattern is for, e.g. a list for a regular expression, can't be told to fit or not; nor can an
 * object of a class, e.g. a `Map`, that hasn't a field of a pattern's.
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

/** Whether a value is like a pattern, as far as that can be told. */
export type Fit =
  | { readonly type: "yes" }
  | { readonly type: "no" }
  /** The value is of another kind than the pattern is for, e.g. a list for a regular expression. */
  | { readonly type: "other_kind"; readonly words: string }
  /** A predicate threw, or gave no boolean; or the value can't even be looked at. */
  | { readonly type: "broken" };

export type Matcher = (value: unknown) => Fit;

/**
 * Makes a pattern into a function that never throws. The pattern is copied: what becomes of it later changes nothing.
 * Throws `AgentError` for one that would not be read as it was meant; `where` says in which rule it stands.
 */
export function matcherOf(pattern: unknown, where: string): Matcher {
  const matches = compile(pattern, where, []);
  return (value) => attempt(() => matches(value));
}

function compile(pattern: unknown, where: string, path: readonly string[]): Matcher {
  if (typeof pattern === "function") return asking(pattern as Predicate);
  if (pattern instanceof RegExp) return finding(new RegExp(pattern.source, pattern.flags), path);
  if (isSame(pattern)) return being(pattern, path);
  const place = path.length === 0 ? where : `${where}, ${path.join(".")},`;
  if (Array.isArray(pattern))
    throw new AgentError(
      `${place} has a list in its input. Whether all of a list must fit or some, only a predicate can say: (list) => list.every(…).`,
    );
  if (typeof pattern !== "object" || pattern === null || !isPlain(pattern))
    throw new AgentError(
      `${place} has something in its input that is no pattern. Give a text, number, boolean, null, regular expression, predicate, or ` +
        "an object of these; leave out what is undefined.",
    );
  const fields = Object.entries(pattern).map(
    ([name, inner]) => [name, compile(inner, where, [...path, name])] as const,
  );
  return having(fields, path);
}

function asking(predicate: Predicate): Matcher {
  return (value) => {
    const answer: unknown = predicate(value);
    ignoreRejection(answer);
    return typeof answer === "boolean" ? yesOrNo(answer) : { type: "broken" };
  };
}

/** Not by `test`, which goes on where it stopped if the expression is global. */
function finding(expression: RegExp, path: readonly string[]): Matcher {
  return (value) => {
    if (isNothing(value)) return no;
    return typeof value === "string" ? yesOrNo(value.search(expression) >= 0) : otherKind(value, "", path);
  };
}

function being(pattern: Same, path: readonly string[]): Matcher {
  return (value) => {
    // The one takes NaN for itself, the other 0 for -0.
    const isIt = Object.is(pattern, value) || pattern === value;
    if (isIt || pattern === null || isNothing(value) || typeof value === typeof pattern) return yesOrNo(isIt);
    return otherKind(value, pattern, path);
  };
}

/** One field that doesn't fit decides, in whatever order they stand: of a union's other shapes the rest of the fields say nothing. */
function having(fields: readonly (readonly [string, Matcher])[], path: readonly string[]): Matcher {
  return (value) => {
    if (isNothing(value)) return no;
    if (typeof value !== "object" || Array.isArray(value)) return otherKind(value, {}, path);
    const isClosed = !isPlain(value);
    const fits = new Map<Fit["type"], Fit>();
    for (const [name, matches] of fields) {
      const fit = attempt(() =>
        isClosed && !hasField(value, name) ? hidden(name, path) : matches(fieldOf(value, name)),
      );
      if (fit.type === "no") return no;
      fits.set(fit.type, fit);
    }
    return fits.get("broken") ?? fits.get("other_kind") ?? yes;
  };
}

/** What every object inherits is no field of an input. */
function hasField(value: object, name: string): boolean {
  return Object.hasOwn(value, name) || (name in value && !(name in Object.prototype));
}

function fieldOf(value: object, name: string): unknown {
  return hasField(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

const yes: Fit = { type: "yes" };
const no: Fit = { type: "no" };

function yesOrNo(fits: boolean): Fit {
  return fits ? yes : no;
}

function attempt(match: () => Fit): Fit {
  try {
    return match();
  } catch {
    return { type: "broken" };
  }
}

/** An optional field that is left out, as a text or as JSON says it. */
function isNothing(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

/** Names the field, which is the rule's own word, and shows nothing of the value. */
function otherKind(value: unknown, like: unknown, path: readonly string[]): Fit {
  return {
    type: "other_kind",
    words: `${placeOf(path)} is ${kindOf(value)} and it asks for ${kindOf(like)}`,
  };
}

/** A map's or another class's object has what it holds in a place of its own: where it has no such field, that says nothing. */
function hidden(name: string, path: readonly string[]): Fit {
  const words = `${placeOf(path)} is an object of a class, and has no field ${JSON.stringify(name)} to be looked at`;
  return { type: "other_kind", words };
}

function placeOf(path: readonly string[]): string {
  return path.length === 0 ? "the input" : JSON.stringify(path.join("."));
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "a text";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function isSame(pattern: unknown): pattern is Same {
  return pattern === null || ["string", "number", "boolean"].includes(typeof pattern);
}

/** Of any other object the fields don't say what it is: a date has none. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
