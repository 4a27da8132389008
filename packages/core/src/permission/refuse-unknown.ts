import { AgentError } from "../errors.js";

/**
 * A misspelt field would be ignored without a word, and with it the rule that was meant. One left undefined by mistake would be none, or
 * make a rule one about everything.
 */
export function refuseUnknown(what: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new AgentError(`${what} must be an object with ${known.join(", ")}.`);
  const unknown = Object.keys(given).find((field) => !known.includes(field));
  if (unknown !== undefined)
    throw new AgentError(
      `${what} has no field ${JSON.stringify(unknown)}. The fields are: ${known.join(", ")}.`,
    );
  const open = Object.entries(given).find(([, value]) => value === undefined)?.[0];
  if (open !== undefined)
    throw new AgentError(`${what} has \`${open}\` undefined. Leave it out, or give what is meant.`);
}
