import { LeaseLostError } from "./errors.js";
import type { EndReason } from "./events.js";
import type { LimitName } from "./limits.js";
import { decide, endStep } from "./pure/decide.js";
import { toErrorRecord } from "./pure/error-record.js";
import { progressOf, toResult, toWaiting } from "./pure/to-result.js";
import { type Result, rememberPartial } from "./result.js";
import { callModel } from "./step/call-model.js";
import { checkOutput } from "./step/check-output.js";
import { checkTools } from "./step/check-tools.js";
import { compact } from "./step/compact.js";
import type { LiveRun } from "./step/live-run.js";
import { runTools } from "./step/run-tools.js";
import { closeSubagents, resumeAnswered } from "./step/subagents/open-subagents.js";
import type { Stopping } from "./stopping.js";

/** The loop: decide what is next, do it, commit what came of it. */
export async function drive(live: LiveRun, stopping: Stopping): Promise<Result> {
  try {
    for (;;) {
      if (stopping.failure !== undefined) throw stopping.failure.error;
      if (stopping.by !== undefined && live.state.run?.abortedBy === undefined) {
        await live.commit([{ type: "run.abort", by: stopping.by }]);
      }
      const decision = decide(live.state, live.agent, live.environment.now());
      switch (decision.type) {
        case "call_model":
          await callModel(live, decision);
          break;
        case "check_tools":
          await checkTools(live, decision.calls);
          break;
        case "ask":
          await live.commit(decision.bodies, { barrier: true });
          break;
        case "answer_tools":
          await live.commit(decision.bodies);
          break;
        case "end_step":
          if (!(await closeSubagents(live))) await live.commit(decision.bodies);
          break;
        case "run_tools":
          await runTools(live);
          break;
        case "compact":
          await compact(live);
          break;
        case "wait":
          if ((await nothingNew(live)) && !(await resumeAnswered(live, decision.calls)))
            return toWaiting(live.state, decision.calls);
          break;
        case "check_output":
          if ((await checkOutput(live)) && (await end(live, "end_turn"))) return toResult(live.state);
          break;
        case "end":
          if (await end(live, decision.reason, decision.limit)) return toResult(live.state);
          break;
        default:
          throw unknownDecision(decision);
      }
    }
  } catch (error) {
    // Nothing may be left running: a tool beside the one whose commit failed, say.
    stopping.stop("error");
    throw await endWithError(live, error);
  }
}

/** Commits the run's end, unless somebody said something in the meantime: then it goes on. */
async function end(live: LiveRun, reason: EndReason, limit?: LimitName): Promise<boolean> {
  const { steps, usage, cost } = progressOf(live.state);
  const body = {
    type: "run.end" as const,
    reason,
    ...(limit === undefined ? {} : { limit }),
    steps,
    usage,
    cost,
  };
  await live.commit([body], { ifSeq: live.state.seq, barrier: true });
  return live.state.run?.end !== undefined;
}

/** Before a run settles to wait: what is committed is safe, and nobody has answered in the meantime. */
async function nothingNew(live: LiveRun): Promise<boolean> {
  const { seq } = live.state;
  await live.commit([], { barrier: true });
  return live.state.seq === seq;
}

/** Leaves a legal history behind, remembers how far the run had come, and gives back the error to reject with. */
async function endWithError(live: LiveRun, error: unknown): Promise<unknown> {
  // A store that failed once may fail again; the first error is the one that tells why.
  if (!(error instanceof LeaseLostError)) await commitErrorEnd(live, error).catch(() => {});
  rememberPartial(error, progressOf(live.state));
  return error;
}

async function commitErrorEnd(live: LiveRun, error: unknown): Promise<void> {
  // A store may hold a commit that it could not acknowledge: what that one answered or ended must not be so again.
  await live.commit([]);
  if (live.state.run?.end !== undefined) return;
  await closeSubagents(live);
  const { step } = live.state;
  const { steps, usage, cost } = progressOf(live.state);
  const end = { type: "run.end" as const, reason: "error", steps, usage, cost, error: toErrorRecord(error) };
  await live.commit([...(step === undefined ? [] : endStep(step, live.agent.tools).bodies), end], {
    barrier: true,
  });
}

function unknownDecision(decision: never): Error {
  return new Error(`The loop has no word for the decision ${JSON.stringify(decision)}.`);
}
