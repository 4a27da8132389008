import { apply, emptyState } from "./pure/fold/apply.js";
import type { State } from "./state.js";
import type { Store } from "./store/store.js";

/** A session as its log tells it, read from outside. */
export async function stateOf(store: Store, session: string): Promise<State> {
  let state = emptyState(session);
  for await (const event of store.read(session)) state = apply(state, event);
  return state;
}
