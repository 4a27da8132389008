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

/** Whether an option is switched on; throws `ToolDefinitionError` where it is neither true nor false. */
export function flag(tool: string, option: string, value: boolean | undefined): boolean {
  if (value === undefined) return false;
  if (typeof value === "boolean") return value;
  throw new ToolDefinitionError(
    tool,
    `${tool} has ${option} ${String(value)}; it must be true or false. Leave it out for false.`,
  );
}

/**
 * The real path of a folder that exists. Resolved once, so that neither a changed working directory nor a link that is set
 * anew later leads somewhere else. Throws `ToolDefinitionError` where there is no such folder.
 */
export function realFolder(tool: string, folder: string): string {
  let cause: unknown;
  try {
    const path = realpathSync(folder);
    if (statSync(path).isDirectory()) return path;
  } catch (error) {
    cause = error;
  }
  throw new ToolDefinitionError(
    tool,
    `${tool} has folder ${JSON.stringify(folder)}, which is no folder that can be used. Give one that is there, or make it first.`,
    { cause },
  );
}
