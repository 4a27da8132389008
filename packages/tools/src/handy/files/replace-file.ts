import { randomBytes } from "node:crypto";
import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { ToolError } from "@lockstitch/core";
import { type HeldFolder, look, pathIn, refuseUnlessFile, verify } from "./held-folder.js";

const onlyNew: number =
  constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/** Of a mode what a file with other content may keep: not the right to run as somebody else. */
const permissions = 0o777n;

/**
 * Writes a file that is there whole or not at all: beside its place, then renamed into it. What stood there must be a regular file
 * that may be written, or nothing; its mode is kept. A hard link to it keeps the old content.
 */
export async function replaceFile(folder: HeldFolder, name: string, content: string): Promise<void> {
  const before = await look(folder, name);
  if (before !== undefined) refuseUnlessWritable(before);
  await verify(folder);
  const temporary = `.lockstitch-${randomBytes(8).toString("hex")}.tmp`;
  // Until its mode is set, nobody else may read what may be secret.
  const handle = await open(pathIn(folder, temporary), onlyNew, before === undefined ? 0o666 : 0o600);
  try {
    await fill(handle, content, before);
    await verify(folder);
    await rename(pathIn(folder, temporary), pathIn(folder, name));
  } catch (error) {
    await unlink(pathIn(folder, temporary)).catch(() => {});
    throw error;
  }
}

async function fill(handle: FileHandle, content: string, before: BigIntStats | undefined): Promise<void> {
  try {
    await handle.writeFile(content);
    if (before !== undefined) await handle.chmod(Number(before.mode & permissions));
    // Else a power cut could leave the new name with none of its bytes.
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function refuseUnlessWritable(stats: BigIntStats): void {
  refuseUnlessFile(stats);
  // A rename asks the folder alone, so nobody else would keep to it.
  if ((stats.mode & 0o222n) === 0n) throw new ToolError("The file can only be read.");
}
