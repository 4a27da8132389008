import { StoreError } from "@lockstitch/core";
import { cutShort, damaged, missing } from "./corrupt.js";
import { type Disk, withFile } from "./disk.js";
import { segmentNumber, segmentPath, sidecarPath } from "./names.js";
import { decodeLine, type SegmentHeader } from "./record.js";
import { linesOf, type Scanned, scanFile } from "./scan.js";
import { readSidecar, type Sidecar } from "./sidecar.js";
import type { SyncNote } from "./sync-note.js";
import type { Reading, View } from "./view.js";

/** What is in the log beyond what a view knows. */
export interface News {
  /** The first segment that must be forgotten and read anew, because it ends before what was read of it. */
  readonly forget: number | undefined;
  readonly readings: readonly Reading[];
  /** The segment that is written to, as it is now; none in an empty store. */
  readonly tail: Tail | undefined;
  /** The highest number that a file has; above the tail's where a writer died before its segment had begun. */
  readonly highest: number;
}

export interface Tail {
  readonly number: number;
  readonly path: string;
  readonly size: number;
  readonly scanned: Scanned;
  /** Up to here it is known to have been on disk. */
  readonly synced: number;
}

/** A segment that may have something new in it. */
interface Draft {
  readonly number: number;
  readonly path: string;
  /** None where it has not begun: its first line is written last. */
  readonly header: SegmentHeader | undefined;
  readonly sidecar: Sidecar | undefined;
  /** Up to where the view knows it. */
  readonly read: number;
  readonly synced: number;
}

/**
 * Reads what is new, and changes nothing. `note` is what the writer had noted before this began: everything before it was on
 * disk, so damage there is not the torn end of a crash. Rejects with `CorruptLogError`.
 */
export async function lookForNews(
  disk: Disk,
  directory: string,
  view: View,
  note: SyncNote | undefined,
): Promise<News> {
  const known = view.segments.length;
  const highest = await highestSegment(disk, directory, Math.max(known, note?.segment ?? 0));
  const fresh = await discover(disk, directory, known + 1, highest);
  const ends = endsOf(view, fresh);
  const forget = view.segments.find(({ number, read }) => read > (ends.get(number) ?? read))?.number;
  const again = forget === undefined ? [] : await discover(disk, directory, forget, known);
  const last = view.segments.slice(0, forget === undefined ? known : forget - 1).slice(-1);
  const drafts = [...last.map((segment) => ({ ...segment, sidecar: undefined })), ...again, ...fresh];
  const begun = drafts.slice(0, 1 + drafts.findLastIndex(({ header }) => header !== undefined));

  const readings: Reading[] = [];
  let tail: Tail | undefined;
  for (const draft of begun) {
    const end = ends.get(draft.number);
    if (draft.header === undefined && end !== 0) throw damaged(draft.path, 0, "its first line is not whole");
    if (tail !== undefined) throw damaged(draft.path, 0, "it does not say where the segment before it ends");
    const found = end === 0 ? undefined : await readOn(disk, draft, end, note);
    readings.push(readingOf(draft, end, found));
    if (end === undefined) tail = found;
  }
  for (const draft of drafts.slice(begun.length)) await checkUnbegun(disk, draft, note);
  return { forget, readings, tail, highest };
}

/** A file whose first line is not whole has not begun, unless something says that it had. It may have begun by now. */
async function checkUnbegun(disk: Disk, { path, number }: Draft, note: SyncNote | undefined): Promise<void> {
  const { end, synced } = await withFile(disk, path, "read", async (file) =>
    scanFile(file, 0, await file.size()),
  );
  if (end === 0 && (synced > 0 || note?.segment === number))
    throw damaged(path, 0, "its first line is not whole");
}

