import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Store } from "@lockstitch/core";
import { StoreDirectory } from "./directory.js";
import { toStoreError } from "./disk-error.js";
import type { Machine } from "./machine.js";
import { nodeMachine } from "./node-machine.js";
import { type FileStoreOptions, pathOf, settingsOf } from "./options.js";
import type { Settings } from "./settings.js";

/**
 * A durable store in a directory (a path, or a `file:` URL), which is made when something is first written, for this user alone. One process at a time writes to it, from when
 * it opens its first session until a tenth of a second after it closed its last; all others read, watch and post.
 *
 * All stores of a process on one directory share one writer; the options of the first that is in use hold.
 *
 * Its methods reject with `StoreBusyError` where another process writes, `CorruptLogError` where bytes that had been on disk are
 * not what was written, and `StoreError` where the disk is full, failing or not to be written to.
 */
export function fileStore(directory: string | URL, options: FileStoreOptions = {}): Store {
  return createFileStore(nodeMachine, canonical(resolve(pathOf(directory))), settingsOf(options));
}

/** The same on any machine, e.g. a simulated one. */
export function createFileStore(machine: Machine, directory: string, settings: Settings): Store {
  const shared = sharedDirectory(machine, directory, settings);
  const rejecting = (error: unknown): never => {
    throw toStoreError(error, directory, "write");
  };
  async function* translated<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item> {
    try {
      yield* items;
    } catch (error) {
      throw toStoreError(error, directory, "read");
    }
  }
  return {
    open: (session) => shared.open(session).catch(rejecting),
    post: (session, events, { key } = {}) => shared.post(session, events, key).catch(rejecting),
    read: (session, after = 0) => translated(shared.read(session, after)),
    watch: (session, after = 0, signal) => translated(shared.watch(session, after, signal)),
    list: () => translated(shared.list()),
  };
}

const directories = new WeakMap<Machine, Map<string, WeakRef<StoreDirectory>>>();

/** Two writers in one process would not see each other's lock as another's. */
function sharedDirectory(machine: Machine, directory: string, settings: Settings): StoreDirectory {
  const ofMachine = directories.get(machine) ?? new Map<string, WeakRef<StoreDirectory>>();
  directories.set(machine, ofMachine);
  const known = ofMachine.get(directory)?.deref();
  if (known !== undefined) return known;
  const made = new StoreDirectory(machine, directory, settings);
  ofMachine.set(directory, new WeakRef(made));
  return made;
}

/** One path for one directory, whatever links lead there; what isn't there yet has only the name it was given. */
function canonical(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(canonical(parent), basename(path));
  }
}
