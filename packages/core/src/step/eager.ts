import type Anthropic from "@anthropic-ai/sdk";
import type { DeltaBody, EventBody } from "../events.js";
import { deepFreeze } from "../freeze.js";
import { toolUseIds } from "../pure/conversation/history.js";
import { toCall } from "../pure/fold/apply.js";
import { inStep } from "../pure/fold/change.js";
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
  running: Promise<Outcome | undefined> | undefined;
  ended: Outcome | undefined;
  /** Whether it may run. Asked once: a call that has not started when its reply ends leaves the answer to the check. */
  asking: Promise<Verdict> | undefined;
  /** Once it has started. */
  allowed: Allowed | undefined;
  isLeftToCheck: boolean;
  /** What the tool told of its progress: shown once the call is committed, for a reply that breaks would have to take it back. */
  told: DeltaBody[];
  isCommitted: boolean;
}

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
    seen ??= new Set(run.state.messages.flatMap(toolUseIds));
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
      const call: EagerCall = {
        block,
        controller: new AbortController(),
        running: undefined,
        ended: undefined,
        asking: undefined,
        allowed: undefined,
        isLeftToCheck: false,
        told: [],
        isCommitted: false,
      };
      calls.push(call);
      // Whatever goes wrong here goes wrong again in the check after the reply, which tells the model.
      begin(run, call, asked).catch(() => {});
    },
    settle(reply) {
      calls = calls.filter((call) => !leftToCheck(run, call, reply));
      settled = calls.filter((call) => call.running !== undefined && asksFor(reply, call.block));
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
function withAsked(state: State, calls: readonly CallState[]): State {
  return state.step?.replied === true ? state : inStep(state, () => ({ calls }));
}

async function begin(run: LiveRun, call: EagerCall, asked: readonly CallState[]): Promise<void> {
  const signal = AbortSignal.any([run.signal, call.controller.signal]);
  const stateNow = () => withAsked(run.state, asked);
  call.asking = verdictOf(run, { ...idsOf(call), input: call.block.input }, signal, stateNow);
  const found = await call.asking;
  if (found.verdict !== "allow" || signal.aborted || call.isLeftToCheck) return;
  const show = (delta: DeltaBody): void => {
    if (call.isCommitted) run.show(delta);
    else call.told.push(delta);
  };
  call.allowed = found;
  call.running = runTool(run, found.tool, idsOf(call), found.input, signal, show);
  call.ended = await call.running;
}

/** A call that was asked about and has not started, of a reply that asks for it: its answer goes to the check after the reply. */
function leftToCheck(run: LiveRun, call: EagerCall, reply: readonly EventBody[]): boolean {
  if (call.running !== undefined || call.asking === undefined || !asksFor(reply, call.block)) return false;
  call.isLeftToCheck = true;
  run.earlyVerdicts.set(call.block.id, call.asking);
  return true;
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

function idsOf({ block }: EagerCall) {
  return { toolUseId: block.id, name: block.name };
}

function commitOf(run: LiveRun, call: EagerCall): readonly EventBody[] {
  const ids = idsOf(call);
  const started: readonly EventBody[] = [
    allowedCheck(ids.toolUseId, call.allowed ?? {}),
    toolStart(run, ids),
  ];
  if (call.ended !== undefined && call.ended.outcome !== "aborted")
    return [...started, toolEnd(ids, call.ended)];
  if (call.running !== undefined) run.inFlight.set(ids.toolUseId, call.running);
  return started;
}
