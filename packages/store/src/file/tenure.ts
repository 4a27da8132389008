import { LeaseLostError } from "@lockstitch/core";
import { coalesce } from "./coalesce.js";
import { takeInPosts } from "./inbox.js";
import { holdLease } from "./lease.js";
import { clearLeftovers } from "./leftovers.js";
import { type Claim, claimLock, letGo, touch } from "./lock.js";
import { createLockWatch, type LockWatch } from "./lock-watch.js";
import type { Machine } from "./machine.js";
import type { Exclusive } from "./mutex.js";
import { inboxDirectory } from "./names.js";
import { prepareDirectory } from "./prepare-directory.js";
import { countOf } from "./session-index.js";
import type { Settings } from "./settings.js";
import { takeOver } from "./take-over.js";
import type { View } from "./view.js";
import { Writer } from "./writer.js";

export interface TenureParts {
  readonly machine: Machine;
  readonly directory: string;
  readonly view: View;
  readonly settings: Settings;
  /** Whoever changes the view does it alone. The writer does so for as long as there is one. */
  readonly exclusive: Exclusive;
  readonly onChange: (session: string) => void;
}

/**
 * How often the inbox is looked into while a session is open, whether or not the system tells of changes: of what another machine
 * puts onto a network file system it tells nothing. An empty inbox costs about 0.2 ms of a processor's time to look into.
 */
const pollMs = 75;

/** The time in which this process is the one that writes: begun when somebody needs it, ended a while after nobody does. */
export class Tenure {
  readonly #parts: TenureParts;
  readonly #lockWatch: LockWatch;
  #writer: Writer | undefined;
  #beginning: Promise<Writer> | undefined;
  #before: Promise<void> = Promise.resolve();
  #users = 0;
  #stopLingering: () => void = () => {};
  #stopInbox: () => void = () => {};

  constructor(parts: TenureParts) {
    this.#parts = parts;
    this.#lockWatch = createLockWatch(parts.machine);
  }

  /** The writer, while there is one, be it that it lingers. What it knows of the log is all there is to know. */
  get writer(): Writer | undefined {
    // It may have been overtaken, or its directory deleted, without having noticed.
    return this.#writer?.isCurrent === true ? this.#writer : undefined;
  }

  /** Resolves when no writer of before is still at work. */
  get settled(): Promise<void> {
    return this.#before;
  }

  /** Does something with the writer. Rejects with `StoreBusyError` where another process writes. */
  async use<Value>(task: (writer: Writer) => Promise<Value>): Promise<Value> {
    this.#users += 1;
    try {
      return await task(await (this.#beginning ?? this.writer ?? this.#begin()));
    } finally {
      this.#users -= 1;
      this.rest();
    }
  }

  /** To be called when a session was closed: lets go of the directory after a while, unless it is needed again. */
  rest(): void {
    const { machine, settings } = this.#parts;
    this.#stopLingering();
    if (this.#isUsed()) return;
    this.#stopLingering = machine.later(settings.lingerMs, () => {
      // A post may be about to be taken in.
      if (this.#isUsed() || this.writer?.isIdle === false) this.rest();
      else this.#end();
    });
  }

  #isUsed(): boolean {
    return this.writer === undefined || this.#users > 0 || this.writer.openSessions > 0;
  }

  #end(): void {
    const writer = this.#writer;
    if (writer === undefined) return;
    this.#stopInbox();
    this.#writer = undefined;
    this.#before = writer.hasEnded ? writer.closed : writer.release();
  }

  #begin(): Promise<Writer> {
    // A look at the log between the claim and the takeover would wait for the takeover, and that for the look.
    this.#beginning ??= this.#parts
      .exclusive(() => this.#takeLock())
      .finally(() => {
        this.#beginning = undefined;
      });
    return this.#beginning;
  }

  async #takeLock(): Promise<Writer> {
    const { machine, directory, settings } = this.#parts;
    const { disk } = machine;
    for (;;) {
      await this.#before;
      await prepareDirectory(disk, directory);
      const claim = await claimLock(machine, directory, settings.leaseMs, this.#lockWatch);
      // A long log takes its time to be looked through.
      const stopBeating = machine.every(
        settings.leaseMs / 4,
        () => void touch(disk, claim.path).catch(() => {}),
      );
      try {
        return await this.#openWriter(claim);
      } catch (error) {
        const isOvertaken = !disk.exists(claim.path);
        await letGo(disk, directory, claim, "abandoned").catch(() => {});
        // Another process took over from this one while it took over: see whether that one still lives.
        if (!isOvertaken) throw error;
      } finally {
        stopBeating();
      }
    }
  }

  async #openWriter(claim: Claim): Promise<Writer> {
    const { machine, directory, view, settings, onChange } = this.#parts;
    const start = await takeOver(machine, directory, view, claim, settings);
    let writer: Writer | undefined;
    try {
      const first = { segment: start.segment.number, offset: start.position };
      const lease = await holdLease(machine, directory, claim, settings.leaseMs, first, {
        onLost: () => writer?.lose(),
        isIdle: () => writer?.isIdle ?? false,
      });
      const { segmentBytes, now } = settings;
      const { disk, soon } = machine;
      const onEnd = () => this.#end();
      writer = new Writer({ disk, directory, view, lease, segmentBytes, soon, now, onChange, onEnd }, start);
      this.#writer = writer;
      // They do no harm where they can't be removed.
      await clearLeftovers(machine, directory, settings.leaseMs).catch(() => {});
      // What was posted meanwhile comes before anything that is committed now. What fails here stays in the inbox.
      await this.takeInPosts(writer).catch(() => {});
      if (!writer.hasEnded) this.#stopInbox = this.#watchInbox(writer);
      return writer;
    } catch (error) {
      await start.file.close();
      throw error;
    }
  }

  /** Takes in what other processes post, as soon as it is there. */
  #watchInbox(writer: Writer): () => void {
    const { machine, directory } = this.#parts;
    const inbox = inboxDirectory(directory);
    const look = coalesce(() => this.takeInPosts(writer));
    // A post that fails to be taken in stays in the inbox, and its sender waits for it there.
    const lookIn = () => void look().catch(() => {});
    const stopWatching = machine.disk.watch(inbox, lookIn);
    const stopPolling = machine.every(pollMs, lookIn);
    // What came in between.
    lookIn();
    return () => {
      stopWatching?.();
      stopPolling();
    };
  }

  async takeInPosts(writer: Writer): Promise<void> {
    const { machine, directory, view } = this.#parts;
    const knows = (session: string) => {
      // Who was overtaken doesn't know what sessions were begun since, and must refuse none of their posts.
      if (!writer.isCurrent) throw new LeaseLostError(session);
      return writer.isOpen(session) || countOf(view.sessions, session) > 0;
    };
    await takeInPosts(machine.disk, directory, { knows, commit: (commit) => writer.commit(commit) });
  }
}
