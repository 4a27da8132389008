import { CassetteError } from "./errors.js";

/** What must not stand in a recording, beside keys: texts, or a function that takes them out. */
export type Redact = readonly string[] | ((text: string) => string);

/** Stands where a secret stood. */
export const mark = "[redacted]";

/**
 * Takes secrets out of a text: keys of Anthropic's form, bearer tokens, the values of environment variables whose names end like
 * a key's, and what the caller named. The environment is read now: a program may load its keys after it was started.
 */
export function createRedactor(
  redact: Redact | undefined,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): (text: string) => string {
  const named = typeof redact === "function" ? [] : (redact ?? []);
  const literals = [...keysIn(environment), ...named].flatMap(spellings);
  // The longest first: a secret that begins another must not leave the other's end behind.
  const secrets = [...new Set(literals)].filter((text) => text !== "").sort((a, b) => b.length - a.length);
  return (text) => {
    const withoutLiterals = secrets.reduce((rest, secret) => rest.replaceAll(secret, () => mark), text);
    const rest = patterns.reduce((left, [pattern, by]) => left.replace(pattern, by), withoutLiterals);
    return typeof redact === "function" ? askCaller(redact, rest) : rest;
  };
}

/** Every text in a JSON value redacted, and the names of its fields too. */
export function redactValue(
  value: unknown,
  texts: (text: string) => string,
  names: (name: string) => string = texts,
): unknown {
  if (typeof value === "string") return texts(value);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, texts, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [names(name), redactValue(item, texts, names)]),
  );
}

const patterns: readonly (readonly [RegExp, string])[] = [
  [/sk-ant-[\w-]+/g, mark],
  // A token has a digit or is long: the words of a sentence about bearer tokens have not, and are not.
  [/\b(Bearer\s+)(?:(?=[\w.~+/-]*\d)[\w.~+/-]{8,}|[\w.~+/-]{20,})=*/gi, `$1${mark}`],
];

const keyName = /(KEY|TOKEN|SECRET|PASSWORD|PASSPHRASE|CREDENTIALS?)$/i;

/** Shorter ones are settings such as `true` or `none`: taken out wherever they stand, they would leave nothing to read. */
const shortestKey = 8;

function keysIn(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    keyName.test(name) && value !== undefined && value.length >= shortestKey ? [value] : [],
  );
}

/** A secret may stand inside JSON that is itself text, in a URL, or packed for a header. */
function spellings(secret: string): readonly string[] {
  const escaped = JSON.stringify(secret).slice(1, -1);
  const base64 = Buffer.from(secret).toString("base64");
  const url = encodeURIComponent(secret.toWellFormed());
  return [
    secret,
    escaped,
    JSON.stringify(escaped).slice(1, -1),
    url,
    ...(secret.length < shortestKey ? [] : [base64]),
  ];
}

function askCaller(redact: (text: string) => string, text: string): string {
  const redacted: unknown = redact(text);
  if (typeof redacted === "string") return redacted;
  throw new CassetteError(
    "The function given as `redact` must return the text without its secrets, as a string.",
  );
}
