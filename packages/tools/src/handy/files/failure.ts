import { ToolError } from "@lockstitch/core";
import { errorCode } from "../error-code.js";

const words: Readonly<Record<string, string>> = {
  ENOENT: "There is no such file or folder. list_files shows what there is.",
  // Linux says so of a link, too, where a folder is asked for and links are not followed.
  ENOTDIR:
    "A part of the path that should be a folder is none: it is a file, or a symbolic link, and links are not followed.",
  ELOOP: "That is a symbolic link, and links are not followed.",
  EISDIR: "That is a folder, not a file.",
  EEXIST: "There is something of that name already.",
  EACCES: "There is no permission for that.",
  EPERM: "There is no permission for that.",
  EROFS: "The folder can only be read.",
  ENAMETOOLONG: "A name in the path is too long.",
  EILSEQ: "A name in the path has characters that no file's name can have.",
  EINVAL: "A name in the path has characters that no file's name can have.",
  ENXIO: "That is no regular file: a device, a pipe or a socket. Only files can be used.",
  ENOSPC: "The disk is full.",
  EDQUOT: "The disk is full.",
  EMFILE: "Too many files are open. Call the tool again.",
  ENFILE: "Too many files are open. Call the tool again.",
};

/**
 * Does something to a file or folder, of which whatever goes wrong is a `ToolError` that names it as the model did: what Node says
 * would show where the folder is.
 */
export async function telling<Value>(
  path: string,
  signal: AbortSignal,
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    signal.throwIfAborted();
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw new ToolError(`${path.slice(0, 300).toWellFormed()}: ${sentenceOf(error)}`);
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof ToolError) return error.message;
  const code = errorCode(error) ?? "unknown";
  return words[code] ?? `That can't be done (${code}).`;
}
