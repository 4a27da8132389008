import { appendFileSync, cpSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Disk, DiskFile } from "../src/file/disk.js";
import type { Machine } from "../src/file/machine.js";
import { nodeMachine } from "../src/file/node-machine.js";

export type Operation = "write" | "sync" | "open" | "read" | "makeDirectory" | "rename" | "syncDirectory";

/** What a test sees and decides of everything that a store does with the disk. */
export interface Watcher {
  /** Throws or waits, and the operation does so too. */
  before?(operation: Operation, path: string, bytes: number): void | Promise<void>;
}

/** This machine, with somebody between the store and its disk. */
export function watchedMachine(watcher: Watcher, changes: Partial<Machine> = {}): Machine {
  const { disk } = nodeMachine;
  const before = async (operation: Operation, path: string, bytes = 0) =>
    watcher.before?.(operation, path, bytes);
  const file = (path: string, inner: DiskFile): DiskFile => ({
    ...inner,
    async read(offset, length) {
      await before("read", path, length);
      return inner.read(offset, length);
    },
    async write(bytes, offset) {
      await before("write", path, bytes.length);
      return inner.write(bytes, offset);
    },
    async sync() {
      await before("sync", path);
      return inner.sync();
    },
  });
  const watched: Disk = {
    ...disk,
    async open(path, purpose) {
      await before("open", path);
      return file(path, await disk.open(path, purpose));
    },
    async makeDirectory(path) {
      await before("makeDirectory", path);
      return disk.makeDirectory(path);
    },
    async rename(from, to) {
      await before("rename", from);
      return disk.rename(from, to);
    },
    async syncDirectory(path) {
      await before("syncDirectory", path);
      return disk.syncDirectory(path);
    },
  };
  return { ...nodeMachine, disk: watched, ...changes };
}

/** A copy of a store's directory as a crash would leave it: given up, and with four bytes of a commit at its end. */
export function leaveTorn(directory: string): string {
  const copy = `${directory}-copy`;
  cpSync(directory, copy, { recursive: true });
  const [name = ""] = readdirSync(join(copy, "lock"));
  renameSync(join(copy, "lock", name), join(copy, "lock", "00000001.abandoned"));
  appendFileSync(join(copy, "00000001.jsonl"), "torn");
  return copy;
}

export function failure(code: string): Error {
  return Object.assign(new Error(`${code}: it failed`), { code });
}
