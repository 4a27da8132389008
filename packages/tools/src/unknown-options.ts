import { ToolDefinitionError } from "@lockstitch/core";

/** What other frameworks call the same things. */
const elsewhere: Readonly<Record<string, string>> = {
  inputSchema: "input",
  parameters: "input",
  schema: "input",
  execute: "run",
  handler: "run",
};

/**
 * In words, the first option that `maker` doesn't know; `undefined` where it knows them all. Misspelt, an option would be ignored without a
 * word, and an `effects` or a limit that was meant would be missing.
 */
export function unknownOption(
  maker: string,
  options: object,
  known: Readonly<Record<string, true>>,
): string | undefined {
  const option = Object.keys(options).find((one) => !Object.hasOwn(known, one));
  if (option === undefined) return undefined;
  const meant = Object.hasOwn(elsewhere, option) ? elsewhere[option] : undefined;
  const here = meant !== undefined && Object.hasOwn(known, meant) ? ` It is called \`${meant}\` here.` : "";
  const names = Object.keys(known).join(", ");
  return `${maker}() has no option ${JSON.stringify(option)}.${here} The options are: ${names}.`;
}

/** Throws `ToolDefinitionError` for what is no options at all. */
export function refuseNone(maker: string, options: unknown): void {
  if (typeof options === "object" && options !== null && !Array.isArray(options)) return;
  throw new ToolDefinitionError(maker, `${maker}() needs its options, an object.`);
}

/** Throws `ToolDefinitionError` for an option that `maker` doesn't know. `tool` is the name of what it was to make, where it has one. */
export function refuseUnknown(
  maker: string,
  options: object,
  known: Readonly<Record<string, true>>,
  tool?: string,
): void {
  refuseNone(maker, options);
  const problem = unknownOption(maker, options, known);
  if (problem === undefined) return;
  throw new ToolDefinitionError(
    tool ?? maker,
    tool === undefined ? problem : `${tool} can't be made: ${problem}`,
  );
}
