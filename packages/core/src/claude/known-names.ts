import { AgentError } from "../errors.js";

/** Throws `AgentError` for a name that isn't known: what is misspelt must not go unheard. Quotes no value, which may be a key. */
export function checkNames<Options extends object>(
  what: string,
  options: Options,
  known: Readonly<Record<keyof Options, true>>,
): void {
  const names = Object.keys(known).join(", ");
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new AgentError(`The options of ${what} must be an object. It has: ${names}.`);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined)
    throw new AgentError(
      `There is no option ${JSON.stringify(unknown)} of ${what}. The options are: ${names}.`,
    );
}
