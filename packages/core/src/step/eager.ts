import type Anthropic from "@anthropic-ai/sdk";
import type { DeltaBody, EventBody } from "../events.js";
import { deepFreeze } from "../freeze.js";
import { seenCalls } from "../pure/calls/seen-calls.js";
import { inStep } from "../pure/fold/change.js";
import { toCall } from "../pure/fold/steps.js";
import { isDeep } from "../pure/reply/nesting.js";
import { afterReply } from "../pure/reply/stop-reason.js";
import type { CallState, State } from "../state.js";
import type { Allowed, Outcome, Verdict } from "./call-parts.js";
import { allowedCheck } from "./check-tools.js";
import type { LiveRun } from "./live-run.js";
import { runTool, toolEnd, toolStart } from "./run-tool.js";
import { verdictOf } from "./verdict.js";

/**
 * Calls of tools without effects, started while the reply that asks for them still streams. Nothing of them is committed before
 * their message is: should that turn out otherwise they are aborted, and what they gave is thrown away.
 */
export interface EagerCalls {
  /** Starts a call whose block has just ended, if it may run already. */
  start(block: Anthropic.ToolUseBlock): void;
  /** Given what a reply commits, what to commit beside it: the calls that hold. Those still running go on; all others are thrown away. */
  settle(reply: readonly EventBody[]): readonly EventBody[];
  /** Shows what the settled calls have told of their progress: from here on they are in the log. */
  show(): void;
  /** Aborts every call that was not settled. */
  discard(): void;
}

interface EagerCall {
  readonly block: Anthropic.ToolUseBlock;
  readonly controller: AbortController;
  phase: Phase;
  /** What the tool told of its progress: shown once the call is committed, for a reply that breaks would have to take it back. */
  told: DeltaBody[];
  isCommitted: boolean;
}

type Phase =
  /** Whether it may run. Asked once: a call that has not started when its reply ends leaves the answer to the check. */
  | { readonly type: "asking"; readonly verdict: Promise<Verdict> }
  | { readonly type: "left_to_check" }
  | { readonly type: "running"; readonly allowed: Allowed; readonly outcome: Promise<Outcome | undefined> }
  | { readonly type: "ended"; readonly allowed: Allowed; readonly outcome: Outcome | undefined };

/** The eager calls of one attempt at a reply. */
export function createEagerCalls(run: LiveRun): EagerCalls {
  let calls: EagerCall[] = [];
  let settled: readonly EagerCall[] = [];
  // Taken once an attempt: an id that the session has seen is renamed when its message is committed, so its call waits for that.
  let seen: ReadonlySet<string> | undefined;
  // Of the reply so far, whether they may start or not: a permission may go by what else runs.
  let asked: readonly CallState[] = [];

  const mayStart = ({ id, name, input }: Anthropic.ToolUseBlock): boolean => {
    const tool = run.agent.tools.get(name);
    if (!run.agent.eager || tool?.effects !== "none" || tool.acts === true || tool.alone === true)
      return false;
    if (isDeep(input)) return false;
    if (calls.length >= run.agent.limits.maxParallelTools) return false;
    seen ??= seenCalls(run.state);
    return !seen.has(id) && !calls.some(({ block }) => block.id === id);
  };

  const discard = (): void => {
    for (const { controller } of calls)
      controller.abort(new DOMException("The call's result is no longer wanted.", "AbortError"));
    calls = [];
  };

  return {
    start(block) {
      if (run.agent.permit !== undefined) asked = [...asked, deepFreeze(pending(block))];
      if (!mayStart(block)) return;
      const controller = new AbortController();
      const signal = AbortSignal.any([run.signal, controller.signal]);
      const stateNow = withAsked(run, asked);
      const verdict = verdictOf(run, { ...idsOf({ block }), input: block.input }, signal, stateNow);
      const call: EagerCall = {
        block,
        controller,
        phase: { type: "asking", verdict },
        told: [],
        isCommitted: false,
      };
      calls.push(call);
      // Whatever goes wrong here goes wrong again in the check after the reply, which tells the model.
      begin(run, call, verdict, signal).catch(() => {});
    },
    settle(reply) {
      const asksForIt = calls.filter(({ block }) => asksFor(reply, block));
      for (const call of asksForIt) leaveToCheck(run, call);
      settled = asksForIt.filter(hasStarted);
      calls = calls.filter(({ phase }) => phase.type !== "left_to_check");
      calls = calls.filter((call) => !settled.includes(call));
      discard();
      return settled.flatMap((call) => commitOf(run, call));
    },
    show() {
      for (const call of settled) {
        call.isCommitted = true;
        call.told.forEach(run.show);
      }
    },
    discard,
  };
}

