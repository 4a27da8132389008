import type { AgentEvent, Log, Post, SessionSummary } from "@lockstitch/core";
import { Changes } from "./changes.js";
import { coalesce } from "./coalesce.js";
import { removed } from "./disk-error.js";
import { isReplaced } from "./log-identity.js";
import type { Machine } from "./machine.js";
import { createMutex, type Exclusive } from "./mutex.js";
import { openLog } from "./open-log.js";
import { Outbox } from "./outbox.js";
import { readSpans, spansAfter } from "./read-session.js";
import { refresh } from "./refresh.js";
import { countOf, summaryOf } from "./session-index.js";
import type { Settings } from "./settings.js";
import { Tenure } from "./tenure.js";
import { emptyView, type View } from "./view.js";

/** How often a follower looks where the system tells of changes, and where it doesn't. */
const pollMs = { told: 250, untold: 25 };

/** One directory as this process sees it; all its stores on that directory share it. */
export class StoreDirectory {
  readonly #machine: Machine;
  readonly #directory: string;
  readonly #view: View = emptyView();
  readonly #changes: Changes = new Changes();
  readonly #exclusive: Exclusive = createMutex();
  readonly #tenure: Tenure;
  readonly #outbox: Outbox;
  readonly #look: () => Promise<void>;
  /** The log that followers were last told to look at. */
  #followed: string | undefined;
  #followers = 0;
  #stopFollowing: () => void = () => {};

  constructor(machine: Machine, directory: string, settings: Settings) {
    this.#machine = machine;
    this.#directory = directory;
    this.#tenure = new Tenure({
      machine,
      directory,
      view: this.#view,
      settings,
      exclusive: this.#exclusive,
      onChange: (session) => this.#changes.wake(session),
    });
    this.#outbox = new Outbox({
      machine,
      directory,
      view: this.#view,
      tenure: this.#tenure,
      leaseMs: settings.leaseMs,
      upToDate: () => this.#upToDate(),
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

  post(session: string, events: readonly Post[], key: string | undefined): Promise<void> {
    return this.#outbox.post(session, events, key);
  }

  async *read(session: string, after: number): AsyncGenerator<AgentEvent> {
    await this.#upToDate();
    yield* this.#readNow(session, after);
  }

  async *watch(session: string, after: number, signal: AbortSignal | undefined): AsyncGenerator<AgentEvent> {
    const stop = this.#follow();
    try {
      let seen = after;
      let log: string | undefined;
      while (!signal?.aborted) {
        await this.#upToDate();
        const { log: current } = this.#view;
        // What comes now is another session, whatever its name is.
        if (log !== undefined && current?.id !== log) throw removed(this.#directory);
        log = current?.id;
        for await (const event of this.#readNow(session, seen)) {
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

  async *#readNow(session: string, after: number): AsyncGenerator<AgentEvent> {
    const { log, sessions } = this.#view;
    const spans = spansAfter(sessions.get(session) ?? [], after);
    try {
      yield* readSpans(this.#machine.disk, this.#directory, session, spans, after);
    } catch (error) {
      // Other files than those that the spans are of are not damaged.
      if (await isReplaced(this.#machine.disk, this.#directory, log)) throw removed(this.#directory);
      throw error;
    }
  }

  /** While this process writes, its view is the newest there is. */
  async #upToDate(): Promise<void> {
    if (this.#tenure.writer === undefined) await this.#look();
    if (this.#view.log?.id === this.#followed) return;
    this.#followed = this.#view.log?.id;
    this.#changes.wakeAll();
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
}