/** The highest number of a segment. Those that are known to have been there must be there. */
async function highestSegment(disk: Disk, directory: string, known: number): Promise<number> {
  const found = new Set<number | undefined>((await disk.names(directory)).map(segmentNumber));
  let highest = known;
  for (const number of found) if (number !== undefined && number > highest) highest = number;
  for (let number = 1; number <= highest; number++)
    if (!found.has(number)) throw missing(segmentPath(directory, number));
  return highest;
}

async function discover(disk: Disk, directory: string, from: number, to: number): Promise<readonly Draft[]> {
  const drafts: Draft[] = [];
  // The newest first: when it has begun, all before it have. The other way round, one could begin and be followed in between.
  for (let number = to; number >= from; number--) {
    const path = segmentPath(directory, number);
    const sidecar = await readSidecar(disk, sidecarPath(directory, number), number);
    const header = sidecar?.header ?? (await readHeader(disk, path));
    if (header !== undefined && header.format !== 1) throw tooNew(path, header.format);
    drafts.push({ number, path, header, sidecar, read: 0, synced: 0 });
  }
  return drafts.reverse();
}

function tooNew(path: string, format: never): StoreError {
  return new StoreError(
    `${path} was written by a newer version of @lockstitch/store (format ${String(format)}). Update it where this runs.`,
  );
}

async function readHeader(disk: Disk, path: string): Promise<SegmentHeader | undefined> {
  return withFile(disk, path, "read", async (file) => {
    for await (const [first] of linesOf(file, 0, await file.size())) {
      const line = first?.isWhole ? decodeLine(first.bytes) : undefined;
      return line?.kind === "segment" ? line.segment : undefined;
    }
    return undefined;
  });
}

/** Where segments end, by the newest word on each. */
function endsOf(view: View, fresh: readonly Draft[]): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  for (const { number, end } of view.segments) if (end !== undefined) ends.set(number, end);
  for (const { header } of fresh) {
    for (const [number, end] of Object.entries(header?.ends ?? {})) ends.set(Number(number), end);
  }
  return ends;
}

/** Reads a segment from where it was left: to its end, or as far as it goes. */
async function readOn(
  disk: Disk,
  { number, path, read, synced: known, sidecar }: Draft,
  end: number | undefined,
  note: SyncNote | undefined,
): Promise<Tail> {
  return withFile(disk, path, "read", async (file) => {
    const size = await file.size();
    const noted = end ?? (note?.segment === number ? note.offset : 0);
    if (size < noted) throw cutShort(path, size, noted);
    const covered = coveredBy(sidecar, end, size);
    const scanned = await scanFile(file, Math.max(read, covered), end ?? size);
    const synced = Math.max(known, noted, covered, scanned.synced);
    const { damage } = scanned;
    if (damage !== undefined && damage.offset < synced) throw damaged(path, damage.offset, damage.reason);
    return { number, path, size, scanned, synced };
  });
}

/** A sidecar of a segment that was settled otherwise, or that a power cut made shorter, is stale. */
function coveredBy(sidecar: Sidecar | undefined, end: number | undefined, size: number): number {
  if (sidecar === undefined) return 0;
  return end === undefined ? (sidecar.length <= size ? sidecar.length : 0) : sidecar.length === end ? end : 0;
}

function readingOf(draft: Draft, end: number | undefined, found: Tail | undefined): Reading {
  const { number, path, header, sidecar } = draft;
  if (found === undefined)
    return { number, path, header, parts: [], from: 0, notes: [], epoch: 0, read: 0, synced: 0, end };
  const { scanned, size, synced } = found;
  const covered = coveredBy(sidecar, end, size);
  const isCovered = covered > 0;
  return {
    number,
    path,
    header,
    parts: isCovered && sidecar !== undefined ? sidecar.parts : [],
    from: Math.max(draft.read, covered),
    notes: scanned.notes,
    epoch: Math.max(
      scanned.epoch,
      header?.epoch ?? 0,
      isCovered && sidecar !== undefined ? sidecar.epoch : 0,
    ),
    read: scanned.end,
    synced,
    end,
  };
}
