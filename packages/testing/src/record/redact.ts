import { CassetteError } from "./errors.js";
import { createSecretRemover, type SecretRemover } from "./secrets.js";

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
): SecretRemover {
  checkRedact(redact);
  if (typeof redact !== "function") return createSecretRemover(redact ?? [], environment);
  const remove = createSecretRemover([], environment);
  return (text, place) => askCaller(redact, remove(text, place));
}

function askCaller(redact: (text: string) => string, text: string): string {
  const redacted: unknown = redact(text);
  if (typeof redacted === "string") return redacted;
  throw new CassetteError(
    "The function given as `redact` must return the text without its secrets, as a string.",
  );
}
