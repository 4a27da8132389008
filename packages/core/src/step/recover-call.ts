import type { Reconciled, Tool } from "../agent.js";
import { unknownOutcome } from "../pure/calls/call-ends.js";
import type { CallState } from "../state.js";
import type { Allowed, Ended, Verdict } from "./call-parts.js";
import type { LiveRun } from "./live-run.js";
import { runTool } from "./run-tool.js";

/**
 * A call whose start is committed and whose end is not: the process died in between. What may run again does. What may not is
 * reconciled; where nobody can tell whether it happened, a person or the model is told so. It is never silently run twice.
 */
export async function recoverCall(
  run: LiveRun,
  call: CallState,
  { tool, input }: Allowed,
): Promise<Ended | undefined> {
  if (tool.effects === "none" || tool.effects === "idempotent")
    return runTool(run, tool, call, input, run.signal);
  const found = await reconcile(run, call, tool, input);
  switch (found.type) {
    case "happened":
      return found.ended;
    case "suspended":
      return undefined;
    case "did_not_happen":
      return runTool(run, tool, call, input, run.signal);
    case "unknown":
      if (run.agent.unknownOutcome === "model")
        return toldTheModel(tool.name, "Find out before you call it again.");
      await run.commit([
        { type: "tool.check", toolUseId: call.toolUseId, verdict: "ask", rule: "unknown_outcome" },
      ]);
      return undefined;
  }
}

/** A call that had started when its process died, and that may not run any more: what it did is found out, or said to be unknown. */
export async function recoverDenied(
  run: LiveRun,
  call: CallState,
  { outcome, result, tool, input }: Extract<Verdict, { verdict: "deny" }>,
): Promise<Ended | undefined> {
  const refused: Ended = { outcome, result, durationMs: 0 };
  if (tool?.effects === "none") return refused;
  const found =
    tool && input ? await reconcile(run, call, tool, input.value) : ({ type: "unknown" } as const);
  switch (found.type) {
    case "happened":
      return found.ended;
    case "suspended":
      return undefined;
    case "did_not_happen":
      return refused;
    case "unknown":
      return toldTheModel(call.name, typeof result.content === "string" ? result.content : "");
  }
}

type Found =
  | { readonly type: "happened"; readonly ended: Ended }
  /** What finds it out runs an agent itself, which waits for a person. */
  | { readonly type: "suspended" }
  | { readonly type: "did_not_happen" }
  | { readonly type: "unknown" };

/** Asks the tool as a tool is run: with its time limit, and whatever it does. */
async function reconcile(run: LiveRun, call: CallState, tool: Tool, input: unknown): Promise<Found> {
  if (tool.reconcile === undefined) return { type: "unknown" };
  const said: { status: Reconciled["status"] } = { status: "unknown" };
  const asking: Tool = {
    ...tool,
    run: async (given, toolCall) => {
      const answer = await tool.reconcile?.(given, toolCall);
      said.status = answer?.status ?? "unknown";
      return answer?.status === "done"
        ? answer.output
        : Promise.reject(new Error("not known to have happened"));
    },
  };
  const ended = await runTool(run, asking, call, input, run.signal);
  if (ended === undefined) return { type: "suspended" };
  // Whatever came of it: what was done may have failed.
  if (said.status === "done" || ended.outcome === "aborted") return { type: "happened", ended };
  return said.status === "not_done" ? { type: "did_not_happen" } : { type: "unknown" };
}

function toldTheModel(name: string, advice: string): Ended {
  const content = `${unknownOutcome(name)} ${advice}`;
  return { outcome: "unknown", result: { content, is_error: true }, durationMs: 0 };
}
