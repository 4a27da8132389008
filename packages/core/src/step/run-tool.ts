import type { Tool, ToolCall } from "../agent.js";
import type { EventBody, ToolOutcome, ToolResult } from "../events.js";
import { type FittedResult, fitResult, mostKept } from "../pure/read-on.js";
import { errorResult, resultOf } from "../pure/tool-result.js";
import type { CallIds, Outcome } from "./call-parts.js";
import type { LiveRun } from "./live-run.js";
import { runSubagent } from "./run-subagent.js";
import { isTimeUp, withinTime } from "./within-time.js";

/** The same for every try of a call, in this process or another. */
function idempotencyKeyOf(run: LiveRun, toolUseId: string): string {
  return `${run.state.session}:${toolUseId}`;
}

/**
 * Runs one call. Whatever the tool does this resolves: with its result, with its failure, when its time is up, or when `signal`
 * aborts, even against a tool that listens to nothing.
 */
export async function runTool(
  run: LiveRun,
  tool: Tool,
  call: CallIds,
  input: unknown,
  signal: AbortSignal,
  show: LiveRun["show"] = run.show,
): Promise<Outcome> {
  const fit = (make: (maxLength: number) => ToolResult) => fitFor(run, tool, call, make);
  const failed = (error: unknown) => fit((maxLength) => errorResult(error, maxLength));
  const startedAt = run.environment.now();
  const ended = (outcome: ToolOutcome, fitted: FittedResult): Outcome => ({
    outcome,
    ...fitted,
    durationMs: run.environment.now() - startedAt,
  });
  try {
    const returned = await withinTime(run, tool.timeoutMs, signal, (limited) =>
      tool.run(input, toolCall(run, call.toolUseId, limited, show)),
    );
    return ended(
      returned instanceof Error ? "error" : "ok",
      fit((maxLength) => resultOf(returned, maxLength)),
    );
  } catch (error) {
    if (signal.aborted) return ended("aborted", failed(error));
    return isTimeUp(error) ? ended("timeout", { result: timedOut(tool) }) : ended("error", failed(error));
  }
}

/** Cuts a result to what the model is shown, and keeps the rest where it has a tool to read on with. That one's pages are not cut. */
function fitFor(
  { agent, state }: LiveRun,
  tool: Tool,
  { toolUseId }: CallIds,
  make: (maxLength: number) => ToolResult,
): FittedResult {
  const { maxResultLength } = agent.limits;
  if (tool.readsResults === true) return { result: make(Number.POSITIVE_INFINITY) };
  const reader = [...agent.tools.values()].find(({ readsResults }) => readsResults === true);
  if (reader === undefined) return fitResult(make, maxResultLength, undefined);
  const kept = Object.values(state.fullResults).reduce((sum, { length }) => sum + length, 0);
  const room = mostKept.ofSession - kept;
  return fitResult(make, maxResultLength, { tool: reader.name, toolUseId, room });
}

function timedOut(tool: Tool): ToolResult {
  const effects =
    tool.effects === "none" ? "" : " It may or may not have had its effects: its outcome is unknown.";
  return {
    content: `${tool.name} did not finish within ${tool.timeoutMs} ms and was given up.${effects}`,
    is_error: true,
  };
}

function toolCall(run: LiveRun, toolUseId: string, signal: AbortSignal, show: LiveRun["show"]): ToolCall {
  const idempotencyKey = idempotencyKeyOf(run, toolUseId);
  let subagents = 0;
  return {
    session: run.state.session,
    toolUseId,
    idempotencyKey,
    fence: run.fence,
    signal,
    maxResultLength: run.agent.limits.maxResultLength,
    resultOf: (id) => (Object.hasOwn(run.state.fullResults, id) ? run.state.fullResults[id] : undefined),
    run: (agent, input) => {
      // Counted, so that the nth of a call that is run again finds the nth of before.
      const session = ++subagents === 1 ? idempotencyKey : `${idempotencyKey}:${subagents}`;
      const result = runSubagent(run, { toolUseId, session, signal }, agent, input);
      const settled = result.then(
        () => {},
        () => {},
      );
      run.children.add(settled);
      void settled.then(() => run.children.delete(settled));
      return result;
    },
    progress: (value) => {
      if (!signal.aborted) show({ type: "tool.delta", toolUseId, value });
    },
  };
}

export function toolStart(run: LiveRun, { toolUseId, name }: CallIds): EventBody {
  return { type: "tool.start", toolUseId, name, idempotencyKey: idempotencyKeyOf(run, toolUseId) };
}

export function toolEnd(
  { toolUseId, name }: CallIds,
  { result, outcome, durationMs, full }: Outcome,
): EventBody {
  const kept = full === undefined ? {} : { full };
  return { type: "tool.end", toolUseId, name, result, outcome, durationMs, ...kept };
}
