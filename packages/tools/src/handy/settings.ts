import { realpathSync, statSync } from "node:fs";
import { ToolDefinitionError } from "@lockstitch/core";

/** A number that bounds something; throws `ToolDefinitionError` where it is none. */
export function positive(tool: string, option: string, value: number | undefined, usual: number): number {
  if (value === undefined) return usual;
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new ToolDefinitionError(
    tool,
    `${tool} has ${option} ${String(value)}; it must be a positive whole number. Leave it out for ${usual}.`,
  );
}

/**
 * The real path of a folder that exists. Resolved once, so that neither a changed working directory nor a link that is set
 * anew later leads somewhere else. Throws `ToolDefinitionError` where there is no such folder.
 */
export function realFolder(tool: string, folder: string): string {
  try {
    const path = realpathSync(folder);
    if (statSync(path).isDirectory()) return path;
  } catch (cause) {
    throw new ToolDefinitionError(
      tool,
      `${tool} has folder ${JSON.stringify(folder)}, which can't be used.`,
      {
        cause,
      },
    );
  }
  throw new ToolDefinitionError(tool, `${tool} has folder ${JSON.stringify(folder)}, which is no folder.`);
}

/** A misspelt option would be ignored without a word, and the limit that was meant would be missing. */
export function refuseUnknown(tool: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((option) => !known.includes(option));
  if (unknown === undefined) return;
  throw new ToolDefinitionError(
    tool,
    `${tool} has no option ${JSON.stringify(unknown)}. The options are: ${known.join(", ")}.`,
  );
}
