import type { DiskFile } from "./disk.js";
import { decodeLine, type EventLine, newline, type SegmentHeader } from "./record.js";

/** Where a commit stands, and what an index keeps of it. */
export interface CommitNote {
  readonly offset: number;
  readonly length: number;
  readonly session: string;
  /** The `seq` of its first event. */
  readonly first: number;
  readonly count: number;
  readonly startedAt: number;
  readonly lastAt: number;
  /** The agent, where the commit begins the session. */
  readonly agent?: string | undefined;
  readonly key?: string | undefined;
  readonly post?: string | undefined;
}

/** What a look through a segment found. */
export interface Scanned {
  readonly notes: readonly CommitNote[];
  /** The highest epoch that a line names; 0 where none does. */
  readonly epoch: number;
  /** Behind the last commit that is whole. */
  readonly end: number;
  /** The first place that is not a whole line or not a whole commit, if there is one. */
  readonly damage: { readonly offset: number; readonly reason: string } | undefined;
  /** The furthest offset of which a line says that it was on disk, lines behind the damage included. */
  readonly synced: number;
}

export interface RawLine {
  readonly offset: number;
  /** Without the newline. */
  readonly bytes: Buffer;
  /** Whether a newline ends it. */
  readonly isWhole: boolean;
}

/** Small enough that looking through one holds up nothing else for long. */
const chunkBytes = 256 * 1024;

/** The lines of a file from one offset to another, some at a time. The last may break off. */
export async function* linesOf(file: DiskFile, from: number, to: number): AsyncGenerator<readonly RawLine[]> {
  let at = from;
  let size = chunkBytes;
  while (at < to) {
    const length = Math.min(size, to - at);
    const bytes = await file.read(at, length);
    const isLast = bytes.length < length || at + length === to;
    const lines = splitLines(bytes, at, isLast);
    const last = lines.at(-1);
    if (last === undefined) {
      if (isLast) return;
      // A line longer than the piece: read it again with more.
      size *= 2;
      continue;
    }
    yield lines;
    at = last.offset + last.bytes.length + 1;
    size = chunkBytes;
  }
}

export function splitLines(bytes: Buffer, base: number, withRest: boolean): readonly RawLine[] {
  const lines: RawLine[] = [];
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(newline, start);
    if (end === -1) break;
    lines.push({ offset: base + start, bytes: bytes.subarray(start, end), isWhole: true });
    start = end + 1;
  }
  if (withRest && start < bytes.length)
    lines.push({ offset: base + start, bytes: bytes.subarray(start), isWhole: false });
  return lines;
}

/** Looks through a part of a file that begins where a commit begins. */
export async function scanFile(file: DiskFile, from: number, to: number): Promise<Scanned> {
  const scanner = createScanner(from);
  for await (const lines of linesOf(file, from, to)) for (const line of lines) scanner.take(line);
  return scanner.finish();
}

/** Judges lines one by one; it reads nothing itself. */
export function createScanner(from: number): { take(line: RawLine): void; finish(): Scanned } {
  const notes: CommitNote[] = [];
  let epoch = 0;
  let end = from;
  let synced = 0;
  let damage: Scanned["damage"];
  let open: EventLine[] = [];

  const damaged = (reason: string) => {
    damage ??= { offset: end, reason };
  };

  return {
    take({ offset, bytes, isWhole }) {
      const line = isWhole ? decodeLine(bytes) : undefined;
      if (line?.kind === "event") synced = Math.max(synced, line.synced ?? 0);
      if (damage !== undefined) return;
      if (line === undefined)
        return damaged(isWhole ? "its checksum does not match" : "its last line breaks off");
      const next = offset + bytes.length + 1;
      if (line.kind !== "event") {
        if (open.length > 0) return damaged("a commit breaks off");
        if (line.kind !== "other") epoch = Math.max(epoch, epochOf(line));
        end = next;
        return;
      }
      if (!continues(open.at(-1), line)) return damaged("a commit breaks off");
      open.push(line);
      if (line.following > 0) return;
      notes.push(noteOf(open, end, next - end));
      open = [];
      end = next;
    },
    finish() {
      if (open.length > 0) damaged("its last commit breaks off");
      return { notes, epoch, end, damage, synced };
    },
  };
}

function epochOf(
  line: { kind: "segment"; segment: SegmentHeader } | { kind: "writer"; epoch: number },
): number {
  return line.kind === "segment" ? line.segment.epoch : line.epoch;
}

function continues(last: EventLine | undefined, next: EventLine): boolean {
  if (last === undefined) return true;
  return (
    next.following === last.following - 1 &&
    next.event.session === last.event.session &&
    next.event.seq === last.event.seq + 1
  );
}

function noteOf(lines: readonly EventLine[], offset: number, length: number): CommitNote {
  const [{ event, key, post }] = lines as readonly [EventLine];
  return {
    offset,
    length,
    session: event.session,
    first: event.seq,
    count: lines.length,
    startedAt: event.at,
    lastAt: (lines.at(-1) as EventLine).event.at,
    agent: event.type === "session.start" ? event.agent : undefined,
    key,
    post,
  };
}
