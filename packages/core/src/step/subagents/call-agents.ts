import type { Agent, Tool } from "../../agent.js";
import { LockstitchError } from "../../errors.js";
import type { Input } from "../../input.js";
import { onAbort } from "../../on-abort.js";
import type { Approval, EndedResult } from "../../result.js";
import type { LiveRun } from "../live-run.js";
import { raceAbort } from "../race-abort.js";
import { runSubagent } from "./run-subagent.js";

/** What a tool's function gets of the agents that it may run. */
export interface SubagentRunner {
  /** As in `ToolCall`. */
  readonly signal: AbortSignal;
  run(agent: Agent, input: Input): Promise<EndedResult>;
}

/** Which call it is, for which tool, and until when. */
export interface CallContext {
  readonly tool: Tool;
  readonly toolUseId: string;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

/** Thrown, and given to the function's signal as its reason, when its call is suspended. */
class CallSuspended extends Error {
  override readonly name = "AbortError";
}

/** Whatever was thrown: a revoked proxy can't even be asked what it is. */
export function isSuspension(error: unknown): boolean {
  try {
    return error instanceof CallSuspended;
  } catch {
    return false;
  }
}

/**
 * Runs a tool's function until it is done, or can do nothing but wait for a person: one of its agents does, and none is at work. Then
 * it is given up, for its process may end before the person answers; once they have, it runs again, and finds its agents as they are.
 */
export function untilSuspended<Value>(
  run: LiveRun,
  call: CallContext,
  work: (agents: SubagentRunner) => Value | Promise<Value>,
): Promise<Value> {
  const suspension = new AbortController();
  return raceAbort(suspension.signal, () => {
    // Not the race's own, which aborts no more once the function has returned: an agent that it left waiting would wait for ever.
    const signal = AbortSignal.any([call.signal, suspension.signal]);
    const suspend = (): void =>
      suspension.abort(new CallSuspended("The call waits for a person, and its function runs again later."));
    return work({ signal, run: createRunner(run, call, signal, suspend) });
  });
}

function createRunner(
  run: LiveRun,
  call: CallContext,
  signal: AbortSignal,
  suspend: () => void,
): SubagentRunner["run"] {
  let [started, working, waiting] = [0, 0, 0];

  const suspendWhenIdle = async (): Promise<void> => {
    // What the function makes of the last result comes first: it may be all that it wanted, or the next agent's turn.
    for (let turn = 0; turn < turnsOfTheFunction; turn++) await undefined;
    if (waiting > 0 && working === 0) suspend();
  };

  const runOne: SubagentRunner["run"] = async (agent, input) => {
    signal.throwIfAborted();
    // Counted, so that the nth of a call that is run again finds the nth of before. By a dot, which no call's id has: with a colon the second
    // of a call would be the same as a call "2" of its first.
    const child = ++started === 1 ? call.idempotencyKey : `${call.idempotencyKey}.${started}`;
    working += 1;
    try {
      const result = await runSubagent(run, { ...call, session: child }, agent, input);
      if (result !== "all_held" && result.status === "ended") return result;
      await suspendOrRefuse(run, call, child, result === "all_held" ? [] : result.approvals);
      waiting += 1;
    } finally {
      working -= 1;
      void suspendWhenIdle();
    }
    return rejectedOnAbort(signal);
  };

  return (agent, input) => {
    const result = runOne(agent, input);
    const settled = result.then(
      () => {},
      () => {},
    );
    run.subagentRuns.add(settled);
    void settled.then(() => run.subagentRuns.delete(settled));
    return result;
  };
}

/** Of the microtask queue: more than a few `await`s take, and no time at all. */
const turnsOfTheFunction = 50;

/**
 * The call waits with its subagent, if its function may run again; otherwise the subagent has to end. Without approvals of its own it
 * waits for what others hold of the limits.
 */
async function suspendOrRefuse(
  run: LiveRun,
  { tool, toolUseId }: CallContext,
  child: string,
  approvals: readonly Approval[],
): Promise<void> {
  if (tool.effects === "none" || tool.effects === "idempotent" || tool.reconcile !== undefined) {
    await run.commit([{ type: "tool.suspend", toolUseId, child, approvals }]);
    return;
  }
  const wanted = approvals.map((approval) => approval.tool).join(", ");
  // One that has begun is ended with the step, like any other that is left waiting.
  const why =
    approvals.length === 0
      ? "What is left of the limits is held by subagents that wait for a person, so this one was not begun"
      : `The subagent needed a person's approval for ${wanted}, and is ended`;
  throw new LockstitchError(
    "subagent",
    `${why}: ${tool.name} can't wait for one, since its effects are "once" and it may not run again. With effects "idempotent", or a reconcile, it could.`,
  );
}

function rejectedOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    onAbort(signal, () => reject(signal.reason));
  });
}
