import type { Stats } from "node:fs";
import { open } from "node:fs/promises";
import { KeyError } from "@lockstitch/core";

/**
 * A key that stands alone in a file: `claude({ key: keyFile(path) })`. It is read before each attempt, so that a key which changes is
 * picked up without a restart. White space around it is left out. A file that other users of the machine can read is warned of, once.
 * The function rejects with `KeyError` where there is no such file, or nothing in it.
 */
export function keyFile(path: string): () => Promise<string> {
  let warned = false;
  return async () => {
    const { text, stats } = await read(path);
    if (isOpen(stats) && !warned) {
      warned = true;
      console.warn(
        `Lockstitch: other users of this machine can read ${nameOf(path)}. Take that from them: chmod 600.`,
      );
    }
    if (text === "")
      throw new KeyError(`There is nothing in ${nameOf(path)}. Write the key into it, and nothing else.`);
    return text;
  };
}

/** Both from one handle: between two looks at a path, another file may have taken its place. */
async function read(path: string): Promise<{ readonly text: string; readonly stats: Stats }> {
  const file = await open(path, "r").catch((error: unknown) => {
    // Node's error quotes the path.
    const cause = looksLikeKey(path) ? {} : { cause: error };
    throw new KeyError(`Can't open ${nameOf(path)} (${codeOf(error)}).`, cause);
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > longestKey)
      throw new KeyError(
        `It must be a file with a key in it and nothing else, and that is not so of ${nameOf(path)}.`,
      );
    return { text: (await file.readFile("utf8")).trim(), stats };
  } finally {
    await file.close();
  }
}

/** A key that was taken for the path of its file: one of the API's, or a long word that is no path. */
function looksLikeKey(path: string): boolean {
  return /sk-ant-|^\s*[^\s/\\.]{32,}\s*$/.test(path);
}

/** A path in words; never a key. */
function nameOf(path: string): string {
  return looksLikeKey(path)
    ? "the key file whose path looks like a key itself and so is not shown (keyFile() takes a path; a key goes in as claude({ key }))"
    : `the key file ${JSON.stringify(path)}`;
}

/** In bytes: far longer than any key, and short enough to be read before every call. */
const longestKey = 10_000;

/** Windows says who may read by other means. */
function isOpen({ mode }: Stats): boolean {
  return process.platform !== "win32" && (mode & 0o077) !== 0;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
