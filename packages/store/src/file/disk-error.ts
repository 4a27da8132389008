import { LockstitchError, messageOf, StoreError } from "@lockstitch/core";
import { codeOf } from "./disk.js";

const safe = "Nothing that was acknowledged is lost.";

/** Another log, or none, is where one was in use. */
export function removed(directory: string): StoreError {
  return new StoreError(`The store in ${directory} ${gone}`);
}

/**
 * What a failing file system means, and what can be done; errors that are ours already stay as they are. `use` is what failed: who
 * may not even read must not be told that reading still works.
 */
export function toStoreError(error: unknown, directory: string, use: "read" | "write"): Error {
  if (error instanceof LockstitchError) return error;
  const code = codeOf(error);
  const words = { ...advice, ...(use === "read" ? readingAdvice : {}) }[code ?? ""];
  const said = words ?? `failed: ${messageOf(error)}. ${safe} See to the disk, then run or resume again.`;
  return new StoreError(`The store in ${directory} ${said}${words === undefined ? "" : ` (${code})`}`, {
    cause: error,
  });
}

const full = `has no room left to write. ${safe} Free some space, then run or resume again.`;
const closed = `can't be written to. ${safe} It can still be read. Make the directory writable for this process, or choose another.`;
const foreign = `can't be written to by this process. ${safe} Run as the user who made it, make it writable for this one, or choose another directory.`;
const others = `can't be read by this process. Its files are for the user who made them: run as that user, or choose another directory.`;
const gone =
  "was removed (or replaced), in whole or in part, while it was in use. Whoever opens a session next begins anew there. " +
  "Delete or move a store only while no process uses it.";
const noDirectory =
  "can't be opened: a file has this path, or is part of it. Give the path of a directory; it is made if it isn't there.";
const tooMany =
  "can't open more files. Close some, or raise the limit (ulimit -n), then run or resume again.";

const advice: Readonly<Record<string, string>> = {
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: full,
  EROFS: closed,
  EACCES: foreign,
  EPERM: foreign,
  ENOENT: gone,
  ENOTDIR: noDirectory,
  EEXIST: noDirectory,
  EMFILE: tooMany,
  ENFILE: tooMany,
};

const readingAdvice: Readonly<Record<string, string>> = { EACCES: others, EPERM: others };
