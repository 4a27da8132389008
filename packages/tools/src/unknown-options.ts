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
 * Throws `ToolDefinitionError` for an option that `tool()`, or whatever `maker` is, doesn't know. Misspelt, it would be ignored without a word,
 * and an `effects` that was meant would be missing.
 */
export function refuseUnknown(
  maker: string,
  name: string,
  options: object,
  known: Readonly<Record<string, true>>,
): void {
  for (const option of Object.keys(options)) {
    if (Object.hasOwn(known, option)) continue;
    const meant = Object.hasOwn(elsewhere, option) ? elsewhere[option] : undefined;
    const here = meant !== undefined && Object.hasOwn(known, meant) ? ` It is called \`${meant}\` here.` : "";
    throw new ToolDefinitionError(
      name,
      `${name} has an option ${JSON.stringify(option)} that ${maker}() doesn't know.${here} The options are: ${Object.keys(known).join(", ")}.`,
    );
  }
}
