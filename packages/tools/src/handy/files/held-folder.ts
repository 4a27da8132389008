import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, stat } from "node:fs/promises";
import { ToolError } from "@lockstitch/core";
import { errorCode } from "../error-code.js";

/**
 * A folder held open. What is in it is reached through its descriptor, so that nobody can swap the folder for a link between a check
 * and a use: the descriptor stays with the folder, whatever its path comes to mean.
 *
 * Node has no `openat`. On Linux `/proc/self/fd/<descriptor>/<name>` is the same thing. Elsewhere paths have to do, and before and after
 * each use every folder on the way is compared with the one that is held: a swap is then found out, but a write may have been misled.
 */
export interface HeldFolder {
  readonly handle: FileHandle;
  /** Leads to the folder, in front of `/<name>`. */
  readonly base: string;
  /** `undefined` where `base` goes by the descriptor, so that there is nothing to verify. */
  readonly byPath: { readonly parent: HeldFolder | undefined } | undefined;
}

/** Where descriptors can be walked from. `paths` is for systems that have none; a test sets it to try that way. */
export type Anchor = "descriptors" | "paths";

export const usualAnchor: Anchor = process.platform === "linux" ? "descriptors" : "paths";

/** Windows has neither flag; there the comparison by `verify` has to do. */
const noFollow: number = constants.O_NOFOLLOW ?? 0;
const onlyFolders: number = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | noFollow;
/** Without waiting: opening a FIFO would block until somebody writes to it. */
const onlyRead: number =
  constants.O_RDONLY | noFollow | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/** Holds the folder itself, by its real path. */
export async function holdRoot(root: string, anchor: Anchor): Promise<HeldFolder> {
  return held(await open(root, onlyFolders), root, undefined, anchor);
}

/** Does `work` with a folder some names below `folder`, which is held for so long. */
export async function within<Value>(
  folder: HeldFolder,
  names: readonly string[],
  work: (folder: HeldFolder) => Promise<Value>,
): Promise<Value> {
  const [name, ...rest] = names;
  if (name === undefined) {
    await verify(folder);
    const value = await work(folder);
    await verify(folder);
    return value;
  }
  const inner = await enter(folder, name);
  try {
    return await within(inner, rest, work);
  } finally {
    await inner.handle.close();
  }
}

/** Holds a folder within another, which must be held for longer. Never follows a link. */
export async function enter(folder: HeldFolder, name: string): Promise<HeldFolder> {
  const path = pathIn(folder, name);
  const anchor = folder.byPath === undefined ? "descriptors" : "paths";
  return held(await open(path, onlyFolders), path, folder, anchor);
}

/** Makes the folders that are missing on the way. */
export async function makeFolders(folder: HeldFolder, names: readonly string[]): Promise<void> {
  for (let depth = 0; depth < names.length; depth++) {
    await within(folder, names.slice(0, depth), async (inner) => {
      await mkdir(pathIn(inner, names[depth] as string)).catch((error: unknown) => {
        if (errorCode(error) !== "EEXIST") throw error;
      });
    });
  }
}

/** A path to an entry of the folder, for calls that don't follow links. */
export function pathIn(folder: HeldFolder, name: string): string {
  return `${folder.base}/${name}`;
}

/** Opens a regular file for reading. Throws `ToolError` for all else: never follows a link, never waits, wakes no device. */
export async function openFile(folder: HeldFolder, name: string): Promise<FileHandle> {
  const path = pathIn(folder, name);
  // Asked first, for opening a device can be an act of its own.
  refuseUnlessFile(await lstat(path, { bigint: true }));
  const handle = await open(path, onlyRead);
  try {
    const opened = await handle.stat({ bigint: true });
    refuseUnlessFile(opened);
    if (folder.byPath !== undefined && !isSame(await lstat(path, { bigint: true }), opened)) refuseSwapped();
    await verify(folder);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** What an entry is, links not followed; `undefined` where there is none. */
export async function look(folder: HeldFolder, name: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(pathIn(folder, name), { bigint: true });
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

export function refuseUnlessFile(stats: BigIntStats): void {
  if (stats.isFile()) return;
  if (stats.isDirectory()) throw new ToolError("That is a folder, not a file. Name a file in it.");
  if (stats.isSymbolicLink()) throw new ToolError("That is a symbolic link, and links are not followed.");
  throw new ToolError("That is no regular file: a device, a pipe or a socket. Only files can be used.");
}

/** Compares what is held with what stands at its path now, up to the root. */
export async function verify(folder: HeldFolder): Promise<void> {
  if (folder.byPath === undefined) return;
  const [now, then] = await Promise.all([
    lstat(folder.base, { bigint: true }),
    folder.handle.stat({ bigint: true }),
  ]);
  if (!isSame(now, then)) refuseSwapped();
  if (folder.byPath.parent !== undefined) await verify(folder.byPath.parent);
}

async function held(
  handle: FileHandle,
  path: string,
  parent: HeldFolder | undefined,
  anchor: Anchor,
): Promise<HeldFolder> {
  const base = `/proc/self/fd/${handle.fd}`;
  try {
    const opened = await handle.stat({ bigint: true });
    if (!opened.isDirectory()) throw Object.assign(new Error("no folder"), { code: "ENOTDIR" });
    // A machine without /proc has to do with paths.
    if (anchor === "descriptors" && isSame(await stat(base, { bigint: true }).catch(() => undefined), opened))
      return { handle, base, byPath: undefined };
    return { handle, base: path, byPath: { parent } };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function isSame(one: BigIntStats | undefined, other: BigIntStats): boolean {
  return one !== undefined && one.dev === other.dev && one.ino === other.ino;
}

function refuseSwapped(): never {
  throw new ToolError("A folder on the way was replaced meanwhile. Call the tool again.");
}
