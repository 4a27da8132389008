import type { Tool } from "@lockstitch/core";
import { refuseUnknown } from "../../unknown-options.js";
import { flag, positive, realFolder } from "../settings.js";
import { editFile } from "./edit-file.js";
import { type Anchor, usualAnchor } from "./held-folder.js";
import { listFiles } from "./list-files.js";
import { readFile } from "./read-file.js";
import type { FileRoot } from "./root.js";
import { searchFiles } from "./search-files.js";
import { writeFile } from "./write-file.js";

export interface FileToolsOptions {
  /** The folder that can be used, and no file outside of it. It must exist. */
  readonly folder: string;
  /** Gives `write_file` and `edit_file` too. Default false. */
  readonly write?: boolean;
  /** Bytes of a file that can be written, changed or searched. Default 1,000,000. Reading shows at most 80,000 bytes at once. */
  readonly maxBytes?: number;
}

/**
 * `list_files`, `read_file` and `search_files` for the files of one folder; with `write`, `write_file` and `edit_file`.
 * No path and no link leads out of the folder; on Linux no race does either, on other systems see the page on handy tools.
 * Throws `ToolDefinitionError` for a folder that isn't there, or an option that can't be meant.
 */
export function fileTools(options: FileToolsOptions): readonly Tool[] {
  return anchoredFileTools(options, usualAnchor);
}

const known = { folder: true, write: true, maxBytes: true } satisfies Record<keyof FileToolsOptions, true>;

/** For tests, which try the way of systems without descriptors that can be walked from. */
export function anchoredFileTools(options: FileToolsOptions, anchor: Anchor): readonly Tool[] {
  refuseUnknown("fileTools", options, known);
  const root: FileRoot = {
    path: realFolder("fileTools", options.folder),
    maxBytes: positive("fileTools", "maxBytes", options.maxBytes, 1_000_000),
    anchor,
  };
  const reading = [listFiles(root), readFile(root), searchFiles(root)];
  return flag("fileTools", "write", options.write) ? [...reading, writeFile(root), editFile(root)] : reading;
}
