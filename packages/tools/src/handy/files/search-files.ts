import { type ResultBlock, type Tool, ToolError } from "@lockstitch/core";
import { z } from "zod/v4";
import { tool } from "../../tool.js";
import { telling } from "./failure.js";
import { type HeldFolder, openFile, within } from "./held-folder.js";
import { prefixOf } from "./list-files.js";
import { namesOf } from "./path-names.js";
import { type FileRoot, reading, withRoot } from "./root.js";
import { shownLine, shownName, withNote } from "./shown.js";
import { readWhole, textOf } from "./text.js";
import { type Entry, walk } from "./walk.js";

const mostMatches = 200;
const mostFiles = 20_000;
const longestLine = 300;

const input = z.object({
  text: z.string().min(1).describe("The exact text to look for, within one line; not a pattern"),
  path: z.string().default("").describe("A folder to look in, e.g. src. Leave it out for all of it"),
});

interface Found {
  readonly lines: string[];
  /** How many were looked at. */
  files: number;
  /** How many of them can't be searched. */
  skipped: number;
  /** Folders that were not looked into, or not to their end. */
  unseen: number;
  cut: boolean;
}

export function searchFiles(root: FileRoot): Tool<{ path: string; text: string }> {
  return tool({
    name: "search_files",
    description: `Find a text in all files of a folder, those in node_modules and in folders that begin with a dot left out. Gives lines as path:line: text, at most ${mostMatches}; odd names are in quotes.`,
    input,
    effects: "none",
    ...reading,
    run: ({ path, text }, { signal }) =>
      telling(path === "" ? "." : path, signal, () =>
        withRoot(root, async (top) => {
          const names = namesOf(path);
          return within(top, names, async (folder) =>
            answerOf(await search(folder, names, text, root.maxBytes, signal)),
          );
        }),
      ),
  });
}

async function search(
  folder: HeldFolder,
  names: readonly string[],
  text: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Found> {
  const found: Found = { lines: [], files: 0, skipped: 0, unseen: 0, cut: false };
  for await (const entry of walk(folder, prefixOf(names), true)) {
    signal.throwIfAborted();
    if (entry.kind === "closed" || entry.kind === "rest") found.unseen += 1;
    if (entry.kind !== "file") continue;
    if (found.files === mostFiles || found.lines.length > mostMatches) {
      found.cut = true;
      break;
    }
    found.files += 1;
    const content = await readText(entry, maxBytes, signal);
    if (content === undefined) found.skipped += 1;
    // One more than is shown, to know that there is more.
    else addMatches(found.lines, entry.path, content, text);
  }
  return found;
}

/** `undefined` for what can't be searched: binary, too large, gone, or not ours to read. */
async function readText(entry: Entry, maxBytes: number, signal: AbortSignal): Promise<string | undefined> {
  try {
    const handle = await openFile(entry.folder, entry.name);
    try {
      return textOf(await readWhole(handle, maxBytes, signal));
    } finally {
      await handle.close();
    }
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

function addMatches(lines: string[], path: string, content: string, text: string): void {
  // Most files don't hold it: they need no lines.
  if (!content.includes(text)) return;
  const shown = shownName(path);
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    if (!line.includes(text)) continue;
    if (lines.push(`${shown}:${index + 1}: ${shownLine(cutLine(line, text))}`) > mostMatches) return;
  }
}

/** The part of a long line around the match. */
function cutLine(line: string, text: string): string {
  if (line.length <= longestLine) return line;
  const start = Math.max(0, line.indexOf(text) - 100);
  return `… ${line.slice(start, start + longestLine).toWellFormed()} …`;
}

function answerOf({ lines, files, skipped, unseen, cut }: Found): string | ResultBlock[] {
  const left = [
    ...(skipped === 0 ? [] : [` ${skipped} files were left out: binary, too large, or not readable.`]),
    ...(unseen === 0
      ? []
      : [` ${unseen} folders were not searched whole: too deep, too large, or not readable.`]),
  ].join("");
  if (lines.length === 0) {
    if (cut)
      throw new ToolError(`Not found in the first ${files} files; look in a folder of its own.${left}`);
    return `(not found in ${files} files.${left})`;
  }
  const more =
    cut || lines.length > mostMatches ? "(cut: there may be more; look in a folder of its own)" : "";
  return withNote(lines.slice(0, mostMatches).join("\n"), `${more}${left}`.trim());
}
