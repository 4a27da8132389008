import { ToolError } from "@lockstitch/core";

const longestPath = 4_096;
/** As many folders are held open at once. */
const deepest = 64;

/**
 * The names that lead from the folder to a file, `["src", "a.ts"]` for `src/a.ts`; none for the folder itself.
 * Throws `ToolError` for a path that could lead out of it, whatever system reads it: backslashes separate names as slashes do,
 * and a name of dots and spaces counts as `..`, because Windows takes it for that.
 */
export function namesOf(path: string): readonly string[] {
  if (path.length > longestPath) throw new ToolError(`The path is longer than ${longestPath} characters.`);
  if (path.includes("\0"))
    throw new ToolError("There is a NUL character in it, which no file's name can have.");
  if (/^[/\\]|(^|[/\\])[A-Za-z]:/.test(path))
    throw new ToolError('That is an absolute path. Name files from the folder, e.g. "src/main.ts".');
  const names = path.split(/[/\\]/).filter((name) => name !== "" && name !== ".");
  if (names.some((name) => /^[. ]+$/.test(name)))
    throw new ToolError('A part of it is like "..". Name files from the folder, e.g. "src/main.ts".');
  if (names.length > deepest) throw new ToolError(`That is more than ${deepest} folders deep.`);
  return names;
}

/** The folder that a file is in, and its name there. Throws `ToolError` for the folder itself. */
export function fileOf(path: string): { readonly folders: readonly string[]; readonly name: string } {
  const names = namesOf(path);
  const name = names.at(-1);
  if (name === undefined) throw new ToolError("That is the folder itself. Name a file in it.");
  return { folders: names.slice(0, -1), name };
}
