import { messageOf } from "@lockstitch/core";
import { McpError } from "./errors.js";
import { type Lock, takeLock } from "./lock.js";
import { isObject } from "./object.js";
import { pinsOf, type ServerPins } from "./pin.js";

/** Of each server, what stands there: it may be no pins. */
type AllPins = ReadonlyMap<string, unknown>;

/** The pins of all servers; none where there is no file. Rejects with `McpError` where it can't be read, or holds something else. */
export async function readPinsFile(path: string, server: string): Promise<AllPins> {
  const files = await import("node:fs/promises");
  const text = await files.readFile(path, "utf8").catch((error: unknown) => {
    if ((error as { readonly code?: unknown }).code === "ENOENT") return "{}";
    throw new McpError(
      server,
      `The file of pins ${JSON.stringify(path)} can't be read: ${messageOf(error)}. Give one that this process may read.`,
      { cause: error },
    );
  });
  try {
    const all: unknown = JSON.parse(text);
    if (!isObject(all)) throw new TypeError("no object");
    return new Map(Object.entries(all));
  } catch (error) {
    // Never taken for empty: whoever can damage the file could then have every change accepted.
    throw new McpError(
      server,
      `The file ${JSON.stringify(path)} holds no pins. Restore it, or delete it to pin every server's tools anew.`,
      { cause: error },
    );
  }
}

/**
 * Changes the pins of one server, and nobody else changes any meanwhile: one that is lost is pinned anew as the tool is by then, and nobody
 * is asked. Gives what it changed them to. Rejects with `McpError` where the file can't be written.
 */
export async function updatePinsFile(
  path: string,
  server: string,
  change: (now: ServerPins | undefined) => ServerPins,
): Promise<ServerPins> {
  try {
    const target = await targetOf(path);
    let next: ServerPins | undefined;
    while (next === undefined) next = await tryUpdate(target, server, change);
    return next;
  } catch (error) {
    if (error instanceof McpError) throw error;
    throw new McpError(
      server,
      `The file of pins ${JSON.stringify(path)} can't be written: ${messageOf(error)}. Give one in a folder that is there, and that this process may write to.`,
      { cause: error },
    );
  }
}

/**
 * The file that a path means, whether or not it is there: a link would be replaced by a file, and each name of the same file have a lock of
 * its own. A path that means none is given back: whoever writes to it is told why.
 */
async function targetOf(path: string): Promise<string> {
  const { readlink, realpath } = await import("node:fs/promises");
  const { basename, dirname, join, resolve } = await import("node:path");
  const found = await realpath(path).catch((error: { readonly code?: unknown }) => error);
  if (typeof found === "string") return found;
  // By a circle of links, one would never come to an end.
  if (found.code !== "ENOENT") return path;
  const folder = await realpath(dirname(path)).catch(() => undefined);
  if (folder === undefined) return path;
  const link = await readlink(path).catch(() => undefined);
  return link === undefined ? join(folder, basename(path)) : targetOf(resolve(folder, link));
}

/** `undefined` where the lock was lost meanwhile. */
async function tryUpdate(
  path: string,
  server: string,
  change: (now: ServerPins | undefined) => ServerPins,
): Promise<ServerPins | undefined> {
  const lock = await takeLock(path);
  try {
    const all = await readPinsFile(path, server);
    const next = change(pinsOf(all, server));
    return (await write(path, new Map([...all, [server, next]]), lock)) ? next : undefined;
  } finally {
    await lock.release();
  }
}

/** Whole or not at all: renamed into place. False where the lock was lost meanwhile, and nothing was written. */
async function write(path: string, all: AllPins, lock: Lock): Promise<boolean> {
  const files = await import("node:fs/promises");
  const beside = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await files.writeFile(beside, `${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`);
    if (!(await lock.isHeld())) return false;
    await files.rename(beside, path);
    return true;
  } finally {
    await files.rm(beside, { force: true });
  }
}
