import { LeaseLostError, SessionRunningError } from "@lockstitch/core";
import type { Disk } from "./disk.js";
import { removed, toStoreError } from "./disk-error.js";
import type { Lease } from "./lease.js";
import { OpenSession } from "./open-session.js";
import { LineBuffer } from "./record.js";
import { SegmentWriter, type Start } from "./segment-writer.js";
import { addNote } from "./session-index.js";
import { type Commit, type Job, type Staged, stageBatch } from "./stage.js";
import type { View } from "./view.js";

export interface WriterParts {
  readonly disk: Disk;
  readonly directory: string;
  readonly view: View;
  readonly lease: Lease;
  readonly segmentBytes: number;
  /** Runs a task once the events at hand have been dealt with, so that what they commit goes into one write. */
  readonly soon: (task: () => void) => void;
  readonly now: () => number;
  /** Called with a session that has more events than before. */
  readonly onChange: (session: string) => void;
  /** Called when nothing can be written any more. */
  readonly onEnd: () => void;
}

/** Why a writer stopped. */
type End =
  | { readonly type: "released" }
  | { readonly type: "lost" }
  | { readonly type: "removed" }
  | { readonly type: "failed"; readonly error: unknown };

/**
 * The one that writes. All sessions of the process share its writes and syncs: while one batch is written the next gathers, and
 * while a sync is under way writes go on. A write or sync that failed ends it for good: what the disk holds after that is not
 * known any more, and the next owner begins a new segment.
 */
export class Writer {
  readonly #parts: WriterParts;
  readonly #tail: SegmentWriter;
  readonly #lines: LineBuffer = new LineBuffer();
  readonly #sessions: Map<string, OpenSession> = new Map();
  readonly #queue: Job[] = [];
  #writing: readonly Staged[] = [];
  /** Written, and waiting for the disk, in the order of the file. */
  #waiting: Staged[] = [];
  #draining: Promise<void> | undefined;
  #syncing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #end: End | undefined;
  #opens = 0;

