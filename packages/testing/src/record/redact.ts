import { secretsIn, shortestSecret } from "./environment-secrets.js";
import { CassetteError } from "./errors.js";
import { mark } from "./redact-mark.js";
import { withoutSecretForms } from "./secret-forms.js";

/** What must not stand in a recording, beside keys: texts, or a function that takes them out. */
export type Redact = readonly string[] | ((text: string) => string);

/** Throws `TypeError` for what is no `Redact`: the letters of a text would be taken for texts of their own. */
export function checkRedact(redact: unknown): void {
  if (redact === undefined || typeof redact === "function") return;
  if (Array.isArray(redact) && redact.every((text) => typeof text === "string")) return;
  throw new TypeError(
    "`redact` must be a list of texts, or a function that gives a text without its secrets. Give one text as [text].",
  );
}

/**
 * Takes secrets out of a text: those that are known by their form, those of the environment, and what the caller named. The
 * environment is read now: a program may load its keys after it was started.
 */
export function createRedactor(
  redact: Redact | undefined,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): (text: string) => string {
  checkRedact(redact);
  const named = typeof redact === "function" ? [] : (redact ?? []);
  const literals = [...secretsIn(environment), ...named].flatMap(spellings);
  // The longest first: a secret that begins another must not leave the other's end behind.
  const secrets = [...new Set(literals)].filter((text) => text !== "").sort((a, b) => b.length - a.length);
  return (text) => {
    const rest = withoutSecretForms(
      secrets.reduce((left, secret) => left.replaceAll(secret, () => mark), text),
    );
    return typeof redact === "function" ? askCaller(redact, rest) : rest;
  };
}

/** By these a conversation is understood. A secret that happens to be such a word must not make it unreadable. */
const protocolFields = new Set([
  "type",
  "role",
  "model",
  "stop_reason",
  "id",
  "tool_use_id",
  "tool_id",
  "name",
  "media_type",
]);

/**
 * What the API is told and tells, with its texts redacted. Names of fields and what the protocol itself says stay; the inputs of tools
 * are redacted as `redactData` does it.
 * @param names for the names of fields in inputs
 */
export function redactValue(
  value: unknown,
  texts: (text: string) => string,
  names: (name: string) => string = texts,
): unknown {
  if (typeof value === "string") return texts(value);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, texts, names));
  if (typeof value !== "object" || value === null) return value;
  const isCall = "type" in value && String(value.type).endsWith("tool_use");
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      if (typeof item === "string" && protocolFields.has(name)) return [name, item];
      const isData = (isCall && name === "input") || (name === "input_examples" && Array.isArray(item));
      return [name, isData ? redactData(item, texts, names) : redactValue(item, texts, names)];
    }),
  );
}

/** Every text and number of a JSON value redacted, and the names of its fields too. */
export function redactData(
  value: unknown,
  texts: (text: string) => string,
  names: (name: string) => string = texts,
): unknown {
  if (typeof value === "string") return texts(value);
  if (typeof value === "number") return redactNumber(value, texts);
  if (Array.isArray(value)) return value.map((item) => redactData(item, texts, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [names(name), redactData(item, texts, names)]),
  );
}

function redactNumber(value: number, texts: (text: string) => string): number | string {
  const written = String(value);
  const clean = texts(written);
  return clean === written ? value : clean;
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
    ...(secret.length < shortestSecret ? [] : [base64]),
  ];
}

function askCaller(redact: (text: string) => string, text: string): string {
  const redacted: unknown = redact(text);
  if (typeof redacted === "string") return redacted;
  throw new CassetteError(
    "The function given as `redact` must return the text without its secrets, as a string.",
  );
}
