import { noCost } from "../cost.js";
import type { Progress, Result } from "../result.js";
import type { CallState, State } from "../state.js";
import { noUsage } from "../usage.js";
import { appendMessage } from "./history.js";

/** What a run has come to so far. */
export function progressOf(state: State): Progress & { readonly text: string } {
  const { session, run } = state;
  return {
    text: run?.text ?? "",
    // With what no step has taken up yet, so that a caller who goes on from here loses nothing.
    messages: state.inbox.reduce(appendMessage, state.messages),
    usage: run?.usage ?? noUsage,
    cost: run?.cost ?? noCost,
    steps: run?.steps ?? 0,
    session,
  };
}

/** A run that has ended, as its caller gets it. */
export function toResult(state: State): Result {
  const { reason = "end_turn", limit } = state.run?.end ?? {};
  return {
    ...progressOf(state),
    status: "ended",
    reason,
    ...(limit === undefined ? {} : { limit }),
    output: undefined,
  };
}

/** A run that waits for a person. */
export function toWaiting(state: State, calls: readonly CallState[]): Result {
  const { session } = state;
  const approvals = calls.map(({ toolUseId, name: tool, input }) => ({ session, toolUseId, tool, input }));
  return { ...progressOf(state), status: "waiting", approvals };
}
