import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf } from "@lockstitch/core";

/**
 * What a module that a command was given exports, by name.
 *
 * @throws Error that says why it can't be loaded, and what to do.
 */
export async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  return import(pathToFileURL(resolve(path)).href).catch((error: unknown) => {
    throw new Error(whyNotLoaded(path, error), { cause: error });
  });
}

function whyNotLoaded(path: string, error: unknown): string {
  if (/\.[cm]?tsx?$/.test(path) && messageOf(error).includes("Unknown file extension"))
    return `${path} is TypeScript, which this Node can't read: compile it, and give the JavaScript file.`;
  // Node tells the place only to those who ask it so.
  const advice = error instanceof SyntaxError ? `. See where: node --check ${path}` : "";
  return `${path} can't be loaded: ${messageOf(error)}${advice}`;
}
