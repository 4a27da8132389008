import { join } from "node:path";
import { type Disk, isMissing } from "./disk.js";
import type { Machine } from "./machine.js";
import { inboxDirectory, isDraft, isLockDraft } from "./names.js";

/**
 * Clears away what killed processes left half done: it counts for nothing, and would pile up. What is younger than the lease may
 * still be worked on. A process that stood still for longer than that, and goes on, begins its draft anew.
 */
export async function clearLeftovers(machine: Machine, directory: string, leaseMs: number): Promise<void> {
  const { disk } = machine;
  const names = await disk.names(directory);
  const pathsIn = (folder: string, found: readonly string[]) => found.map((name) => join(folder, name));
  const inbox = inboxDirectory(directory);
  const files = [
    ...pathsIn(directory, names.filter(isDraft)),
    ...pathsIn(inbox, (await disk.names(inbox)).filter(isDraft)),
  ];
  for (const path of files) if (await isOld(machine, path, leaseMs)) await disk.remove(path);
  for (const path of pathsIn(directory, names.filter(isLockDraft)))
    if (await isOld(machine, path, leaseMs)) await removeLockDraft(disk, path);
}

/** No error where it is gone. */
export async function removeLockDraft(disk: Disk, folder: string): Promise<void> {
  for (const name of await disk.names(folder)) await disk.remove(join(folder, name));
  await disk.removeDirectory(folder);
}

async function isOld({ disk, now }: Machine, path: string, leaseMs: number): Promise<boolean> {
  try {
    return now() - (await disk.writtenAt(path)) > leaseMs;
  } catch (error) {
    // It has got its name in the meantime.
    if (isMissing(error)) return false;
    throw error;
  }
}
