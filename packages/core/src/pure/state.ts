import type Anthropic from "@anthropic-ai/sdk";
import { addCost, type Cost, noCost } from "../cost.js";
import type { AgentEvent, EndReason, System, ToolOutcome, ToolResult } from "../events.js";
import type { LimitName } from "../limits.js";
import type { ToolDefinition } from "../tool.js";
import { addUsage, noUsage, type Usage } from "../usage.js";
import { appendMessage, hasUnansweredServerTool, textOf } from "./history.js";
import { afterReply } from "./stop-reason.js";

/** A session as its log tells it. */
export interface State {
  readonly session: string;
  /** Of the last event folded in. */
  readonly seq: number;
  readonly agent: string;
  readonly system: System | undefined;
  readonly tools: readonly ToolDefinition[];
  readonly fingerprint: string;
  /** The history, exactly as the API sees it. */
  readonly messages: readonly Anthropic.MessageParam[];
  /** What people said and no step has taken up yet. */
  readonly inbox: readonly Anthropic.MessageParam[];
  /** Of the API's code execution, once a reply has named one. */
  readonly container: string | undefined;
  /** The open run, or the last one. */
  readonly run: RunState | undefined;
  readonly step: StepState | undefined;
}

export interface RunState {
  readonly startedAt: number;
  readonly steps: number;
  readonly usage: Usage;
  readonly cost: Cost;
  /** Who or what asked the run to stop, e.g. `"caller"` or `"maxDurationMs"`. */
  readonly abortedBy: string | undefined;
  /** The last reply asks for another call; true before the first. */
  readonly goesOn: boolean;
  /** Of the last reply, once there is one. */
  readonly stopReason: string | undefined;
  readonly text: string;
  /** Replies in a row that stopped with `pause_turn`. */
  readonly pauses: number;
  /** The calls of the last step that had any, and how many steps in a row asked for exactly these. */
  readonly lastCalls: readonly CallState[];
  readonly repeats: number;
  readonly end: { readonly reason: EndReason; readonly limit?: LimitName } | undefined;
}

export interface StepState {
  readonly step: number;
  readonly usage: Usage;
  readonly cost: Cost;
  /** The reply is committed. */
  readonly replied: boolean;
  readonly calls: readonly CallState[];
}

export interface CallState {
  readonly toolUseId: string;
  readonly name: string;
  readonly input: unknown;
  readonly verdict: "allow" | "ask" | "deny" | undefined;
  readonly started: boolean;
  readonly result: ToolResult | undefined;
  readonly outcome: ToolOutcome | undefined;
}

export function emptyState(session: string): State {
  return {
    session,
    seq: 0,
    agent: "",
    system: undefined,
    tools: [],
    fingerprint: "",
    messages: [],
    inbox: [],
    container: undefined,
    run: undefined,
    step: undefined,
  };
}

const newRun: Omit<RunState, "startedAt"> = {
  steps: 0,
  usage: noUsage,
  cost: noCost,
  abortedBy: undefined,
  goesOn: true,
  stopReason: undefined,
  text: "",
  pauses: 0,
  lastCalls: [],
  repeats: 0,
  end: undefined,
};

/** Folds one event into the state. Never changes what it is given. */
export function apply(before: State, event: AgentEvent): State {
  const state: State = { ...before, seq: event.seq };
  switch (event.type) {
    case "session.start": {
      const { agent, system, tools, fingerprint } = event;
      return { ...state, agent, system, tools, fingerprint };
    }
    case "run.start":
      return { ...state, step: undefined, run: { ...newRun, startedAt: event.at } };
    case "run.end":
      return inRun(state, () => ({
        end: { reason: event.reason, ...(event.limit === undefined ? {} : { limit: event.limit }) },
      }));
    case "run.abort":
      return inRun(state, (run) => (run.abortedBy === undefined ? { abortedBy: event.by } : {}));
    case "input":
      return { ...state, inbox: [...state.inbox, ...event.messages] };
    case "step.start":
      return startStep(state, event.step);
    case "step.end":
      return endStep(state);
    case "model.end": {
      const { usage = noUsage, cost = noCost } = event;
      const spent = (sum: { usage: Usage; cost: Cost }) => ({
        usage: addUsage(sum.usage, usage),
        cost: addCost(sum.cost, cost),
      });
      return inStep(inRun(state, spent), spent);
    }
    case "message":
      return addReply(state, event);
    case "tool.check":
      return inCall(state, event.toolUseId, { verdict: event.verdict });
    case "tool.start":
      return inCall(state, event.toolUseId, { started: true });
    case "tool.end":
      return inCall(state, event.toolUseId, { result: event.result, outcome: event.outcome });
    case "approval.response":
      return inCall(state, event.toolUseId, { verdict: event.approved ? "allow" : "deny" });
    case "compaction": {
      const { system, tools, fingerprint, summary, kept } = event;
      const newest = kept === 0 ? [] : state.messages.slice(-kept);
      const messages = newest.reduce(appendMessage, [
        { role: "user", content: summary },
      ] as readonly Anthropic.MessageParam[]);
      return { ...state, system, tools, fingerprint, messages };
    }
    case "run.resume":
    case "model.start":
    case "approval.request":
      return state;
    default:
      return ignoreUnknown(event, state);
  }
}

