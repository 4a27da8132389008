import {
  type AgentEvent,
  AlreadyPostedError,
  LeaseLostError,
  type Log,
  NoSessionError,
  type Post,
  type SessionSummary,
  StoreBusyError,
  StoreError,
} from "@lockstitch/core";
import { Changes } from "./changes.js";
import { coalesce } from "./coalesce.js";
import { newPostId, putIntoInbox, refusedPath } from "./inbox.js";
import type { Machine } from "./machine.js";
import { createMutex, type Exclusive } from "./mutex.js";
import { openLog } from "./open-log.js";
import { readSpans, spansAfter } from "./read-session.js";
import { refresh } from "./refresh.js";
import { countOf, hasKey, hasPost, summaryOf } from "./session-index.js";
import type { Settings } from "./settings.js";
import { Tenure } from "./tenure.js";
import { emptyView, type View } from "./view.js";

/** How often a follower looks where the system tells of changes, and where it doesn't. */
const pollMs = { told: 250, untold: 25 };

/** How often somebody who posted looks whether the post was taken in, and after how many looks whether the writer still lives. */
const inboxPollMs = 10;
const looksPerClaim = 20;

/** One directory as this process sees it; all its stores on that directory share it. */
export class StoreDirectory {
  readonly #machine: Machine;
  readonly #directory: string;
  readonly #view: View = emptyView();
  readonly #changes: Changes = new Changes();
  readonly #exclusive: Exclusive = createMutex();
  readonly #tenure: Tenure;
  readonly #leaseMs: number;
  readonly #look: () => Promise<void>;
  #followers = 0;
  #stopFollowing: () => void = () => {};

