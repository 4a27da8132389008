import { resultStands } from "./begin.js";
import type { Environment } from "./environment.js";
import { SessionRunningError, StoreBusyError } from "./errors.js";
import type { AgentEvent } from "./events.js";
import { isSuspended, waitsForPerson } from "./pure/calls/waiting.js";
import { apply, emptyState } from "./pure/fold/apply.js";
import { notBegun, toResult } from "./pure/to-result.js";
import type { Result } from "./result.js";
import { abort } from "./session.js";
import type { State } from "./state.js";
import { stateOf } from "./state-of.js";
import type { Store } from "./store/store.js";

/** How often it is tried whether the one who drives a session has let go of it. */
export const tryAgainMs = 500;

/** Watches a session that somebody else drives. */
export interface Follower {
  /** The session as far as it was watched. */
  readonly state: State;
  /** The result, once the run has ended; nothing where the time has come to try whether the session is free: its driver may have died. */
  untilFree(): Promise<Result | undefined>;
}

/** Shows the open run from its start, each event once, however often it is asked. */
export function createFollower(
  store: Store,
  session: string,
  environment: Environment,
  signal: AbortSignal,
  watch: (event: AgentEvent) => void,
): Follower {
  let state = emptyState(session);

  const take = (event: AgentEvent): void => {
    state = apply(state, event);
    watch(event);
  };

  const catchUp = async (): Promise<void> => {
    const news: AgentEvent[] = [];
    for await (const event of store.read(session, state.seq)) news.push(event);
    // Of earlier runs nothing is shown: they were somebody else's to watch.
    const start =
      state.seq === 0
        ? Math.max(
            0,
            news.findLastIndex(({ type }) => type === "run.start"),
          )
        : 0;
    state = news.slice(0, start).reduce(apply, state);
    news.slice(start).forEach(take);
  };

  const untilEnd = async (until: AbortSignal): Promise<void> => {
    await catchUp();
    if (state.run?.end !== undefined) return;
    for await (const event of store.watch(session, state.seq, until)) {
      take(event);
      if (event.type === "run.end") return;
    }
  };

  return {
    get state() {
      return state;
    },
    async untilFree() {
      signal.throwIfAborted();
      const over = new AbortController();
      const stop = AbortSignal.any([over.signal, signal]);
      const ended = untilEnd(stop);
      try {
        await Promise.race([ended, environment.sleep(tryAgainMs, stop)]);
      } finally {
        over.abort();
        await ended.catch(() => {});
      }
      return state.run?.end === undefined ? undefined : toResult(state);
    },
  };
}

/**
 * Whether a session that could not be opened may be driven by somebody who can be followed. A store may be busy with other sessions
 * only: one that ended before it was followed, or waits for a person, has no news to wait for.
 */
export async function isDriven(error: unknown, store: Store, session: string): Promise<boolean> {
  if (error instanceof SessionRunningError) return true;
  if (!(error instanceof StoreBusyError)) return false;
  const state = await stateOf(store, session);
  if (state.run === undefined || isWaiting(state)) return false;
  return state.run.end === undefined || resultStands(state);
}

function isWaiting({ step }: State): boolean {
  const open = (step?.calls ?? []).filter(({ result }) => result === undefined);
  return open.length > 0 && open.every((call) => waitsForPerson(call) || isSuspended(call));
}

/** Follows no longer. Where its caller wants the run itself to stop, whoever drives it is told so. */
export async function leave(
  { state }: Follower,
  by: string | undefined,
  store: Store,
  environment: Environment,
): Promise<Result> {
  const { session } = state;
  const told = by === "caller" ? abort(store, session, { environment }).catch(() => {}) : undefined;
  await Promise.race([told, environment.sleep(leavingGraceMs).catch(() => {})]);
  if (state.run === undefined) return notBegun(session, []);
  const { end = { reason: "aborted" } } = state.run;
  return toResult({ ...state, run: { ...state.run, end } });
}

const leavingGraceMs = 50;
