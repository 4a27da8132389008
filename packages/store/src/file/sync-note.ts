import { type Disk, isMissing, readWhole } from "./disk.js";
import { decodeMembers, encodeLine, newline } from "./record.js";

/**
 * What a writer notes in its lock's file, after each sync and as a sign of life: up to here its segment was on disk. A segment
 * that is damaged or ends before that lost something that was acknowledged, which no crash does.
 */
export interface SyncNote {
  readonly segment: number;
  readonly offset: number;
}

/** Notes have one length, so that none leaves a rest of another behind it. */
const noteLength = 96;

export function encodeNote(note: SyncNote | undefined): Buffer {
  const line = encodeLine(`"synced":${JSON.stringify(note ?? null)}}`);
  return Buffer.concat([line, Buffer.alloc(noteLength - line.length, " ")]);
}

/** What a lock's file says; nothing where the lock changed hands in the meantime, or the note is not whole. */
export async function readNote(disk: Disk, path: string): Promise<SyncNote | undefined> {
  try {
    const bytes = await readWhole(disk, path);
    const line = bytes.subarray(0, Math.max(bytes.indexOf(newline), 0));
    return (decodeMembers(line) as { readonly synced?: SyncNote } | undefined)?.synced ?? undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
