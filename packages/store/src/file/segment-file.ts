import type { Disk, DiskFile } from "./disk.js";
import { segmentPath } from "./names.js";
import { encodeSegmentHeader, type SegmentHeader } from "./record.js";

/**
 * Makes a segment and leaves it open. It has begun only with its first line, and that is written when all else is on disk:
 * a crash in between leaves a file that counts for nothing. Rejects with `EEXIST` where somebody else made one of this number.
 */
export async function beginSegment(
  disk: Disk,
  directory: string,
  header: SegmentHeader,
  carried: Buffer,
): Promise<{ readonly file: DiskFile; readonly path: string; readonly length: number }> {
  const path = segmentPath(directory, header.number);
  const first = encodeSegmentHeader(header);
  const file = await disk.open(path, "create");
  let hasBegun = false;
  try {
    if (carried.length > 0) {
      await file.write(carried, first.length);
      await file.sync();
    }
    await file.write(first, 0);
    hasBegun = true;
    await file.sync();
    await disk.syncDirectory(directory);
  } catch (error) {
    await file.close();
    // On a full disk, every attempt would leave another file behind. One that has begun may have been seen: it stays.
    if (!hasBegun) await disk.remove(path).catch(() => {});
    throw error;
  }
  return { file, path, length: first.length + carried.length };
}
