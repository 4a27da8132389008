import { dirname } from "node:path";
import { StoreError } from "@lockstitch/core";
import { codeOf, type Disk } from "./disk.js";
import { inboxDirectory, lockDirectory, segmentNumber } from "./names.js";

/** Makes what isn't there yet. Rejects with `StoreError` where something else is there. */
export async function prepareDirectory(disk: Disk, directory: string): Promise<void> {
  if (!disk.exists(lockDirectory(directory))) {
    await disk.makeDirectory(directory);
    await checkForeign(disk, directory);
    await syncPath(disk, directory);
  }
  await disk.makeDirectory(inboxDirectory(directory));
}

/**
 * A directory whose name is not on disk is gone after a power cut, and all that was synced in it. Who made it may have died before
 * it could see to that; the lock is only made after this.
 */
async function syncPath(disk: Disk, directory: string): Promise<void> {
  const parent = dirname(directory);
  if (parent === directory) return;
  await disk.syncDirectory(parent).catch((error: unknown) => {
    // What this process may not even look into, it didn't make.
    if (!["EACCES", "EPERM"].includes(codeOf(error) ?? "")) throw error;
  });
  await syncPath(disk, parent);
}

/** A mistyped path must not turn somebody's folder into a store. */
async function checkForeign(disk: Disk, directory: string): Promise<void> {
  const isOurs = (name: string) => name.startsWith(".") || name === "inbox" || /^lock(\.|$)/.test(name);
  const names = await disk.names(directory);
  const foreign = names.find((name) => !isOurs(name));
  if (foreign === undefined || names.some((name) => segmentNumber(name) !== undefined)) return;
  throw new StoreError(
    `${directory} is no store: it holds "${foreign}" and no log. Give the path of a directory that is empty or isn't there yet.`,
  );
}
