import type { CallState } from "../pure/state.js";
import { notRun } from "../pure/tool-result.js";
import type { LiveRun } from "./live-run.js";
import { runTool, toolEnd, toolStart } from "./run-tool.js";
import { verdictOf } from "./verdict.js";

/**
 * Runs the calls of a step side by side, each committed as it starts and as it ends; then, one by one, those that must run alone.
 * Settles when all have ended, or at once on an abort.
 */
export async function runTools(run: LiveRun, calls: readonly CallState[]): Promise<void> {
  const isAlone = (call: CallState) => run.agent.tools.get(call.name)?.alone === true;
  // Those that run already take their lanes first, or the cap would be exceeded.
  const isRunning = (call: CallState) => run.inFlight.has(call.toolUseId);
  const together = calls
    .filter((call) => !isAlone(call))
    .sort((a, b) => Number(isRunning(b)) - Number(isRunning(a)));
  await inLanes(run, run.agent.limits.maxParallelTools, together);
  await inLanes(run, 1, calls.filter(isAlone));
}

async function inLanes(run: LiveRun, limit: number, calls: readonly CallState[]): Promise<void> {
  const waiting = [...calls];
  const lane = async (): Promise<void> => {
    for (let call = waiting.shift(); call !== undefined && !run.signal.aborted; call = waiting.shift()) {
      await runCall(run, call);
    }
  };
  const lanes = Array.from({ length: Math.min(limit, waiting.length) }, () => lane().catch(stopOthers(run)));
  // All of them, even when one has failed: what another still commits must not come after the answers that close the step.
  const failed = (await Promise.allSettled(lanes)).find((settled) => settled.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** A commit that failed ends the run, so the calls beside it are told to stop. */
function stopOthers(run: LiveRun): (error: unknown) => never {
  return (error) => {
    run.stop("error");
    throw error;
  };
}

async function runCall(run: LiveRun, call: CallState): Promise<void> {
  const outcome = await (run.inFlight.get(call.toolUseId) ?? startCall(run, call));
  run.inFlight.delete(call.toolUseId);
  // What was aborted is answered at the end of the step, truthfully: by then it is known what had started.
  if (outcome === undefined || outcome.outcome === "aborted") return;
  await run.commit([toolEnd(call, outcome)]);
}

async function startCall(run: LiveRun, call: CallState) {
  // A resumed run has no memory of the check, and parses again.
  const found = run.allowed.get(call.toolUseId) ?? (await verdictOf(run, call));
  run.allowed.delete(call.toolUseId);
  if (found.verdict === "none") return undefined;
  if (found.verdict === "deny") {
    // Allowed when it was checked, in another process: the agent has lost the tool since, or its parse has changed its mind.
    await run.commit([notRun(call, found.outcome, found.words)]);
    return undefined;
  }
  await run.commit([toolStart(run, call)], { barrier: found.tool.effects !== "none" });
  return runTool(run, found.tool, call, found.input, run.signal);
}