  constructor(machine: Machine, directory: string, settings: Settings) {
    this.#machine = machine;
    this.#directory = directory;
    this.#leaseMs = settings.leaseMs;
    this.#tenure = new Tenure({
      machine,
      directory,
      view: this.#view,
      settings,
      exclusive: this.#exclusive,
      onChange: (session) => this.#changes.wake(session),
    });
    this.#look = coalesce(() => this.#refresh());
  }

  async open(session: string): Promise<Log> {
    return this.#tenure.use(async (writer) => {
      const { session: opened, fence } = writer.open(session);
      try {
        const history: AgentEvent[] = [];
        for await (const event of this.#readNow(session, 0)) history.push(event);
        opened.begin(history);
        return openLog(writer, opened, fence, () => this.#tenure.rest());
      } catch (error) {
        writer.close(opened);
        throw error;
      }
    });
  }

  async post(session: string, events: readonly Post[], key: string | undefined): Promise<void> {
    const id = newPostId(this.#machine);
    try {
      // A directory that was never written to is not made for a post that can't be meant.
      if (this.#tenure.writer === undefined) await this.#isPosted(id, session, key);
      if (events.length === 0) return;
      await this.#tenure.use(async (writer) => {
        if (!writer.isOpen(session)) this.#checkKnown(session);
        await writer.commit({ session, bodies: events, key, post: id, barrier: true });
      });
    } catch (error) {
      if (!isOthers(error)) throw error;
      // Where this process was overtaken in the middle of it, the id tells whether the post is in the log already.
      if (!(await this.#isPosted(id, session, key))) await this.#postThroughInbox(id, session, events, key);
    }
  }

  async *read(session: string, after: number): AsyncGenerator<AgentEvent> {
    await this.#upToDate();
    yield* this.#readNow(session, after);
  }

  async *watch(session: string, after: number, signal: AbortSignal | undefined): AsyncGenerator<AgentEvent> {
    const stop = this.#follow();
    try {
      let seen = after;
      while (!signal?.aborted) {
        for await (const event of this.read(session, seen)) {
          if (signal?.aborted) return;
          seen = event.seq;
          yield event;
        }
        if (countOf(this.#view.sessions, session) <= seen) await this.#changes.next(session, signal);
      }
    } finally {
      stop();
    }
  }

  async *list(): AsyncGenerator<SessionSummary> {
    await this.#upToDate();
    for (const [session, parts] of [...this.#view.sessions]) {
      const summary = summaryOf(session, parts);
      if (summary !== undefined) yield summary;
    }
  }

  #readNow(session: string, after: number): AsyncGenerator<AgentEvent> {
    const spans = spansAfter(this.#view.sessions.get(session) ?? [], after);
    return readSpans(this.#machine.disk, this.#directory, session, spans, after);
  }

  /** While this process writes, its view is the newest there is. It may have been overtaken without having noticed. */
  async #upToDate(): Promise<void> {
    if (this.#tenure.writer?.isCurrent !== true) await this.#look();
  }

  #refresh(): Promise<void> {
    return this.#exclusive(async () => {
      await this.#tenure.settled;
      if (this.#tenure.writer !== undefined) return;
      const touched = await refresh(this.#machine, this.#directory, this.#view);
      for (const session of touched) this.#changes.wake(session);
    });
  }

  /** Looks for what other processes write, for as long as anybody watches. */
  #follow(): () => void {
    this.#followers += 1;
    if (this.#followers === 1) this.#stopFollowing = this.#startFollowing();
    return () => {
      this.#followers -= 1;
      if (this.#followers === 0) this.#stopFollowing();
    };
  }

  #startFollowing(): () => void {
    // Those who watch look for themselves when they are woken, and are told what is wrong.
    const look = () => void this.#upToDate().catch(() => this.#changes.wakeAll());
    const stopWatching = this.#machine.disk.watch(this.#directory, look);
    const period = stopWatching === undefined ? pollMs.untold : pollMs.told;
    const stopPolling = this.#machine.every(period, look, { keepAlive: true });
    return () => {
      stopWatching?.();
      stopPolling();
    };
  }

  /** Whether a post is in the log. Rejects where it can't get there. */
  async #isPosted(id: string, session: string, key: string | undefined): Promise<boolean> {
    await this.#upToDate();
    const { sessions } = this.#view;
    if (hasPost(sessions, session, id)) return true;
    this.#checkKnown(session);
    if (key !== undefined && hasKey(sessions, session, key)) throw new AlreadyPostedError(session, key);
    return false;
  }

  #checkKnown(session: string): void {
    if (countOf(this.#view.sessions, session) === 0) throw new NoSessionError(session);
  }

  /** Leaves the post to the process that writes, and waits until that has taken it in; where it died, this one does. */
  async #postThroughInbox(
    id: string,
    session: string,
    events: readonly Post[],
    key: string | undefined,
  ): Promise<void> {
    const { disk, sleep } = this.#machine;
    const path = await putIntoInbox(disk, this.#directory, id, { session, events, key });
    try {
      for (let looks = 1; disk.exists(path); looks++) {
        await sleep(inboxPollMs);
        if (looks % looksPerClaim === 0) await this.#takeInPosts();
      }
    } catch (error) {
      await disk.remove(path).catch(() => {});
      throw error;
    }
    await this.#untilPosted(id, session, key, refusedPath(path));
  }

  /** Waits for a post that is not in the inbox any more. While another process takes over, not all that is in the log is shown. */
  async #untilPosted(id: string, session: string, key: string | undefined, refused: string): Promise<void> {
    const { disk, sleep, now } = this.#machine;
    let since: number | undefined;
    while (!(await this.#isPosted(id, session, key))) {
      if (disk.exists(refused))
        throw new StoreError(
          `${this.#directory}: the writer refused a post to session ${session}; it lies in ${refused}.`,
        );
      since ??= now();
      if (now() - since > this.#leaseMs)
        throw new StoreError(
          `${this.#directory}: a post to session ${session} is gone from the inbox, and not to be found in the log. If something ` +
            `else than a store removed its file, it is lost. Read the session before you post it again; with a key it is taken once.`,
        );
      await sleep(inboxPollMs);
    }
  }

  async #takeInPosts(): Promise<void> {
    try {
      await this.#tenure.use((writer) => this.#tenure.takeInPosts(writer));
    } catch (error) {
      if (!isOthers(error)) throw error;
    }
  }
}

/** Whether another process has what was needed here. */
function isOthers(error: unknown): boolean {
  return error instanceof StoreBusyError || error instanceof LeaseLostError;
}
