import type { EventBody } from "../events.js";
import { callEnd } from "../pure/calls/call-ends.js";
import { isSuspended } from "../pure/calls/waiting.js";
import type { CallState } from "../state.js";
import type { Ended, Verdict } from "./call-parts.js";
import type { LiveRun } from "./live-run.js";
import { recoverCall, recoverDenied } from "./recover-call.js";
import { runTool, toolEnd, toolStart } from "./run-tool.js";
import { verdictOf } from "./verdict.js";

/**
 * Runs the calls of a step side by side, each committed as it starts and as it ends; then, one by one, those that must run alone.
 * A call that a person allows in the meantime starts at once. Settles when none is left that may run, or soon after an abort.
 */
export function runTools(run: LiveRun): Promise<void> {
  return new Promise((resolve, reject) => {
    const begun = new Set<string>();
    const running = new Set<string>();
    let failed: { readonly error: unknown } | undefined;

    const start = (call: CallState): void => {
      begun.add(call.toolUseId);
      running.add(call.toolUseId);
      runCall(run, call)
        .catch((error: unknown) => {
          failed ??= { error };
          // A commit that failed ends the run, so the calls beside it are told to stop.
          run.stop("error");
        })
        .finally(() => {
          running.delete(call.toolUseId);
          next();
        });
    };
    const next = (): void => {
      if (failed === undefined && !run.signal.aborted)
        for (const call of startable(run, begun, running)) start(call);
      if (running.size > 0) return;
      stopListening();
      // Only now, even when one has failed: what another still commits must not come after the answers that close the step.
      void Promise.all(run.subagentRuns).then(() => {
        if (failed === undefined) resolve();
        else reject(failed.error);
      });
    };
    const stopListening = run.onCommit(next);
    next();
  });
}

/** The calls that may start now: allowed, not begun, within the cap, and not beside one that must be alone. */
function startable(
  run: LiveRun,
  begun: ReadonlySet<string>,
  running: ReadonlySet<string>,
): readonly CallState[] {
  const isAlone = ({ name }: CallState) => run.agent.tools.get(name)?.alone === true;
  const calls = run.state.step?.calls ?? [];
  if (calls.some((call) => running.has(call.toolUseId) && isAlone(call))) return [];
  const ready = calls.filter(
    (call) =>
      call.verdict === "allow" &&
      call.result === undefined &&
      !isSuspended(call) &&
      !begun.has(call.toolUseId),
  );
  const together = ready.filter((call) => !isAlone(call));
  if (together.length === 0) return running.size === 0 ? ready.slice(0, 1) : [];
  // Those that run already take their places first, or the cap would be exceeded.
  const isEager = (call: CallState) => run.inFlight.has(call.toolUseId);
  return together
    .sort((a, b) => Number(isEager(b)) - Number(isEager(a)))
    .slice(0, Math.max(0, run.agent.limits.maxParallelTools - running.size));
}

async function runCall(run: LiveRun, call: CallState): Promise<void> {
  const ended = await (run.inFlight.get(call.toolUseId) ?? startCall(run, call));
  run.inFlight.delete(call.toolUseId);
  // What is suspended stays open. What was aborted is answered at the end of the step, truthfully: by then it is known what had started.
  if (ended === undefined || ended.outcome === "aborted") return;
  await run.commit([toolEnd(call, ended)]);
}

async function startCall(run: LiveRun, call: CallState): Promise<Ended | undefined> {
  // A resumed run has no memory of the check, and parses again; the verdict that was committed stands.
  const found = run.parsedCalls.get(call.toolUseId) ?? (await verdictOf(run, call));
  run.parsedCalls.delete(call.toolUseId);
  switch (found.verdict) {
    case "none":
      return undefined;
    case "deny":
      // Allowed when it was checked, in another process: the agent has lost the tool since, or forbids it now.
      await denyLate(run, call, found);
      return undefined;
    case "allow":
    case "ask":
      if (call.started && !call.mayStart)
        return recoverCall(run, call, { verdict: "allow", tool: found.tool, input: found.input });
      await run.commit([toolStart(run, call)], { barrier: found.tool.effects !== "none" });
      return runTool(run, found.tool, call, found.input, run.signal);
  }
}

/** The log has the later decision, in the same append as the answer: a crash in between would leave a call that nothing answers. */
async function denyLate(
  run: LiveRun,
  call: CallState,
  found: Extract<Verdict, { verdict: "deny" }>,
): Promise<void> {
  const check: EventBody = {
    type: "tool.check",
    toolUseId: call.toolUseId,
    verdict: "deny",
    rule: found.rule,
  };
  if (!call.started) {
    await run.commit([check, callEnd(call, found.outcome, found.result)]);
    return;
  }
  const ended = await recoverDenied(run, call, found);
  if (ended !== undefined && ended.outcome !== "aborted") await run.commit([check, toolEnd(call, ended)]);
}
