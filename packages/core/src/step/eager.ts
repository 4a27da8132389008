import type Anthropic from "@anthropic-ai/sdk";
import type { DeltaBody, EventBody } from "../events.js";
import { deepFreeze } from "../freeze.js";
import { seenCalls } from "../pure/calls/seen-calls.js";
import { inStep } from "../pure/fold/change.js";
import { toCall } from "../pure/fold/steps.js";
import { isDeep } from "../pure/reply/nesting.js";
import { afterReply } from "../pure/reply/stop-reason.js";
import type { CallState, State } from "../state.js";
import type { Allowed, Ended, Verdict } from "./call-parts.js";
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
  /** Given what a reply commits, what to commit beside it: the calls that hold. From here on none starts any more. */
  settle(reply: readonly EventBody[]): readonly EventBody[];
  /** The settled calls are in the log: those still running go on, what they told is shown, and all others are thrown away. */
  committed(): void;
  /** Throws away every call that is in no log. */
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
  | { readonly type: "asking" | "judged"; readonly verdict: Promise<Verdict> }
  | { readonly type: "left_to_check"; readonly verdict: Promise<Verdict> }
  | { readonly type: "running"; readonly allowed: Allowed; readonly ending: Promise<Ended | undefined> }
  | { readonly type: "ended"; readonly allowed: Allowed; readonly ended: Ended | undefined };

/** A call that holds, with what is committed of it. */
interface Settled {
  readonly call: EagerCall;
  readonly bodies: readonly EventBody[];
  /** How the call ends, where that isn't committed yet. */
  readonly ending?: Promise<Ended | undefined>;
}

/** The eager calls of one attempt at a reply. */
export function createEagerCalls(run: LiveRun): EagerCalls {
  let calls: EagerCall[] = [];
  let left: readonly EagerCall[] = [];
  let settled: readonly Settled[] = [];
  // Taken once an attempt: an id that the session has seen is renamed when its message is committed, so its call waits for that.
  let seen: ReadonlySet<string> | undefined;
  // Of the reply so far, whether they may start or not: a permission may go by what else runs.
  let asked: readonly CallState[] = [];

  const mayStart = ({ id, name, input }: Anthropic.ToolUseBlock): boolean => {
    const tool = run.agent.tools.get(name);
    if (!run.agent.eager || tool?.effects !== "none" || tool.acts === true || tool.alone === true)
      return false;
    if (isDeep(input)) return false;
    if (calls.filter(isUnderWay).length >= run.agent.limits.maxParallelTools) return false;
    seen ??= seenCalls(run.state);
    return !seen.has(id) && !calls.some(({ block }) => block.id === id);
  };

  const discard = (): void => {
    for (const { block, controller } of calls) {
      controller.abort(new DOMException("The call's result is no longer wanted.", "AbortError"));
      run.fullLengths.delete(block.id);
    }
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
      left = calls.filter(({ block }) => asksFor(reply, block));
      settled = left.flatMap((call) => settledOf(run, call));
      calls.forEach(leaveToCheck);
      return settled.flatMap(({ bodies }) => bodies);
    },
    committed() {
      for (const { block, phase } of left)
        if (phase.type === "left_to_check") run.earlyVerdicts.set(block.id, phase.verdict);
      for (const { call, ending } of settled) {
        if (ending !== undefined) run.inFlight.set(call.block.id, ending);
        call.isCommitted = true;
        call.told.forEach(run.show);
      }
      calls = calls.filter((call) => !left.includes(call));
      discard();
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
  if (signal.aborted || call.phase.type !== "asking") return;
  if (allowed.verdict !== "allow") {
    call.phase = { ...call.phase, type: "judged" };
    return;
  }
  const show = (delta: DeltaBody): void => {
    if (call.isCommitted) run.show(delta);
    else call.told.push(delta);
  };
  const ending = runTool(run, allowed.tool, idsOf(call), allowed.input, signal, show);
  call.phase = { type: "running", allowed, ending };
  call.phase = { type: "ended", allowed, ended: await ending };
}

function isUnderWay({ phase }: EagerCall): boolean {
  return phase.type === "asking" || phase.type === "running";
}

/** A call that was asked about and has not started: its answer goes to the check after the reply. */
function leaveToCheck(call: EagerCall): void {
  if (call.phase.type === "asking" || call.phase.type === "judged")
    call.phase = { ...call.phase, type: "left_to_check" };
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

function settledOf(run: LiveRun, call: EagerCall): readonly Settled[] {
  const ids = idsOf(call);
  switch (call.phase.type) {
    case "asking":
    case "judged":
    case "left_to_check":
      return [];
    case "running":
      return [{ call, bodies: startOf(run, ids, call.phase.allowed), ending: call.phase.ending }];
    case "ended": {
      const { allowed, ended } = call.phase;
      const start = startOf(run, ids, allowed);
      return ended === undefined || ended.outcome === "aborted"
        ? [{ call, bodies: start, ending: Promise.resolve(ended) }]
        : [{ call, bodies: [...start, toolEnd(ids, ended)] }];
    }
  }
}

function startOf(run: LiveRun, ids: ReturnType<typeof idsOf>, allowed: Allowed): readonly EventBody[] {
  return [allowedCheck(ids.toolUseId, allowed), toolStart(run, ids)];
}
