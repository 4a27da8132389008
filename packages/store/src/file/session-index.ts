import type { SessionSummary } from "@lockstitch/core";
import type { CommitNote } from "./scan.js";

/** What one segment holds of one session. */
export interface SessionPart {
  readonly session: string;
  readonly segment: number;
  /** The `seq` of the first event that is here. */
  readonly first: number;
  readonly startedAt: number;
  readonly agent: string | undefined;
  readonly keys: Set<string>;
  readonly posts: Set<string>;
  /** Where the events stand, in order: offset, length and number of events, three numbers a piece. */
  readonly spans: number[];
  count: number;
  lastAt: number;
}

/** What one segment holds. */
export type SegmentIndex = Map<string, SessionPart>;

/** Where every session of the store is: its parts, oldest first. */
export type SessionIndex = Map<string, SessionPart[]>;

/** A piece is read at once, so it must not grow without bounds. */
const longestSpan = 256 * 1024;

/** How many events a session has; 0 where there is no such session. */
export function countOf(index: SessionIndex, session: string): number {
  const last = index.get(session)?.at(-1);
  return last === undefined ? 0 : last.first + last.count - 1;
}

export function hasKey(index: SessionIndex, session: string, key: string): boolean {
  return index.get(session)?.some(({ keys }) => keys.has(key)) ?? false;
}

export function hasPost(index: SessionIndex, session: string, post: string): boolean {
  return index.get(session)?.some(({ posts }) => posts.has(post)) ?? false;
}

/** Takes in a commit that follows on what is there of its session. */
export function addNote(index: SessionIndex, own: SegmentIndex, segment: number, note: CommitNote): void {
  let part = own.get(note.session);
  if (part === undefined) {
    const { session, first, startedAt, lastAt, agent } = note;
    const empty = { keys: new Set<string>(), posts: new Set<string>(), spans: [], count: 0 };
    part = { session, segment, first, startedAt, lastAt, agent, ...empty };
    addPart(index, own, part);
  }
  part.count += note.count;
  part.lastAt = note.lastAt;
  if (note.key !== undefined) part.keys.add(note.key);
  if (note.post !== undefined) part.posts.add(note.post);
  addSpan(part.spans, note);
}

export function addPart(index: SessionIndex, own: SegmentIndex, part: SessionPart): void {
  own.set(part.session, part);
  const parts = index.get(part.session);
  if (parts === undefined) index.set(part.session, [part]);
  else parts.push(part);
}

/** Forgets a segment, the newest that is known of each of its sessions. */
export function dropParts(index: SessionIndex, own: SegmentIndex): void {
  for (const [session, part] of own) {
    const left = index.get(session)?.filter((each) => each !== part) ?? [];
    if (left.length === 0) index.delete(session);
    else index.set(session, left);
  }
  own.clear();
}

export function summaryOf(session: string, parts: readonly SessionPart[]): SessionSummary | undefined {
  const [first] = parts;
  const last = parts.at(-1);
  if (first?.agent === undefined || last === undefined) return undefined;
  const events = last.first + last.count - 1;
  return { session, agent: first.agent, events, startedAt: first.startedAt, lastAt: last.lastAt };
}

function addSpan(spans: number[], { offset, length, count }: CommitNote): void {
  const at = spans.length - 3;
  const lastOffset = spans[at];
  const lastLength = spans[at + 1];
  // Commits that follow each other are read as one.
  if (lastOffset !== undefined && lastLength !== undefined) {
    if (lastOffset + lastLength === offset && lastLength + length <= longestSpan) {
      spans[at + 1] = lastLength + length;
      spans[at + 2] = (spans[at + 2] ?? 0) + count;
      return;
    }
  }
  spans.push(offset, length, count);
}
