import type { Tool } from "@lockstitch/core";
import { z } from "zod/v4";
import { tool } from "../../tool.js";
import { changeFile, refuseLarge } from "./change-file.js";
import { makeFolders, within } from "./held-folder.js";
import { replaceFile } from "./replace-file.js";
import type { FileRoot } from "./root.js";

const input = z.object({
  path: z.string().describe("From the folder, e.g. src/main.ts. Missing folders are made"),
  content: z.string().describe("All of the file's text"),
});

/** `idempotent`: the same call again leaves the same file. */
export function writeFile(root: FileRoot): Tool<{ path: string; content: string }> {
  return tool({
    name: "write_file",
    description:
      "Write a text file, whole. A file that is there is replaced; to change a part of it, use edit_file.",
    input,
    effects: "idempotent",
    // It tells nothing of what was there.
    reads: [],
    acts: true,
    run: ({ path, content }, { signal }) =>
      changeFile(root, path, signal, async (top, { folders, name }) => {
        refuseLarge(Buffer.byteLength(content), root.maxBytes);
        await makeFolders(top, folders);
        await within(top, folders, (folder) => replaceFile(folder, name, content));
        return `Wrote ${Buffer.byteLength(content)} bytes.`;
      }),
  });
}
