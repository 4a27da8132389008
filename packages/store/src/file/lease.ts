import type { DiskFile } from "./disk.js";
import { type Claim, letGo } from "./lock.js";
import type { Machine } from "./machine.js";
import { lockDirectory } from "./names.js";
import { encodeNote, type SyncNote } from "./sync-note.js";

/** The lock while it is held: gives signs of life, and knows when it is gone. */
export interface Lease {
  readonly epoch: number;
  /** Whether it is still held. To be asked after every write and sync, before anything is acknowledged. */
  isHeld(): boolean;
  /** Whether it is gone because the directory is, or is another one by now. */
  isRemoved(): boolean;
  /** Notes how far the log is on disk. It is not waited for. */
  note(note: SyncNote): void;
  /** Stops the signs of life and lets go. */
  end(as: "released" | "abandoned"): Promise<void>;
}

/** How many signs of life a lease's time holds: some may come late. */
const beatsPerLease = 4;

/**
 * Begins to give signs of life. `onLost` is called when somebody else has taken over; `isIdle` tells whether the log is in good
 * order as it is, should the process exit now.
 */
export async function holdLease(
  machine: Machine,
  directory: string,
  claim: Claim,
  leaseMs: number,
  first: SyncNote,
  { onLost, isIdle }: { readonly onLost: () => void; readonly isIdle: () => boolean },
): Promise<Lease> {
  const { disk } = machine;
  const file = await disk.open(claim.path, "write");
  const writeNote = createNoteWriter(file, first);
  const folder = () => JSON.stringify(disk.identity(lockDirectory(directory)));
  const ownFolder = folder();
  // However often the lock changes hands, its folder stays what it is.
  const isRemoved = () => folder() !== ownFolder;
  // In another directory, a thread of this process may hold a lock of the same name.
  const isHeld = () => disk.exists(claim.path) && !isRemoved();
  const stopBeating = machine.every(leaseMs / beatsPerLease, () => {
    if (isHeld()) void writeNote();
    else onLost();
  });
  const forgetExit = machine.onExit(() => {
    // A write that is under way would end in a segment that the next owner writes to: then it must begin another.
    if (isIdle()) void letGo(disk, directory, claim, "released").catch(() => {});
  });
  await writeNote();
  return {
    epoch: claim.epoch,
    isHeld,
    isRemoved,
    note: (note) => void writeNote({ note }),
    async end(as) {
      stopBeating();
      forgetExit();
      // Into a lock that is lost, the new owner writes.
      await writeNote({ onlyFinish: !isHeld() });
      await file.close();
      await letGo(disk, directory, claim, as);
    },
  };
}

interface NoteOptions {
  /** What to note; without it, the same again. */
  readonly note?: SyncNote;
  /** Only wait for what is being written. */
  readonly onlyFinish?: boolean;
}

/** One write at a time, always of the newest note. A note that can't be written only makes damage harder to tell from a crash. */
function createNoteWriter(file: DiskFile, first: SyncNote): (options?: NoteOptions) => Promise<void> {
  let newest = first;
  let isStale = false;
  let writing: Promise<void> | undefined;
  const write = async () => {
    while (isStale) {
      isStale = false;
      await file.write(encodeNote(newest), 0).catch(() => {});
    }
    writing = undefined;
  };
  return async ({ note = newest, onlyFinish = false } = {}) => {
    if (!onlyFinish) {
      newest = note;
      isStale = true;
      writing ??= write();
    }
    await writing;
  };
}
