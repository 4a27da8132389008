import { type AgentEvent, AlreadyPostedError, type EventBody, messageOf, StoreError } from "@lockstitch/core";
import type { OpenSession } from "./open-session.js";
import type { LineBuffer } from "./record.js";
import type { CommitNote } from "./scan.js";
import { countOf, hasKey, hasPost, type SessionIndex } from "./session-index.js";

/** What somebody wants to be in the log. */
export interface Commit {
  readonly session: string;
  readonly bodies: readonly EventBody[];
  /** Commit nothing unless this is the `seq` of the session's last event. */
  readonly ifSeq?: number | undefined;
  /** Acknowledge it only when it survives a power cut. */
  readonly barrier: boolean;
  /** The session's owner, if it is the one who commits. */
  readonly owner?: OpenSession;
  readonly key?: string | undefined;
  /** The id of a post that came through the inbox. */
  readonly post?: string | undefined;
}

/** A commit that waits, and whoever waits for it. It resolves with the `seq` up to which its owner may now be told. */
export interface Job {
  readonly commit: Commit;
  resolve(upTo: number): void;
  reject(error: unknown): void;
}

/** A job whose lines are ready to be written. */
export interface Staged {
  readonly job: Job;
  readonly events: readonly AgentEvent[];
  /** None where there was nothing to commit. */
  readonly note: CommitNote | undefined;
  readonly upTo: number;
  /** The offset up to which the file must be written, or on disk, before it is acknowledged. */
  readonly end: number;
}

interface Batch {
  readonly index: SessionIndex;
  readonly lines: LineBuffer;
  /** Where in the file the lines will stand. */
  readonly position: number;
  /** What the first line says to be on disk, if that is news. */
  readonly synced: number | undefined;
  readonly now: () => number;
}

/** So much is encoded at a time: more would hold up the process for longer than a few milliseconds. */
const mostBytes = 256 * 1024;

/**
 * Numbers and encodes jobs from the head of a queue until the batch is full, and takes them off it. What can't be committed is
 * rejected at once. Nothing here waits: between this and the write no other commit can come in between.
 */
export function stageBatch(queue: Job[], batch: Batch): readonly Staged[] {
  const { lines } = batch;
  const begun: Begun = { counts: new Map(), keys: new Set(), posts: new Set() };
  const staged: Staged[] = [];
  let taken = 0;
  lines.clear();
  for (; taken < queue.length && lines.length < mostBytes; taken++) {
    const job = queue[taken] as Job;
    const length = lines.length;
    try {
      staged.push(stageJob(job, batch, begun));
    } catch (error) {
      lines.cut(length);
      job.reject(error);
    }
  }
  queue.splice(0, taken);
  return staged;
}

/** What the jobs before in the same batch add to the index. */
interface Begun {
  readonly counts: Map<string, number>;
  readonly keys: Set<string>;
  readonly posts: Set<string>;
}

function stageJob(job: Job, batch: Batch, begun: Begun): Staged {
  const { session, bodies, ifSeq, key, post } = job.commit;
  const { index, lines, position } = batch;
  const count = begun.counts.get(session) ?? countOf(index, session);
  const nothing = { job, events: [], note: undefined, upTo: count, end: position + lines.length };
  // A post that was taken in before a crash, and whose file the crash left in the inbox.
  if (post !== undefined && (hasPost(index, session, post) || begun.posts.has(post))) return nothing;
  const usedKey = key === undefined ? undefined : JSON.stringify([session, key]);
  if (key !== undefined && usedKey !== undefined) {
    if (hasKey(index, session, key) || begun.keys.has(usedKey)) throw new AlreadyPostedError(session, key);
  }
  if (bodies.length === 0 || (ifSeq !== undefined && ifSeq !== count)) return nothing;
  const at = batch.now();
  const events = bodies.map((body, place) => ({ session, seq: count + 1 + place, at, ...body }));
  const offset = lines.length;
  encode(events, job.commit, batch);
  begun.counts.set(session, count + events.length);
  if (usedKey !== undefined) begun.keys.add(usedKey);
  if (post !== undefined) begun.posts.add(post);
  const length = lines.length - offset;
  const note = noteOf(events, job.commit, position + offset, length);
  return { job, events, note, upTo: count + events.length, end: position + lines.length };
}

function encode(
  events: readonly AgentEvent[],
  { session, key, post }: Commit,
  { lines, synced }: Batch,
): void {
  try {
    lines.addCommit(events, { key, post, synced: lines.length === 0 ? synced : undefined });
  } catch (error) {
    throw new StoreError(
      `What was to be added to session ${session} has no JSON form: ${messageOf(error)}. Only JSON can be stored.`,
      { cause: error },
    );
  }
}

/** Written out, not spread: it is made for every commit, and copying objects was a tenth of all the time. */
function noteOf(
  events: readonly AgentEvent[],
  { key, post }: Commit,
  offset: number,
  length: number,
): CommitNote {
  const event = events[0] as AgentEvent;
  const { session, seq: first, at } = event;
  const agent = event.type === "session.start" ? event.agent : undefined;
  return {
    offset,
    length,
    session,
    first,
    count: events.length,
    startedAt: at,
    lastAt: at,
    agent,
    key,
    post,
  };
}
