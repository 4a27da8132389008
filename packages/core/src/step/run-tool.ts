import type { EventBody, ToolOutcome, ToolResult } from "../events.js";
import { errorResult, resultOf } from "../pure/tool-result.js";
import type { Tool, ToolCall } from "../tool.js";
import type { CallIds, Outcome } from "./call-parts.js";
import type { LiveRun } from "./live-run.js";
import { raceAbort } from "./race-abort.js";

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
): Promise<Outcome> {
  const { maxResultLength } = run.agent.limits;
  const startedAt = run.environment.now();
  const ended = (outcome: ToolOutcome, result: ToolResult): Outcome => ({
    outcome,
    result,
    durationMs: run.environment.now() - startedAt,
  });
  const isUp = { value: false };
  try {
    const returned = await raceAbort(signal, (inner) =>
      withinTime(run, tool.timeoutMs, inner, isUp, (limited) =>
        tool.run(input, toolCall(run, call.toolUseId, limited)),
      ),
    );
    return ended("ok", resultOf(returned, maxResultLength));
  } catch (error) {
    if (signal.aborted) return ended("aborted", errorResult(error, maxResultLength));
    return isUp.value
      ? ended("timeout", timedOut(tool))
      : ended("error", errorResult(error, maxResultLength));
  }
}

/** Gives `work` up after so many milliseconds, and notes it in `isUp`. */
async function withinTime<Value>(
  run: LiveRun,
  milliseconds: number | undefined,
  signal: AbortSignal,
  isUp: { value: boolean },
  work: (signal: AbortSignal) => Value | Promise<Value>,
): Promise<Value> {
  if (milliseconds === undefined) return work(signal);
  const limit = new AbortController();
  const over = new AbortController();
  signal.addEventListener("abort", () => limit.abort(signal.reason), { once: true, signal: over.signal });
  const timeIsUp = () => {
    isUp.value = true;
    limit.abort(new DOMException("The tool's time is up.", "TimeoutError"));
  };
  run.environment.sleep(milliseconds, over.signal).then(timeIsUp, () => {});
  try {
    return await raceAbort(limit.signal, () => work(limit.signal));
  } finally {
    over.abort();
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

function toolCall(run: LiveRun, toolUseId: string, signal: AbortSignal): ToolCall {
  return {
    session: run.state.session,
    toolUseId,
    idempotencyKey: idempotencyKeyOf(run, toolUseId),
    signal,
    progress: (value) => {
      if (!signal.aborted) run.show({ type: "tool.delta", toolUseId, value });
    },
  };
}

export function toolStart(run: LiveRun, { toolUseId, name }: CallIds): EventBody {
  return { type: "tool.start", toolUseId, name, idempotencyKey: idempotencyKeyOf(run, toolUseId) };
}

export function toolEnd({ toolUseId, name }: CallIds, { result, outcome, durationMs }: Outcome): EventBody {
  return { type: "tool.end", toolUseId, name, result, outcome, durationMs };
}
