import { type Tool, ToolError } from "@lockstitch/core";
import { z } from "zod/v4";
import { tool } from "../../tool.js";
import { changeFile, refuseLarge } from "./change-file.js";
import { type HeldFolder, openFile, within } from "./held-folder.js";
import { replaceFile } from "./replace-file.js";
import type { FileRoot } from "./root.js";
import { readWhole, textOf } from "./text.js";

const input = z.object({
  path: z.string().describe("From the folder, e.g. src/main.ts"),
  old_text: z.string().min(1).describe("The exact text to replace; it must occur once"),
  new_text: z.string().describe("What takes its place"),
  all: z.boolean().default(false).describe("Replace it wherever it occurs"),
});

/** `once`: the same call again would find its own work, or do it twice. */
export function editFile(
  root: FileRoot,
): Tool<{ path: string; old_text: string; new_text: string; all: boolean }> {
  return tool({
    name: "edit_file",
    description: "Replace an exact text in a text file. Read the file before.",
    input,
    effects: "once",
    // It tells whether a text stands in the file, and nothing else of it.
    reads: "private",
    acts: true,
    run: ({ path, old_text, new_text, all }, { signal }) =>
      changeFile(root, path, signal, (top, { folders, name }) =>
        within(top, folders, async (folder) => {
          const before = await contentOf(folder, name, root.maxBytes, signal);
          refuseUnlessOne(before, old_text, all);
          const parts = before.split(old_text);
          const count = parts.length - 1;
          // Before it is made: a million times a million characters is more than a process can hold.
          const growth = Buffer.byteLength(new_text) - Buffer.byteLength(old_text);
          refuseLarge(Buffer.byteLength(before) + count * growth, root.maxBytes);
          await replaceFile(folder, name, parts.join(new_text));
          return count === 1 ? "Replaced it." : `Replaced it in ${count} places.`;
        }),
      ),
  });
}

async function contentOf(
  folder: HeldFolder,
  name: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<string> {
  const handle = await openFile(folder, name);
  try {
    return textOf(await readWhole(handle, maxBytes, signal));
  } finally {
    await handle.close();
  }
}

/** Not by counting: "aa" stands twice in "aaa", and which of the two is meant nobody knows. */
function refuseUnlessOne(content: string, before: string, all: boolean): void {
  const first = content.indexOf(before);
  if (first === -1) throw new ToolError(`old_text does not occur in the file.${hint(content, before)}`);
  if (first !== content.lastIndexOf(before) && !all)
    throw new ToolError(
      "old_text occurs more than once. Give more of the text around it, or say all: true for all of them.",
    );
}

function hint(content: string, before: string): string {
  const otherBreaks = content.includes("\r\n") && content.replaceAll("\r\n", "\n").includes(before);
  return otherBreaks
    ? ' It would, but for the line breaks: those of the file are "\\r\\n".'
    : " Read the file again: each space and line break counts.";
}
