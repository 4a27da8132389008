import type { EventBody } from "../events.js";
import { callEnd } from "../pure/calls/call-ends.js";
import type { CallState } from "../state.js";
import type { Allowed } from "./call-parts.js";
import type { LiveRun } from "./live-run.js";
import { verdictOf } from "./verdict.js";

/** Which calls may run. The verdicts are committed; a call that can't run is answered in the same append. */
export async function checkTools(run: LiveRun, calls: readonly CallState[]): Promise<void> {
  const checked = await Promise.all(calls.map((call) => checkCall(run, call)));
  await run.commit(checked.flat());
}

async function checkCall(run: LiveRun, call: CallState): Promise<readonly EventBody[]> {
  const { toolUseId } = call;
  const found = await (run.earlyVerdicts.get(toolUseId) ?? verdictOf(run, call));
  run.earlyVerdicts.delete(toolUseId);
  switch (found.verdict) {
    case "allow":
      run.parsedCalls.set(toolUseId, found);
      return [allowedCheck(toolUseId, found)];
    case "ask":
      run.parsedCalls.set(toolUseId, { ...found, verdict: "allow" });
      return [{ type: "tool.check", toolUseId, verdict: "ask", rule: found.rule }];
    case "deny":
      return [
        { type: "tool.check", toolUseId, verdict: "deny", rule: found.rule },
        callEnd(call, found.outcome, found.result),
      ];
    // The call stays unanswered, and the end of the step answers it.
    case "none":
      return [];
  }
}

/** The check of a call that may run. */
export function allowedCheck(toolUseId: string, { rule }: Pick<Allowed, "rule">): EventBody {
  return { type: "tool.check", toolUseId, verdict: "allow", ...(rule === undefined ? {} : { rule }) };
}
