import type { EndReason, EventBody } from "../events.js";
import { defaultOutputRetries, type LimitName } from "../limits.js";
import type { PreparedAgent } from "../prepare-agent.js";
import type { CallState, RunState, State, StepState } from "../state.js";
import { planCall } from "./budget/budget.js";
import { unansweredEnd } from "./calls/call-ends.js";
import { deniedEnd } from "./calls/denied.js";
import { isSuspended } from "./calls/waiting.js";
import {
  type CompactingAgent,
  compacts,
  hasFilledWindow,
  isTooLong,
  planCompaction,
  planSummary,
} from "./compaction/compaction.js";
import { isAnythingSaid } from "./conversation/history.js";

/** What is next. The loop does it, commits what came of it, and asks again. */
export type Decision =
  | { readonly type: "call_model"; readonly step: number; readonly fresh: boolean }
  | { readonly type: "check_tools"; readonly calls: readonly CallState[] }
  /** Put calls before a person. */
  | { readonly type: "ask"; readonly bodies: readonly EventBody[] }
  /** Answer calls that a person said no to. */
  | { readonly type: "answer_tools"; readonly bodies: readonly EventBody[] }
  | { readonly type: "run_tools" }
  /** Have the oldest messages summarised, or first the tokens of the prompt counted. */
  | { readonly type: "compact" }
  /** Nothing can be done until a person has answered. */
  | { readonly type: "wait"; readonly calls: readonly CallState[] }
  /** See whether the answer is what `agent.output` asks for: then the run ends, or else the model is asked again. */
  | { readonly type: "check_output" }
  | { readonly type: "end_step"; readonly bodies: readonly EventBody[] }
  | { readonly type: "end"; readonly reason: EndReason; readonly limit?: LimitName };

/** A paused turn is sent back this often in a row at most; then the run ends with `pause_turn`. */
const maxPauses = 10;

/** Pure: the same state at the same moment always gives the same decision. */
export function decide(state: State, agent: PreparedAgent, now: number): Decision {
  const { run, step } = state;
  if (run === undefined || run.end !== undefined) throw new Error("decide() needs an open run.");
  if (step !== undefined) return inStep(state, step, run, agent, now);
  if (run.abortedBy !== undefined) return endAborted(run.abortedBy);

  const hasWord = isAnythingSaid(state.inbox) || run.goesOn;
  const compaction = hasWord || hasFilledWindow(state) ? planCompaction(state, agent) : undefined;
  if (!hasWord && compaction === undefined) return ended(agent, run.stopReason ?? "end_turn");
  const limit = reachedLimit(state, run, agent, now);
  if (limit !== undefined) return { type: "end", reason: "limit", limit };
  if (run.pauses > maxPauses) return { type: "end", reason: "pause_turn" };
  if (compaction !== undefined && compacts(agent)) return compact(state, agent, now);
  return { type: "call_model", step: run.steps + 1, fresh: true };
}

/** Only a reply that came to its own end is an answer: one that was cut off or refused would be so again. */
function ended({ output }: PreparedAgent, reason: EndReason): Decision {
  return output !== undefined && reason === "end_turn" ? { type: "check_output" } : { type: "end", reason };
}

/** A summary is paid for like any reply. */
function compact(state: State, agent: CompactingAgent, now: number): Decision {
  const plan = planSummary(state, agent, now);
  return plan.type === "over" ? { type: "end", reason: "limit", limit: plan.limit } : { type: "compact" };
}

function inStep(state: State, step: StepState, run: RunState, agent: PreparedAgent, now: number): Decision {
  if (!step.replied) {
    // What broken attempts used may have been all there was; a prompt that was too long is so until it is summarised.
    const isOver =
      run.abortedBy !== undefined ||
      (isTooLong(state, agent) && planCompaction(state, agent) !== undefined) ||
      planCall(state, agent, now).type === "over";
    return isOver ? endStep(step, agent.tools) : { type: "call_model", step: step.step, fresh: false };
  }
  const unanswered = step.calls.filter((call) => call.result === undefined);
  if (unanswered.length === 0 || run.abortedBy !== undefined) return endStep(step, agent.tools);
  const unchecked = unanswered.filter((call) => call.verdict === undefined);
  if (unchecked.length > 0) return { type: "check_tools", calls: unchecked };
  // Asked before the others run, so that the person can answer in the meantime.
  const unasked = unanswered.filter((call) => call.verdict === "ask" && call.askedAt === undefined);
  if (unasked.length > 0) return { type: "ask", bodies: unasked.map(approvalRequest) };
  const denied = unanswered.filter((call) => call.verdict === "deny");
  if (denied.length > 0) return { type: "answer_tools", bodies: denied.map(deniedEnd) };
  if (unanswered.some((call) => call.verdict === "allow" && !isSuspended(call))) return { type: "run_tools" };
  return { type: "wait", calls: unanswered };
}

function approvalRequest({ toolUseId }: CallState): EventBody {
  return { type: "approval.request", toolUseId };
}

/** Whatever is still unanswered when a step must end is answered here, so that no exit leaves an illegal history. */
export function endStep(
  step: StepState,
  tools: PreparedAgent["tools"],
): Extract<Decision, { type: "end_step" }> {
  const answers = step.calls
    .filter((call) => call.result === undefined)
    .map((call) => unansweredEnd(call, tools));
  return {
    type: "end_step",
    bodies: [...answers, { type: "step.end", step: step.step, usage: step.usage, cost: step.cost }],
  };
}

function endAborted(by: string): Decision {
  return by === "maxDurationMs"
    ? { type: "end", reason: "limit", limit: by }
    : { type: "end", reason: "aborted" };
}

function reachedLimit(state: State, run: RunState, agent: PreparedAgent, now: number): LimitName | undefined {
  const { maxSteps, maxDurationMs = Infinity, maxRepeatedCalls } = agent.limits;
  const { maxOutputRetries = defaultOutputRetries } = agent.limits;
  if (run.steps >= maxSteps) return "maxSteps";
  if (now - run.startedAt >= maxDurationMs) return "maxDurationMs";
  if (run.repeats >= maxRepeatedCalls) return "maxRepeatedCalls";
  if (run.outputRetries > maxOutputRetries) return "maxOutputRetries";
  const plan = planCall(state, agent, now);
  return plan.type === "over" ? plan.limit : undefined;
}
