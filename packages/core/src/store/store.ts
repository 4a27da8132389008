import type { AgentEvent, EventBody } from "../events.js";

/** What an outsider may post into a session. */
export type Post = Extract<EventBody, { type: "input" | "approval.response" | "run.abort" }>;

export interface AppendOptions {
  /** Commit only if nothing was appended after this `seq`; otherwise commit nothing and return the news. */
  readonly ifSeq?: number;
  /** Survive a power cut, not only a killed process: on disk before it resolves. */
  readonly barrier?: boolean;
}

export interface SessionSummary {
  readonly session: string;
  readonly agent: string;
  readonly events: number;
  readonly startedAt: number;
  readonly lastAt: number;
}

/**
 * Where sessions live. Each store passes the same contract. Every method must settle in bounded time: what is being written is never
 * left unknown, so a run, and its abort too, waits for a commit that is under way, however long the store takes.
 */
export interface Store {
  /** Takes the session's lease for `owner`; a new id begins a new session. Rejects with `StoreError` while another owner holds it. */
  open(session: string, owner: string): Promise<Log>;
  /** From outside: adds events to a session. A used `key` rejects with `AlreadyPostedError`. */
  post(session: string, events: readonly Post[], options?: { readonly key?: string }): Promise<void>;
  /** The committed events after `after` (default 0: all). An unknown session has none. */
  read(session: string, after?: number): AsyncIterable<AgentEvent>;
  /** Like `read`, then goes on live until the signal aborts. */
  watch(session: string, after?: number, signal?: AbortSignal): AsyncIterable<AgentEvent>;
  list(): AsyncIterable<SessionSummary>;
}

/** One session, held by one owner. */
export interface Log {
  /** Grows with every change of owner. A backend that remembers the highest it saw can refuse a writer that was fenced off. */
  readonly fence: number;
  /** Aborts when the lease is gone: stop. */
  readonly lost: AbortSignal;
  /**
   * Commits, and resolves with everything new in order, what outsiders posted included. Calls resolve in the order
   * they were made. Rejects with `LeaseLostError` when another owner has taken over.
   */
  append(bodies: readonly EventBody[], options?: AppendOptions): Promise<readonly AgentEvent[]>;
  /** Settles when an outsider has posted something that `append` has not returned yet, or when the signal aborts; rejects when the lease is lost. */
  posted(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
