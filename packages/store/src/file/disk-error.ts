import { LockstitchError, messageOf, StoreError } from "@lockstitch/core";
import { codeOf } from "./disk.js";

const safe = "Nothing that was acknowledged is lost.";

/** What a failing file system means, and what can be done; errors that are ours already stay as they are. */
export function toStoreError(error: unknown, directory: string): Error {
  if (error instanceof LockstitchError) return error;
  const code = codeOf(error);
  const words = code === undefined ? undefined : advice[code];
  const said = words ?? `failed: ${messageOf(error)}. ${safe} See to the disk, then run or resume again.`;
  return new StoreError(`The store in ${directory} ${said}${words === undefined ? "" : ` (${code})`}`, {
    cause: error,
  });
}

const full = `has no room left to write. ${safe} Free some space, then run or resume again.`;
const closed = `can't be written to. ${safe} It can still be read. Make the directory writable for this process, or choose another.`;
const noDirectory =
  "can't be opened: a file has this path, or is part of it. Give the path of a directory; it is made if it isn't there.";
const tooMany =
  "can't open more files. Close some, or raise the limit (ulimit -n), then run or resume again.";

const advice: Readonly<Record<string, string>> = {
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: full,
  EROFS: closed,
  EACCES: closed,
  EPERM: closed,
  ENOTDIR: noDirectory,
  EEXIST: noDirectory,
  EMFILE: tooMany,
  ENFILE: tooMany,
};
