import type { Agent, Tool, ToolCall } from "../agent.js";
import { AgentError } from "../errors.js";
import type { EventBody, ToolOutcome, ToolResult } from "../events.js";
import type { Input } from "../input.js";
import { mayHaveHappened } from "../pure/calls/call-ends.js";
import { hasFormat } from "../pure/conversation/citations.js";
import { type FittedResult, fitResult, mostKept } from "../pure/tool-result/read-on.js";
import { errorResult, resultOf } from "../pure/tool-result/tool-result.js";
import type { EndedResult } from "../result.js";
import { awaitListed } from "./await-listed.js";
import type { CallIds, Ended } from "./call-parts.js";
import type { LiveRun } from "./live-run.js";
import {
  type CallContext,
  isSuspension,
  type SubagentRunner,
  untilSuspended,
} from "./subagents/call-agents.js";
import { isTimeUp, withinTime } from "./within-time.js";

/** The same for every try of a call, in this process or another. */
function idempotencyKeyOf(run: LiveRun, toolUseId: string): string {
  return `${run.state.session}:${toolUseId}`;
}

/**
 * Runs one call. Whatever the tool does this resolves: with its result, with its failure, when its time is up, or when `signal`
 * aborts, even against a tool that listens to nothing. With nothing where the call is suspended, since a subagent waits for a person.
 */
export async function runTool(
  run: LiveRun,
  tool: Tool,
  call: CallIds,
  input: unknown,
  signal: AbortSignal,
  show: LiveRun["show"] = run.show,
): Promise<Ended | undefined> {
  const fit = (make: (maxLength: number) => ToolResult) => fitFor(run, tool, call, make);
  const failed = (error: unknown) => fit((maxLength) => errorResult(error, maxLength));
  const startedAt = run.environment.now();
  let isOver = false;
  const ended = (outcome: ToolOutcome, fitted: FittedResult): Ended => ({
    outcome,
    ...fitted,
    durationMs: run.environment.now() - startedAt,
  });
  try {
    const returned = await withinTime(run, tool.timeoutMs, signal, (limited) =>
      untilSuspended(run, agentCall(run, tool, call, limited), (agents) =>
        awaitListed(
          tool.run(
            input,
            toolCall(run, call, agents, show, () => isOver),
          ),
        ),
      ),
    ).finally(() => {
      isOver = true;
    });
    return ended(
      returned instanceof Error ? "error" : "ok",
      fit((maxLength) => resultOf(returned, maxLength, { mayCite: !hasFormat(run.agent.request) })),
    );
  } catch (error) {
    if (signal.aborted) return ended("aborted", failed(error));
    if (isSuspension(error)) return undefined;
    return isTimeUp(error) ? ended("timeout", { result: timedOut(tool) }) : ended("error", failed(error));
  }
}

/** Cuts a result to what the model is shown, and keeps the rest where it has a tool to read on with. That one's pages are not cut. */
function fitFor(
  run: LiveRun,
  tool: Tool,
  { toolUseId }: CallIds,
  make: (maxLength: number) => ToolResult,
): FittedResult {
  const { agent } = run;
  const { maxResultLength } = agent.limits;
  if (tool.readsResults === true) return { result: make(Number.POSITIVE_INFINITY) };
  const reader = [...agent.tools.values()].find(({ readsResults }) => readsResults === true);
  if (reader === undefined) return fitResult(make, maxResultLength, undefined);
  const fitted = fitResult(make, maxResultLength, { tool: reader.name, toolUseId, room: roomFor(run) });
  if (fitted.full !== undefined) run.fullLengths.set(toolUseId, fitted.full.length);
  return fitted;
}

/** Beside what other calls of the step bring, which isn't committed yet. */
function roomFor({ state, fullLengths }: LiveRun): number {
  const committed = Object.entries(state.fullResults).map(([id, { length }]) => [id, length] as const);
  const lengths = new Map([...committed, ...fullLengths]);
  return [...lengths.values()].reduce((room, length) => room - length, mostKept.ofSession);
}

function timedOut(tool: Tool): ToolResult {
  const effects = tool.effects === "none" ? "" : ` ${mayHaveHappened}`;
  return {
    content: `${tool.name} did not finish within ${tool.timeoutMs} ms and was given up.${effects}`,
    is_error: true,
  };
}

function agentCall(run: LiveRun, tool: Tool, { toolUseId }: CallIds, signal: AbortSignal): CallContext {
  return { tool, toolUseId, idempotencyKey: idempotencyKeyOf(run, toolUseId), signal };
}

function toolCall(
  run: LiveRun,
  { toolUseId }: CallIds,
  { signal, run: runAgent }: SubagentRunner,
  show: LiveRun["show"],
  isOver: () => boolean,
): ToolCall {
  return {
    session: run.state.session,
    toolUseId,
    idempotencyKey: idempotencyKeyOf(run, toolUseId),
    fence: run.fence,
    signal,
    maxResultLength: run.agent.limits.maxResultLength,
    resultOf: (id) => (Object.hasOwn(run.state.fullResults, id) ? run.state.fullResults[id] : undefined),
    // Its result has what the agent's own `output` makes.
    run: async <Output = undefined>(agent: Agent<Output>, input: Input) => {
      // Kept by a tool beyond its end, a call would start what nobody waits for, or that everybody waits for.
      if (isOver()) throw new AgentError("This tool call has ended: it can run no agent any more.");
      return runAgent(agent, input) as Promise<EndedResult<Output>>;
    },
    progress: (value) => {
      if (!signal.aborted && !isOver()) show({ type: "tool.delta", toolUseId, value });
    },
  };
}

export function toolStart(run: LiveRun, { toolUseId, name }: CallIds): EventBody {
  return { type: "tool.start", toolUseId, name, idempotencyKey: idempotencyKeyOf(run, toolUseId) };
}

export function toolEnd(
  { toolUseId, name }: CallIds,
  { result, outcome, durationMs, full }: Ended,
): EventBody {
  const kept = full === undefined ? {} : { full };
  return { type: "tool.end", toolUseId, name, result, outcome, durationMs, ...kept };
}
