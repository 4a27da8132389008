import type { EventBody, ToolOutcome, ToolResult } from "../events.js";
import { errorResult, resultOf } from "../pure/tool-result.js";
import type { Tool, ToolCall } from "../tool.js";
import type { CallIds, Outcome } from "./call-parts.js";
import type { LiveRun } from "./live-run.js";
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
  const { maxResultLength } = run.agent.limits;
  const startedAt = run.environment.now();
  const ended = (outcome: ToolOutcome, result: ToolResult): Outcome => ({
    outcome,
    result,
    durationMs: run.environment.now() - startedAt,
  });
  try {
    const returned = await withinTime(run, tool.timeoutMs, signal, (limited) =>
      tool.run(input, toolCall(run, call.toolUseId, limited, show)),
    );
    return ended(returned instanceof Error ? "error" : "ok", resultOf(returned, maxResultLength));
  } catch (error) {
    if (signal.aborted) return ended("aborted", errorResult(error, maxResultLength));
    return isTimeUp(error)
      ? ended("timeout", timedOut(tool))
      : ended("error", errorResult(error, maxResultLength));
  }
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
  return {
    session: run.state.session,
    toolUseId,
    idempotencyKey: idempotencyKeyOf(run, toolUseId),
    fence: run.fence,
    signal,
    progress: (value) => {
      if (!signal.aborted) show({ type: "tool.delta", toolUseId, value });
    },
  };
}

export function toolStart(run: LiveRun, { toolUseId, name }: CallIds): EventBody {
  return { type: "tool.start", toolUseId, name, idempotencyKey: idempotencyKeyOf(run, toolUseId) };
}

export function toolEnd({ toolUseId, name }: CallIds, { result, outcome, durationMs }: Outcome): EventBody {
  return { type: "tool.end", toolUseId, name, result, outcome, durationMs };
}
