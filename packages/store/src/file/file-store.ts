import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type Store, StoreError } from "@lockstitch/core";
import { StoreDirectory } from "./directory.js";
import { toStoreError } from "./disk-error.js";
import type { Machine } from "./machine.js";
import { nodeMachine } from "./node-machine.js";
import { defaultSettings, type Repair, type Settings } from "./settings.js";

export interface FileStoreOptions {
  /** Stamps the events. Milliseconds since 1970. Default: the clock. */
  readonly now?: () => number;
  /** A file of the log that has grown beyond this many bytes is followed by another. Default: 16 MB. */
  readonly segmentBytes?: number;
  /**
   * A writing process that gave no sign of life for so long, in milliseconds, may be taken over from although it exists: it is
   * stopped, or its machine is. A process of this machine that is gone is taken over from at once; after a reboot, and from
   * another container or machine, it is not known to be gone before this time has passed. Default: 10,000. At most 2^31 - 1.
   */
  readonly leaseMs?: number;
  /** Told of bytes that a crash left behind and that are left out. Must not throw. Default: `console.warn`. */
  readonly onRepair?: (repair: Repair) => void;
}

/**
 * A durable store in a directory, which is made when something is first written. One process at a time writes to it, from when
 * it opens its first session until a tenth of a second after it closed its last; all others read, watch and post.
 *
 * All stores of a process on one directory share one writer; the options of the first that is in use hold.
 *
 * Its methods reject with `StoreBusyError` where another process writes, `CorruptLogError` where bytes that had been on disk are
 * not what was written, and `StoreError` where the disk is full, failing or not to be written to.
 */
export function fileStore(directory: string, options: FileStoreOptions = {}): Store {
  if (typeof directory !== "string" || directory.trim() === "")
    throw new StoreError('fileStore() needs the path of a directory, e.g. fileStore(".lockstitch").');
  return createFileStore(nodeMachine, canonical(resolve(directory)), settingsOf(options));
}

/** The same on any machine, e.g. a simulated one. */
export function createFileStore(machine: Machine, directory: string, settings: Settings): Store {
  const shared = sharedDirectory(machine, directory, settings);
  const rejecting = (error: unknown): never => {
    throw toStoreError(error, directory);
  };
  async function* translated<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item> {
    try {
      yield* items;
    } catch (error) {
      rejecting(error);
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

function settingsOf(options: FileStoreOptions): Settings {
  // An option that is there and undefined is none: the default must hold.
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings: Settings = { ...defaultSettings, ...given };
  for (const [name, most] of Object.entries(limits) as [keyof typeof limits, number][]) {
    if (Number.isSafeInteger(settings[name]) && settings[name] > 0 && settings[name] <= most) continue;
    throw new StoreError(
      `fileStore(): ${name} is ${String(settings[name])}; it must be a whole number above 0, and at most ${most}.`,
    );
  }
  return settings;
}

/** Node runs a timer of more milliseconds than these at once, and again and again: the signs of life would never stop. */
const longestTimer = 2 ** 31 - 1;

const limits = { segmentBytes: Number.MAX_SAFE_INTEGER, leaseMs: longestTimer };

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
