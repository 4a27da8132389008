import type { Environment } from "./environment.js";
import type { AgentEvent } from "./events.js";
import { apply, emptyState } from "./pure/apply.js";
import { toResult } from "./pure/to-result.js";
import type { Result } from "./result.js";
import type { State } from "./state.js";
import type { Store } from "./store/store.js";

/** How often it is tried whether the one who drives a session has let go of it. */
const tryAgainMs = 500;

/** Watches a session that somebody else drives. */
export interface Follower {
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

/** A session as its log tells it, read from outside. */
export async function stateOf(store: Store, session: string): Promise<State> {
  let state = emptyState(session);
  for await (const event of store.read(session)) state = apply(state, event);
  return state;
}
