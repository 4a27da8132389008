import { join } from "node:path";
import { StoreBusyError, StoreError } from "@lockstitch/core";
import { codeOf, type Disk, isMissing, withFile, writeNew } from "./disk.js";
import { removeLockDraft } from "./leftovers.js";
import { isHeld, type Lock, nameOfLock, parseLockName } from "./lock-name.js";
import type { LockWatch } from "./lock-watch.js";
import type { Machine } from "./machine.js";
import { lockDirectory, lockDraft } from "./names.js";
import { encodeNote } from "./sync-note.js";

/**
 * Who may write is the name of the one file in the folder `lock`, and to take the lock is to rename that file: of any number of
 * processes that try, one finds it under its old name. So there is no moment without a file, nothing that a crash could leave
 * behind has to be deleted, and a writer that was taken over notices by looking for its own name.
 */
export interface Claim {
  /** The name under which it is held. Who doesn't find it any more has lost it. */
  path: string;
  epoch: number;
  /** What the lock was before. */
  readonly before: Lock;
}

/** The lock as it is; nothing where nobody ever wrote. */
export async function readLock(disk: Disk, directory: string): Promise<Lock | undefined> {
  const names = await disk.names(lockDirectory(directory));
  return names.reduce<Lock | undefined>((best, name) => {
    const lock = parseLockName(name);
    // While a lock is renamed, a listing may show both of its names.
    return lock === undefined || (best !== undefined && best.epoch >= lock.epoch) ? best : lock;
  }, undefined);
}

const attempts = 20;

/** Takes the lock, or rejects with `StoreBusyError` where a living process holds it. */
export async function claimLock(
  machine: Machine,
  directory: string,
  leaseMs: number,
  watch: LockWatch,
): Promise<Claim> {
  await makeLock(machine, directory);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = await readLock(machine.disk, directory);
    if (before === undefined) continue;
    const path = join(lockDirectory(directory), before.name);
    try {
      const lookedAt = machine.elapsed();
      const writtenAt = await machine.disk.writtenAt(path);
      const silence = Math.max(machine.now() - writtenAt, watch(before.name, writtenAt, lookedAt));
      if (isHeld(before, silence, machine.isGone)) throw busy(machine, directory, before);
      // Its date goes with the file: whoever takes it over must not look as lifeless as the owner before.
      await touch(machine.disk, path);
      return { ...(await renamed(machine, directory, path, leaseMs, before.epoch + 1)), before };
    } catch (error) {
      // Somebody else was quicker: look again at whose it is now.
      if (!isMissing(error)) throw error;
    }
  }
  throw new StoreError(
    `The folder ${lockDirectory(directory)} holds no lock, or one that changes hands all the time. If no process writes to ` +
      `${directory}, remove that folder; the log stays as it is.`,
  );
}

/** Gives a claim a higher epoch, where the log knows higher ones: the folder `lock` was removed, or forgotten in a power cut. */
export async function raiseClaim(
  machine: Machine,
  directory: string,
  claim: Claim,
  leaseMs: number,
  epoch: number,
): Promise<void> {
  Object.assign(claim, await renamed(machine, directory, claim.path, leaseMs, epoch));
}

/** Lets go; no error where somebody else has the lock by now. It is done before this returns, so that it works in an exit. */
export async function letGo(
  disk: Disk,
  directory: string,
  claim: Claim,
  as: "released" | "abandoned",
): Promise<void> {
  const name = nameOfLock({ epoch: claim.epoch, holder: { type: as } });
  try {
    await disk.rename(claim.path, join(lockDirectory(directory), name));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

async function renamed(
  { disk, self }: Machine,
  directory: string,
  from: string,
  leaseMs: number,
  epoch: number,
): Promise<Pick<Claim, "path" | "epoch">> {
  const name = nameOfLock({ epoch, holder: { type: "owner", owner: self, leaseMs } });
  const path = join(lockDirectory(directory), name);
  await disk.rename(from, path);
  await disk.syncDirectory(lockDirectory(directory));
  return { path, epoch };
}

/** Writes what a file holds into it once more, for its date: a sign of life that changes nothing else. */
export async function touch(disk: Disk, path: string): Promise<void> {
  await withFile(disk, path, "write", async (file) => {
    const held = await file.read(0, await file.size());
    await file.write(held.length === 0 ? encodeNote(undefined) : held, 0);
  });
}

/** The folder comes into being with its file in it, so that two processes can't both be the first. */
async function makeLock({ disk, id }: Machine, directory: string): Promise<void> {
  const folder = lockDirectory(directory);
  if (disk.exists(folder)) return;
  const draft = lockDraft(directory, id());
  const file = join(draft, nameOfLock({ epoch: 0, holder: { type: "released" } }));
  try {
    await disk.makeDirectory(draft);
    await writeNew(disk, file, encodeNote(undefined), { sync: true });
    await disk.syncDirectory(draft);
    await disk.rename(draft, folder);
    await disk.syncDirectory(directory);
  } catch (error) {
    // Another was quicker; where this process stood still for long, the draft was cleared away after it.
    if (!disk.exists(folder) || !(isTaken(error) || isMissing(error))) throw error;
    await removeLockDraft(disk, draft);
  }
}

/** What systems say when a directory would replace one that is not empty. */
function isTaken(error: unknown): boolean {
  return ["ENOTEMPTY", "EEXIST", "EPERM", "EACCES"].includes(codeOf(error) ?? "");
}

function busy({ self }: Machine, directory: string, { holder }: Lock): StoreBusyError {
  const owner = holder.type === "owner" ? holder.owner : self;
  const name = `process ${owner.pid} on ${owner.host}`;
  const isThisOne = owner.pid === self.pid && owner.machine === self.machine;
  const who = isThisOne ? `${name}: this one, by another thread or another copy of @lockstitch/store` : name;
  return new StoreBusyError(
    name,
    `${directory} is written to by ${who}. One process at a time writes to a directory; any number may read it, and post() ` +
      `reaches its sessions from all of them. Wait until that process has closed its sessions or ended, give this one a ` +
      `directory of its own, or keep what several processes run in a database.`,
  );
}
