import type Anthropic from "@anthropic-ai/sdk";
import { addCost, type Cost, noCost } from "../cost.js";
import type { AgentEvent } from "../events.js";
import type { CallState, RunState, State, StepState } from "../state.js";
import { addUsage, noUsage, type Usage } from "../usage.js";
import { appendMessage, hasUnansweredServerTool, saysServerTool, textOf } from "./history.js";
import { fitResults, maxImagesOf } from "./size.js";
import { afterReply } from "./stop-reason.js";

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
    stopReason: undefined,
    run: undefined,
    step: undefined,
  };
}

const newRun: Omit<RunState, "model" | "startedAt"> = {
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
      return {
        ...state,
        step: undefined,
        container: undefined,
        run: { ...newRun, model: event.model, startedAt: event.startedAt },
      };
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
      return inCall(state, event.toolUseId, { started: true, mayStart: false });
    case "tool.end":
      return inCall(state, event.toolUseId, { result: event.result, outcome: event.outcome });
    case "approval.request":
      return inCall(state, event.toolUseId, { askedAt: event.seq });
    case "approval.response":
      return inCall(state, event.toolUseId, answered(event));
    case "compaction": {
      const { system, tools, fingerprint, summary, kept } = event;
      const newest = kept === 0 ? [] : state.messages.slice(-kept).map(withoutThinking);
      const begun: readonly Anthropic.MessageParam[] =
        summary === "" ? [] : [{ role: "user", content: summary }];
      return { ...state, system, tools, fingerprint, messages: newest.reduce(appendMessage, begun) };
    }
    case "run.resume":
      // What a person took to answer, or a process to come back, is not the run's time.
      return inRun(state, () => ({ startedAt: event.startedAt }));
    case "model.start":
      return inStep(state, (step) => ({ attempts: step.attempts + 1 }));
    default:
      return ignoreUnknown(event, state);
  }
}

/** Thinking is bound to the prefix it was made after: behind another one the API refuses it. */
function withoutThinking(message: Anthropic.MessageParam): Anthropic.MessageParam {
  if (message.role !== "assistant" || typeof message.content === "string") return message;
  const content = message.content.filter(({ type }) => type !== "thinking" && type !== "redacted_thinking");
  return content.length === 0
    ? { ...message, content: [{ type: "text", text: "(thinking)" }] }
    : { ...message, content };
}

/** A log may have been written by a newer version; what this one doesn't know changes nothing here. */
function ignoreUnknown(_event: never, state: State): State {
  return state;
}

/** Moves the inbox into the history; never while a server tool is unanswered, which only the model may answer. */
function startStep(state: State, step: number): State {
  const waits = hasUnansweredServerTool(state.messages);
  const messages = waits ? state.messages : systemLast(state.inbox).reduce(appendMessage, state.messages);
  const started: StepState = { step, usage: noUsage, cost: noCost, attempts: 0, replied: false, calls: [] };
  return inRun({ ...state, messages, inbox: waits ? state.inbox : [], step: started }, (run) => ({
    steps: run.steps + 1,
  }));
}

/** The API takes a system message only behind a user's and before the assistant's, so what people say beside it goes first. */
function systemLast(said: State["inbox"]): State["inbox"] {
  const ordered: Anthropic.MessageParam[] = [];
  let waiting: readonly Anthropic.MessageParam[] = [];
  for (const message of said) {
    if (message.role === "system") waiting = [...waiting, message];
    else if (message.role === "user") ordered.push(message);
    else {
      ordered.push(...waiting, message);
      waiting = [];
    }
  }
  return [...ordered, ...waiting];
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
  const { container = state.container } = kept ? event : {};
  const replied = inStep(
    { ...state, container, stopReason, messages: kept ? [...state.messages, message] : state.messages },
    () => ({ replied: true, calls }),
  );
  return inRun(replied, (run) => ({
    stopReason,
    goesOn: goesOn(stopReason, calls, message),
    text: textOf(message),
    pauses: stopReason === "pause_turn" ? run.pauses + 1 : 0,
    ...(calls.length === 0 ? {} : repeated(run.lastCalls, calls, run.repeats)),
  }));
}

function goesOn(stopReason: string, calls: readonly CallState[], message: Anthropic.MessageParam): boolean {
  const next = afterReply(stopReason);
  return (next === "continue" && saysServerTool(message)) || (next === "tools" && calls.length > 0);
}

function answered({
  approved,
  reason,
}: Extract<AgentEvent, { type: "approval.response" }>): Partial<CallState> {
  return approved
    ? { verdict: "allow", askedAt: undefined, mayStart: true }
    : { verdict: "deny", askedAt: undefined, denial: reason };
}

function toCall(block: Anthropic.ToolUseBlockParam): CallState {
  const { id, name, input } = block;
  return {
    toolUseId: id,
    name,
    input,
    verdict: undefined,
    askedAt: undefined,
    denial: undefined,
    started: false,
    mayStart: false,
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
  if (results.length === 0) return { ...state, step: undefined };
  const content = [...fitResults(state.messages, results, maxImagesOf(state.run?.model ?? ""))];
  return { ...state, messages: [...state.messages, { role: "user", content }], step: undefined };
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

/**
 * A loop without progress asks for the same again, in whatever order: calls of a step run side by side. Two things in turn are not
 * counted: recorded agents do that and come to their end, as in rolling a die for one player and then for the other.
 */
function repeated(
  before: RunState["lastCalls"],
  calls: readonly CallState[],
  repeats: number,
): Pick<RunState, "lastCalls" | "repeats"> {
  const asked = calls.map(({ name, input }) => `${name} ${JSON.stringify(input)}`).sort();
  const isSame = before.length === asked.length && before.every((call, index) => call === asked[index]);
  return { lastCalls: asked, repeats: isSame ? repeats + 1 : 1 };
}