  constructor(parts: WriterParts, start: Start) {
    this.#parts = parts;
    this.#tail = new SegmentWriter({ ...parts, checkHeld: () => this.#checkHeld() }, start);
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Resolves when it has ended and let go of everything. */
  get closed(): Promise<void> {
    return this.#closing ?? Promise.resolve();
  }

  /** Whether it is still the one that writes, and so knows all there is to know. */
  get isCurrent(): boolean {
    if (!this.hasEnded && !this.#parts.lease.isHeld()) this.lose();
    return !this.hasEnded;
  }

  get openSessions(): number {
    return this.#sessions.size;
  }

  /** Nothing is being written, and nothing waits to be. */
  get isIdle(): boolean {
    return (
      this.#draining === undefined &&
      this.#syncing === undefined &&
      this.#queue.length === 0 &&
      !this.hasEnded
    );
  }

  /** Gives a session to one owner. */
  open(id: string): { readonly session: OpenSession; readonly fence: number } {
    if (this.#end !== undefined) throw this.#errorFor(id, this.#end);
    if (this.#sessions.has(id)) throw new SessionRunningError(id);
    const session = new OpenSession(id);
    this.#sessions.set(id, session);
    this.#opens += 1;
    return { session, fence: this.#parts.lease.epoch * opensPerEpoch + this.#opens };
  }

  isOpen(id: string): boolean {
    return this.#sessions.has(id);
  }

  close(session: OpenSession): void {
    session.isClosed = true;
    if (this.#sessions.get(session.id) === session) this.#sessions.delete(session.id);
  }

  /** Resolves with the `seq` up to which the session is committed. Commits of one owner resolve in the order they were made. */
  commit(commit: Commit): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) return reject(this.#errorFor(commit.session, this.#end));
      this.#queue.push({ commit, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Lets go in good order. To be called only when no session is open and nothing waits. */
  release(): Promise<void> {
    this.#end ??= { type: "released" };
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #drain(): Promise<void> {
    await new Promise<void>((resolve) => this.#parts.soon(resolve));
    try {
      while (this.#queue.length > 0 && this.#end === undefined) {
        if (this.#tail.isFull) await this.#rotate();
        await this.#writeBatch();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#draining = undefined;
    }
  }

  async #writeBatch(): Promise<void> {
    const { position, mark } = this.#tail;
    const { view, now } = this.#parts;
    const lines = this.#lines;
    const batch = { index: view.sessions, lines, position, synced: mark, now };
    this.#writing = stageBatch(this.#queue, batch);
    const { length } = lines;
    if (length > 0) await this.#tail.write(lines.bytes(), mark);
    this.#checkHeld();
    // A sync that failed meanwhile has rejected this batch.
    if (this.#end !== undefined) return;
    this.#tail.accept(length);
    this.#publish(this.#writing);
    this.#acknowledge(this.#writing);
    // Not before: should one of these throw, whoever waits is found here and rejected.
    this.#writing = [];
  }

  #publish(written: readonly Staged[]): void {
    const { view, onChange } = this.#parts;
    const { index, number } = this.#tail.segment;
    for (const { note, events, job } of written) {
      if (note === undefined) continue;
      addNote(view.sessions, index, number, note);
      this.#sessions.get(note.session)?.receive(events, job.commit.owner === undefined);
      onChange(note.session);
    }
  }

  #acknowledge(written: readonly Staged[]): void {
    for (const staged of written) {
      const { barrier, owner } = staged.job.commit;
      const mustWait = barrier && staged.end > this.#tail.synced;
      if (mustWait || (owner !== undefined && owner.waiting > 0)) {
        if (owner !== undefined) owner.waiting += 1;
        this.#waiting.push(staged);
      } else staged.job.resolve(staged.upTo);
    }
    if (this.#waiting.length > 0) this.#syncing ??= this.#syncWhatWaits();
  }

  async #syncWhatWaits(): Promise<void> {
    try {
      while (this.#waiting.length > 0 && this.#end === undefined) {
        await this.#tail.sync();
        const left = this.#waiting.findIndex(({ end }) => end > this.#tail.synced);
        const done = this.#waiting.splice(0, left === -1 ? this.#waiting.length : left);
        for (const { job, upTo } of done) {
          if (job.commit.owner !== undefined) job.commit.owner.waiting -= 1;
          job.resolve(upTo);
        }
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#syncing = undefined;
    }
  }

  async #rotate(): Promise<void> {
    await this.#syncing;
    if (this.#end === undefined) await this.#tail.rotate();
  }

  #checkHeld(): void {
    if (this.#parts.lease.isHeld()) return;
    this.lose();
    throw new LeaseLostError(this.#parts.directory);
  }

  /** Somebody else has taken over, or there is nothing left to write to. */
  lose(): void {
    this.#stop({ type: this.#parts.lease.isRemoved() ? "removed" : "lost" });
  }

  #fail(error: unknown): void {
    // A process that was overtaken may fail in other ways as well, e.g. find its next segment made.
    if (this.#parts.lease.isHeld()) this.#stop({ type: "failed", error });
    else this.lose();
  }

  #stop(end: End): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    const jobs = [...this.#waiting, ...this.#writing].map(({ job }) => job);
    // An error of its own for each: whoever catches one may add to it how far it had come.
    for (const { commit, reject } of [...jobs, ...this.#queue]) reject(this.#errorFor(commit.session, end));
    this.#queue.length = 0;
    for (const session of this.#sessions.values()) session.lose(this.#errorFor(session.id, end));
    this.#sessions.clear();
    this.#closing = this.#close();
    this.#parts.onEnd();
  }

  async #close(): Promise<void> {
    // A file that is closed while a write is under way may be another one's by the time that the write begins.
    await this.#draining;
    await this.#syncing;
    let isInGoodOrder = this.#end?.type === "released";
    try {
      if (isInGoodOrder) await this.#tail.finish();
    } catch {
      isInGoodOrder = false;
    }
    await this.#tail.close().catch(() => {});
    await this.#parts.lease.end(isInGoodOrder ? "released" : "abandoned").catch(() => {});
  }

  #errorFor(session: string, end: End): Error {
    switch (end.type) {
      case "failed":
        return toStoreError(end.error, this.#parts.directory, "write");
      case "removed":
        return removed(this.#parts.directory);
      case "lost":
      case "released":
        return new LeaseLostError(session);
    }
  }
}

/** More than one process ever opens while it holds the lock. */
const opensPerEpoch = 1_000_000;
