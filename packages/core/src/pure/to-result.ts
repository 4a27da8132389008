import { noCost } from "../cost.js";
import type { Approval, Progress, Result } from "../result.js";
import type { CallState, State } from "../state.js";
import { noUsage } from "../usage.js";
import { isSuspended, waitsForPerson } from "./calls/waiting.js";
import { endStep } from "./decide.js";
import { apply, emptyState } from "./fold/apply.js";
import { takenUp } from "./fold/steps.js";

/** What a run has come to so far, with a history that can be gone on from even where its last step could not be committed whole. */
export function progressOf(state: State): Progress & { readonly text: string } {
  const settled = withoutOpenStep(state);
  const { session, run } = settled;
  return {
    text: run?.text ?? "",
    // So that a caller who goes on from here loses nothing that can be said there.
    messages: takenUp(settled).messages,
    usage: run?.usage ?? noUsage,
    cost: run?.cost ?? noCost,
    steps: run?.steps ?? 0,
    session,
  };
}

function withoutOpenStep(state: State): State {
  const { session, seq, step } = state;
  if (step === undefined) return state;
  return endStep(step, new Map()).bodies.reduce(
    (before, body) => apply(before, { session, seq, at: 0, ...body }),
    state,
  );
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

/** A run that came to its own end, whatever happened after: an abort that came too late, an end that could not be committed. */
export function toOwnEnd(state: State): Result {
  const { run } = state;
  if (run?.stopReason === undefined) return toResult(state);
  return toResult({ ...state, run: { ...run, end: { reason: run.stopReason } } });
}

/** A run that waits for a person. */
export function toWaiting(state: State, calls: readonly CallState[]): Result {
  const approvals = approvalsOf(state.session, calls);
  // As it stands: its last calls are still open.
  return { ...progressOf(state), messages: state.messages, status: "waiting", approvals };
}

/** What calls wait for: their own approval, or those of their subagents. */
export function approvalsOf(session: string, calls: readonly CallState[]): readonly Approval[] {
  return calls.flatMap((call): readonly Approval[] => {
    const { toolUseId, name: tool, input, suspended } = call;
    if (waitsForPerson(call)) return [{ session, toolUseId, tool, input }];
    return isSuspended(call) ? suspended.flatMap(({ approvals }) => approvals) : [];
  });
}

/** A run that was aborted before its session could be opened: nothing was committed, and nothing sent. */
export function notBegun(session: string, said: Result["messages"]): Result {
  return {
    ...progressOf(emptyState(session)),
    messages: said,
    status: "ended",
    reason: "aborted",
    output: undefined,
  };
}
