import type { Environment } from "./environment.js";
import type { AgentEvent } from "./events.js";
import { apply, emptyState } from "./pure/apply.js";
import { toResult } from "./pure/to-result.js";
import type { Result } from "./result.js";
import type { State } from "./state.js";
import type { Store } from "./store/store.js";

/** How often it is tried whether the one who drives a session has let go of it. */
const tryAgainMs = 500;

/**
 * Watches a session that somebody else drives. Gives its result once its run has ended; nothing where the time has come to try
 * whether the session is free: its driver may have died.
 */
export async function followUntilFree(
  store: Store,
  session: string,
  environment: Environment,
  signal: AbortSignal,
  watch: (event: AgentEvent) => void,
): Promise<Result | undefined> {
  const over = new AbortController();
  const stop = AbortSignal.any([over.signal, signal]);
  const ended = endOf(store, session, stop, watch);
  try {
    signal.throwIfAborted();
    return await Promise.race([ended, environment.sleep(tryAgainMs, stop).then(() => undefined)]);
  } finally {
    over.abort();
    await ended.catch(() => {});
  }
}

async function endOf(
  store: Store,
  session: string,
  signal: AbortSignal,
  watch: (event: AgentEvent) => void,
): Promise<Result | undefined> {
  let state = await stateOf(store, session);
  if (state.run?.end !== undefined) return toResult(state);
  for await (const event of store.watch(session, state.seq, signal)) {
    state = apply(state, event);
    watch(event);
    if (event.type === "run.end") return toResult(state);
  }
  return undefined;
}

/** A session as its log tells it, read from outside. */
export async function stateOf(store: Store, session: string): Promise<State> {
  let state = emptyState(session);
  for await (const event of store.read(session)) state = apply(state, event);
  return state;
}
