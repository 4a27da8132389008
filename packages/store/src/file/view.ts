import { damaged } from "./corrupt.js";
import type { SegmentHeader } from "./record.js";
import type { CommitNote } from "./scan.js";
import {
  addNote,
  addPart,
  countOf,
  dropParts,
  type SegmentIndex,
  type SessionIndex,
  type SessionPart,
} from "./session-index.js";

/** One file of the log, as far as it was looked at. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  /** None where the file was never finished: a later segment says that it ends at 0. */
  readonly header: SegmentHeader | undefined;
  readonly index: SegmentIndex;
  /** Up to where it is in the index. */
  read: number;
  /** Up to where it is known to be on disk. */
  synced: number;
  /** Where it ends for good, as a later segment says. The last one still grows. */
  end: number | undefined;
}

/** Which log it is: the first file of it that has begun, and what tells that file from all others. */
export interface LogIdentity {
  readonly number: number;
  readonly id: string;
}

/** What a process knows of a store's log. */
export interface View {
  /** In order and without gaps: the segment with number n stands at n - 1. */
  readonly segments: Segment[];
  readonly sessions: SessionIndex;
  /** The newest writer that the log names. */
  epoch: number;
  /** Which log it is of; nothing where none has begun. */
  log: LogIdentity | undefined;
}

/** What was found in a segment beyond what the view knows of it. */
export interface Reading {
  readonly number: number;
  readonly path: string;
  readonly header: SegmentHeader | undefined;
  /** Found ready made beside the segment. */
  readonly parts: readonly SessionPart[];
  /** From where it was read. */
  readonly from: number;
  /** Found by reading it. */
  readonly notes: readonly CommitNote[];
  readonly epoch: number;
  readonly read: number;
  readonly synced: number;
  readonly end: number | undefined;
}

export function emptyView(): View {
  return { segments: [], sessions: new Map(), epoch: 0, log: undefined };
}

/** The last segment that has begun: the one that is written to. */
export function lastSegment(view: View): Segment | undefined {
  return view.segments.findLast(({ header }) => header !== undefined);
}

/**
 * Forgets segments from this number on. A takeover may have settled that a segment ends before what was read of it,
 * and what lies beyond stands again in the next one, or was never acknowledged.
 */
export function forgetFrom(view: View, number: number): void {
  for (const segment of view.segments.splice(number - 1).reverse()) dropParts(view.sessions, segment.index);
}

/** Takes in what was found, or nothing at all. Gives back the sessions that have more events than before. */
export function takeIn(view: View, readings: readonly Reading[]): ReadonlySet<string> {
  try {
    return new Set(readings.flatMap((reading) => takeInOne(view, reading)));
  } catch (error) {
    // Half of it would make the next look find other faults than the one that is there.
    forgetFrom(view, 1);
    throw error;
  }
}

function takeInOne(view: View, reading: Reading): readonly string[] {
  const segment = segmentOf(view, reading);
  for (const part of reading.parts) {
    checkOrder(view, segment, part.session, part.first, part.spans[0] ?? 0);
    addPart(view.sessions, segment.index, part);
  }
  for (const note of reading.notes) {
    checkOrder(view, segment, note.session, note.first, note.offset);
    addNote(view.sessions, segment.index, segment.number, note);
  }
  segment.read = reading.read;
  segment.synced = reading.synced;
  segment.end = reading.end;
  view.epoch = Math.max(view.epoch, reading.epoch);
  return [...reading.parts, ...reading.notes].map(({ session }) => session);
}

function segmentOf(view: View, { number, path, header }: Reading): Segment {
  const known = view.segments[number - 1];
  if (known !== undefined) return known;
  const segment: Segment = { number, path, header, index: new Map(), read: 0, synced: 0, end: undefined };
  view.segments.push(segment);
  return segment;
}

/** Whole lines can still be missing: a session's events are numbered. */
function checkOrder(view: View, { path }: Segment, session: string, first: number, offset: number): void {
  const count = countOf(view.sessions, session);
  if (first === count + 1) return;
  const reason = `session ${session} goes on with event ${first} after event ${count}`;
  throw damaged(path, offset, reason);
}
