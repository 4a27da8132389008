import { HistoryError } from "../errors.js";
import { planCall } from "../pure/budget/budget.js";
import { seenCalls } from "../pure/calls/seen-calls.js";
import { findHistoryProblem } from "../pure/conversation/history.js";
import type { Decision } from "../pure/decide.js";
import { sealReply } from "../pure/reply/reply.js";
import { buildRequest } from "../pure/request/request.js";
import { attemptCall } from "./attempt.js";
import { bearTooLong } from "./compact.js";
import { createEagerCalls } from "./eager.js";
import type { LiveRun } from "./live-run.js";
import { watchStream } from "./stream-watcher.js";
import { withRetries } from "./with-retries.js";

/**
 * One model call: as many attempts as it takes, each with its start and end committed, and the reply.
 * Rejects with the last attempt's error when no further attempt is worth it; an abort returns, and the loop sees to it.
 */
export async function callModel(
  run: LiveRun,
  decision: Extract<Decision, { type: "call_model" }>,
): Promise<void> {
  if (decision.fresh) {
    await run.commit([{ type: "step.start", step: decision.step }], { ifSeq: run.state.seq });
    // Somebody posted in between and nothing was committed: what they said may change the decision.
    if (run.state.step === undefined) return;
  }
  const { messages, stopReason } = run.state;
  const problem = findHistoryProblem(messages, stopReason === "pause_turn");
  if (problem !== undefined)
    throw new HistoryError(`The API would refuse this history, so it was not sent. ${problem}`);
  await withRetries(run, run.agent, () => attempt(run)).catch((error: unknown) => {
    // What the API could not load, or thoughts that it had not signed, have given way: it is another request that the loop sends next.
    const hasGivenWay = run.state.step?.replied === false && run.state.messages !== messages;
    if (!hasGivenWay) bearTooLong(run, error);
  });
}

/** One attempt at the reply. One that can't be paid for any more is not made: the loop sees to it. */
async function attempt(run: LiveRun): Promise<"made" | "over"> {
  const { state, agent, environment } = run;
  const plan = planCall(state, agent, environment.now());
  if (plan.type === "over") return "over";
  const request = buildRequest(state, agent, plan.maxTokens);
  // Counted on where a process that died has left off.
  const number = (state.step?.attempts ?? 0) + 1;
  const eager = createEagerCalls(run);
  try {
    await attemptCall(run, { agent, request, number, plan }, watchStream(run, eager), (reply) => {
      const sealed = sealReply(reply, seenCalls(run.state), () => `toolu_${environment.id()}`);
      return [...sealed, ...eager.settle(sealed)];
    });
    eager.committed();
    return "made";
  } finally {
    eager.discard();
  }
}
