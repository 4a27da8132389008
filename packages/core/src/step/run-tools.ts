import type { EventBody, ToolOutcome, ToolResult } from "../events.js";
import type { CallState } from "../pure/state.js";
import { errorResult, notRun, resultOf } from "../pure/tool-result.js";
import type { Tool } from "../tool.js";
import type { LiveRun } from "./live-run.js";
import { parseInput } from "./parse-input.js";
import { raceAbort } from "./race-abort.js";

/** Runs the calls of a step side by side, each committed as it starts and as it ends. Settles when all have, or at once on an abort. */
export async function runTools(run: LiveRun, calls: readonly CallState[]): Promise<void> {
  const waiting = [...calls];
  const lanes = Math.min(run.agent.limits.maxParallelTools, waiting.length);
  const lane = async (): Promise<void> => {
    for (let call = waiting.shift(); call !== undefined && !run.signal.aborted; call = waiting.shift()) {
      await runCall(run, call);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

async function runCall(run: LiveRun, call: CallState): Promise<void> {
  const { toolUseId, name } = call;
  const tool = run.agent.tools.get(name);
  // Checked before; only a resumed run whose agent lost the tool comes here.
  if (tool === undefined) {
    await run.commit([
      notRun(call, "unknown_tool", `There is no tool called ${JSON.stringify(name)} any more.`),
    ]);
    return;
  }
  const idempotencyKey = `${run.state.session}:${toolUseId}`;
  await run.commit([{ type: "tool.start", toolUseId, name, idempotencyKey }], {
    barrier: tool.effects !== "none",
  });
  const startedAt = run.environment.now();
  const { result, outcome } = await outcomeOf(run, tool, call, idempotencyKey);
  if (outcome === "aborted") return;
  const end: EventBody = {
    type: "tool.end",
    toolUseId,
    name,
    result,
    outcome,
    durationMs: run.environment.now() - startedAt,
  };
  await run.commit([end]);
}

interface Outcome {
  readonly result: ToolResult;
  readonly outcome: ToolOutcome;
}

/** Whatever the tool does, this resolves: with its result, its failure, or the abort that outran it. */
async function outcomeOf(
  run: LiveRun,
  tool: Tool,
  call: CallState,
  idempotencyKey: string,
): Promise<Outcome> {
  try {
    const input = await parseInput(run, tool, call);
    const returned = await raceAbort(run.signal, (signal) =>
      tool.run(input, toolCall(run, call, idempotencyKey, signal)),
    );
    return { result: resultOf(returned), outcome: "ok" };
  } catch (error) {
    return { result: errorResult(error), outcome: run.signal.aborted ? "aborted" : "error" };
  }
}

function toolCall(run: LiveRun, { toolUseId }: CallState, idempotencyKey: string, signal: AbortSignal) {
  return {
    session: run.state.session,
    toolUseId,
    idempotencyKey,
    signal,
    progress: (value: unknown) => {
      if (!signal.aborted) run.show({ type: "tool.delta", toolUseId, value });
    },
  };
}