/** A copy: the reply is not committed yet, and no permission may change it. */
function pending({ input, ...block }: Anthropic.ToolUseBlock): CallState {
  return toCall({ ...block, input: isDeep(input) ? {} : structuredClone(input) });
}

/** The state with the calls of a reply that is not committed yet. */
function withAsked(run: LiveRun, calls: readonly CallState[]): () => State {
  return () => (run.state.step?.replied === true ? run.state : inStep(run.state, () => ({ calls })));
}

async function begin(
  run: LiveRun,
  call: EagerCall,
  verdict: Promise<Verdict>,
  signal: AbortSignal,
): Promise<void> {
  const allowed = await verdict;
  if (allowed.verdict !== "allow" || signal.aborted || call.phase.type === "left_to_check") return;
  const show = (delta: DeltaBody): void => {
    if (call.isCommitted) run.show(delta);
    else call.told.push(delta);
  };
  const outcome = runTool(run, allowed.tool, idsOf(call), allowed.input, signal, show);
  call.phase = { type: "running", allowed, outcome };
  call.phase = { type: "ended", allowed, outcome: await outcome };
}

function hasStarted({ phase }: EagerCall): boolean {
  return phase.type === "running" || phase.type === "ended";
}

/** A call that was asked about and has not started: its answer goes to the check after the reply. */
function leaveToCheck(run: LiveRun, call: EagerCall): void {
  if (call.phase.type !== "asking") return;
  run.earlyVerdicts.set(call.block.id, call.phase.verdict);
  call.phase = { type: "left_to_check" };
}

/** Whether the reply, as it is committed, has tools run and holds this very call. */
function asksFor(reply: readonly EventBody[], block: Anthropic.ToolUseBlock): boolean {
  const said = reply.find((body) => body.type === "message");
  if (
    said === undefined ||
    afterReply(said.stopReason) !== "tools" ||
    typeof said.message.content === "string"
  )
    return false;
  return said.message.content.some(
    (other) =>
      other.type === "tool_use" &&
      other.id === block.id &&
      other.name === block.name &&
      sameInput(other.input, block.input),
  );
}

function sameInput(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function idsOf({ block }: Pick<EagerCall, "block">) {
  return { toolUseId: block.id, name: block.name };
}

function commitOf(run: LiveRun, { block, phase }: EagerCall): readonly EventBody[] {
  const ids = idsOf({ block });
  switch (phase.type) {
    case "asking":
    case "left_to_check":
      return [];
    case "ended":
      if (phase.outcome !== undefined && phase.outcome.outcome !== "aborted")
        return [...startOf(run, ids, phase.allowed), toolEnd(ids, phase.outcome)];
      run.inFlight.set(ids.toolUseId, Promise.resolve(phase.outcome));
      return startOf(run, ids, phase.allowed);
    case "running":
      run.inFlight.set(ids.toolUseId, phase.outcome);
      return startOf(run, ids, phase.allowed);
  }
}

function startOf(run: LiveRun, ids: ReturnType<typeof idsOf>, allowed: Allowed): readonly EventBody[] {
  return [allowedCheck(ids.toolUseId, allowed), toolStart(run, ids)];
}
