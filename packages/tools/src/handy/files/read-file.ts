import type { ResultBlock, Tool } from "@lockstitch/core";
import { z } from "zod/v4";
import { tool } from "../../tool.js";
import { telling } from "./failure.js";
import { openFile, within } from "./held-folder.js";
import { gatherPage, type Page } from "./page.js";
import { fileOf } from "./path-names.js";
import { type FileRoot, reading, withRoot } from "./root.js";
import { withNote } from "./shown.js";
import { chunksOf, textOf } from "./text.js";

/** Below what a run shows of a result by default, so that the last word of a page is heard. */
const mostShown = 80_000;
/** To find a line, all before it must be read. */
const mostScanned = 268_435_456;
const tooFar = "Ask for lines nearer to its beginning";

const input = z.object({
  path: z.string().describe("From the folder, e.g. src/main.ts"),
  offset: z.int().min(1).max(1_000_000_000).default(1).describe("The first line to read, from 1"),
  limit: z.int().min(1).max(100_000).default(2_000).describe("How many lines to read"),
});

export function readFile(root: FileRoot): Tool<{ path: string; offset: number; limit: number }> {
  return tool({
    name: "read_file",
    description: "Read a text file, or some lines of it. Its text comes as it is, without line numbers.",
    input,
    effects: "none",
    ...reading,
    run: ({ path, offset, limit }, { signal }) =>
      telling(path, signal, () =>
        withRoot(root, async (top) => {
          const { folders, name } = fileOf(path);
          return within(top, folders, async (folder) => {
            const handle = await openFile(folder, name);
            try {
              const maxBytes = Math.min(root.maxBytes, mostShown);
              const page = await gatherPage(chunksOf(handle, mostScanned, tooFar, signal), {
                offset,
                limit,
                maxBytes,
              });
              return shown(page, offset);
            } finally {
              await handle.close();
            }
          });
        }),
      ),
  });
}

function shown(page: Page, offset: number): string | ResultBlock[] {
  return withNote(textOf(page.bytes), noteOn(page, offset));
}

function noteOn({ bytes, next, cutLine, seen }: Page, offset: number): string {
  if (cutLine) return `(line ${offset} is too long to be shown whole; go on with offset ${next})`;
  if (next !== undefined) return `(lines ${offset} to ${next - 1}; go on with offset ${next})`;
  if (seen === 0) return "(the file is empty)";
  return bytes.length === 0 ? `(the file has ${seen} lines, and none from ${offset} on)` : "";
}
