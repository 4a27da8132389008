import type { Tool } from "@lockstitch/core";
import { type Anchor, type HeldFolder, holdRoot } from "./held-folder.js";

/** The folder that the tools may use, and how much of it at once. */
export interface FileRoot {
  /** Its real path. */
  readonly path: string;
  /** Bytes of a file that is written, changed or searched. */
  readonly maxBytes: number;
  readonly anchor: Anchor;
}

/** Of a tool that reads, for the rule of two: whose words the files hold, and who may see them, nobody has said. */
export const reading: Required<Pick<Tool, "reads" | "acts">> = {
  reads: ["untrusted", "private"],
  acts: false,
};

export async function withRoot<Value>(
  root: FileRoot,
  work: (folder: HeldFolder) => Promise<Value>,
): Promise<Value> {
  const folder = await holdRoot(root.path, root.anchor);
  try {
    return await work(folder);
  } finally {
    await folder.handle.close();
  }
}
