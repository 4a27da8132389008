import { isObject } from "./object.js";

/** What a setting may be, in words, and whether a value is that. */
export type Kind = readonly [words: string, fits: (value: unknown) => boolean];

/** What each setting may be. Whatever has another name is none. */
export type Kinds<Settings> = Readonly<Record<keyof Settings, Kind>>;

const isText = (value: unknown): boolean => typeof value === "string";

export const text: Kind = ["a text", isText];
export const words: Kind = ["a text with words", (value) => typeof value === "string" && value.trim() !== ""];
export const texts: Kind = ["a list of texts", (value) => Array.isArray(value) && value.every(isText)];
export const textsByName: Kind = [
  "an object of texts",
  (value) => isObject(value) && Object.values(value).every(isText),
];
export const truth: Kind = ["true or false", (value) => typeof value === "boolean"];
export const object: Kind = ["an object", isObject];
export const callback: Kind = ["a function", (value) => typeof value === "function"];
/** An object with these functions, its own or those of its class. */
export const withMethods = (words: string, names: readonly string[]): Kind => [
  words,
  (value) => isObject(value) && names.every((name) => typeof value[name] === "function"),
];
export const milliseconds: Kind = [
  "a positive number of milliseconds",
  (value) => typeof value === "number" && value > 0,
];

/**
 * A sentence about the first setting that can't be meant, and what to do: one that there is not, or a value that it can't have.
 * `of`: whose they are, to begin the sentence with; `what`: what they are called there.
 */
export function wrongSetting<Settings>(
  of: string,
  what: "option" | "setting",
  kinds: Kinds<Settings>,
  settings: object,
): string | undefined {
  const known = new Map(Object.entries<Kind>(kinds));
  for (const [name, value] of Object.entries(settings)) {
    const kind = known.get(name);
    if (kind === undefined)
      return `${of} has no ${what} ${JSON.stringify(name)}. The ${what}s are: ${[...known.keys()].join(", ")}.`;
    if (value !== undefined && !kind[1](value)) return `${of}: ${name} must be ${kind[0]}.`;
  }
  return undefined;
}
