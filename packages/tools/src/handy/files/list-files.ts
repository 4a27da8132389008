import type { Tool } from "@lockstitch/core";
import { z } from "zod/v4";
import { tool } from "../../tool.js";
import { telling } from "./failure.js";
import { within } from "./held-folder.js";
import { namesOf } from "./path-names.js";
import { type FileRoot, reading, withRoot } from "./root.js";
import { shownName, withNote } from "./shown.js";
import { type Entry, walk } from "./walk.js";

const mostLines = 1_000;

const input = z.object({
  path: z.string().default("").describe("A folder, e.g. src. Leave it out for all of it"),
  deep: z
    .boolean()
    .default(false)
    .describe("Folders within folders too, but for node_modules and those that begin with a dot"),
});

export function listFiles(root: FileRoot): Tool<{ path: string; deep: boolean }> {
  return tool({
    name: "list_files",
    description: `List the files and folders of a folder, one a line; folders end with a slash, and odd names are in quotes. At most ${mostLines} lines.`,
    input,
    effects: "none",
    ...reading,
    run: ({ path, deep }, { signal }) =>
      telling(path === "" ? "." : path, signal, () =>
        withRoot(root, async (top) => {
          const names = namesOf(path);
          return within(top, names, async (folder) => {
            const lines: string[] = [];
            for await (const entry of walk(folder, prefixOf(names), deep)) {
              signal.throwIfAborted();
              if (lines.length === mostLines) return withNote(lines.join("\n"), "(cut: there are more)");
              lines.push(lineOf(entry));
            }
            return lines.length === 0 ? "(the folder is empty)" : lines.join("\n");
          });
        }),
      ),
  });
}

/** What stands before the names in that folder. */
export function prefixOf(names: readonly string[]): string {
  return names.map((name) => `${name}/`).join("");
}

function lineOf({ path, kind }: Entry): string {
  const shown = shownName(path);
  switch (kind) {
    case "file":
      return shown;
    case "folder":
      return `${shown}/`;
    case "closed":
      return `${shown}/ (not looked into)`;
    case "link":
      return `${shown} (a link, not followed)`;
    case "other":
      return `${shown} (no regular file)`;
    case "rest":
      // Never said as things are: a list ends after fewer lines than a walk reads entries of a folder.
      return `${shown} (has more than these)`;
    default:
      return kind satisfies never;
  }
}