/** A log may have been written by a newer version; what this one doesn't know changes nothing here. */
function ignoreUnknown(_event: never, state: State): State {
  return state;
}

/** Moves the inbox into the history; never while a server tool is unanswered, which only the model may answer. */
function startStep(state: State, step: number): State {
  const waits = hasUnansweredServerTool(state.messages);
  const messages = waits ? state.messages : state.inbox.reduce(appendMessage, state.messages);
  const started: StepState = { step, usage: noUsage, cost: noCost, replied: false, calls: [] };
  return inRun({ ...state, messages, inbox: waits ? state.inbox : [], step: started }, (run) => ({
    steps: run.steps + 1,
  }));
}

function addReply(state: State, event: Extract<AgentEvent, { type: "message" }>): State {
  const { message, stopReason } = event;
  const content =
    typeof message.content === "string"
      ? [{ type: "text" as const, text: message.content }]
      : message.content;
  // A refused turn would be refused again with everything after it, so it stays out; so does an empty one, which is illegal.
  const kept = stopReason !== "refusal" && content.length > 0;
  const calls = kept ? content.filter((block) => block.type === "tool_use").map(toCall) : [];
  const { container = state.container } = event;
  const replied = inStep(
    { ...state, container, messages: kept ? [...state.messages, message] : state.messages },
    () => ({ replied: true, calls }),
  );
  return inRun(replied, (run) => ({
    stopReason,
    goesOn: goesOn(stopReason, calls),
    text: textOf(message),
    pauses: stopReason === "pause_turn" ? run.pauses + 1 : 0,
    ...(calls.length === 0
      ? {}
      : { lastCalls: calls, repeats: sameCalls(run.lastCalls, calls) ? run.repeats + 1 : 1 }),
  }));
}

function goesOn(stopReason: string, calls: readonly CallState[]): boolean {
  const next = afterReply(stopReason);
  return next === "continue" || (next === "tools" && calls.length > 0);
}

function toCall(block: Anthropic.ToolUseBlockParam): CallState {
  const { id, name, input } = block;
  return {
    toolUseId: id,
    name,
    input,
    verdict: undefined,
    started: false,
    result: undefined,
    outcome: undefined,
  };
}

/** All results of a step become one user message, in the order of their calls: the API takes them in no other form. */
function endStep(state: State): State {
  const results = (state.step?.calls ?? []).flatMap(
    ({ toolUseId, result }): Anthropic.ToolResultBlockParam[] =>
      result === undefined ? [] : [{ type: "tool_result", tool_use_id: toolUseId, ...result }],
  );
  const messages =
    results.length === 0 ? state.messages : [...state.messages, { role: "user" as const, content: results }];
  return { ...state, messages, step: undefined };
}

function inRun(state: State, change: (run: RunState) => Partial<RunState>): State {
  return state.run === undefined ? state : { ...state, run: { ...state.run, ...change(state.run) } };
}

function inStep(state: State, change: (step: StepState) => Partial<StepState>): State {
  return state.step === undefined ? state : { ...state, step: { ...state.step, ...change(state.step) } };
}

function inCall(state: State, toolUseId: string, change: Partial<CallState>): State {
  return inStep(state, (step) => ({
    calls: step.calls.map((call) => (call.toolUseId === toolUseId ? { ...call, ...change } : call)),
  }));
}

function sameCalls(a: readonly CallState[], b: readonly CallState[]): boolean {
  return (
    a.length === b.length &&
    a.every((call, index) => call.name === b[index]?.name && sameValue(call.input, b[index]?.input))
  );
}

function sameValue(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
