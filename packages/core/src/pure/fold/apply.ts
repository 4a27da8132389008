import type Anthropic from "@anthropic-ai/sdk";
import { noCost } from "../../cost.js";
import type { AgentEvent, System } from "../../events.js";
import { noSpending } from "../../spending.js";
import type { CachedPrompt, CallState, RunState, State, StepState } from "../../state.js";
import { noUsage, totalTokens } from "../../usage.js";
import {
  appendMessage,
  blocksOf,
  hasUnansweredServerTool,
  saysServerTool,
  systemLast,
  textOf,
} from "../conversation/history.js";
import { reconcileResults, reconcileSaid } from "../conversation/side-by-side.js";
import { fitResults, fitSaid, maxImagesOf } from "../conversation/size.js";
import { afterReply } from "../reply/stop-reason.js";
import { writtenFor } from "../request/cache-miss.js";
import { inCall, inRun, inStep } from "./change.js";
import { beginSegment } from "./segment.js";
import { reserve, settle } from "./spend.js";
import { applySubagent, resumeCalls } from "./subagent-calls.js";
import { beginSummary, endSummary } from "./summary-attempts.js";
import { tooLong } from "./too-long.js";
import { withApiTools, withStarted } from "./tools-used.js";

export function emptyState(session: string): State {
  return {
    session,
    seq: 0,
    agent: "",
    parent: undefined,
    system: undefined,
    saidSystem: undefined,
    tools: [],
    fingerprint: "",
    messages: [],
    formerCalls: [],
    inbox: [],
    container: undefined,
    stopReason: undefined,
    prompt: undefined,
    counted: undefined,
    fullResults: {},
    startedTools: [],
    apiTools: [],
    cached: undefined,
    run: undefined,
    step: undefined,
  };
}

const newRun: Omit<RunState, "model" | "startedAt" | "settings" | "maxImages" | "hasFormat"> = {
  steps: 0,
  usage: noUsage,
  cost: noCost,
  charged: noSpending,
  held: {},
  abortedBy: undefined,
  goesOn: true,
  stopReason: undefined,
  text: "",
  pauses: 0,
  lastCalls: [],
  repeats: 0,
  outputRetries: 0,
  summarising: { attempts: 0, failures: 0 },
  end: undefined,
};

/** Folds one event into the state. Never changes what it is given. */
export function apply(before: State, event: AgentEvent): State {
  const state: State = { ...before, seq: event.seq };
  switch (event.type) {
    case "session.start": {
      const { agent, system, tools, fingerprint, parent } = event;
      return withApiTools({ ...state, agent, parent, system, tools, fingerprint }, tools);
    }
    case "run.start":
      return {
        ...state,
        step: undefined,
        // Code that waits for an answer is still running in it.
        container: hasUnansweredServerTool(state.messages) ? state.container : undefined,
        run: {
          ...newRun,
          model: event.model,
          startedAt: event.startedAt,
          settings: event.settings,
          hasFormat: event.hasFormat === true,
          maxImages: event.maxImages ?? maxImagesOf(event.model),
        },
      };
    case "run.end":
      return inRun(state, () => ({
        end: { reason: event.reason, ...(event.limit === undefined ? {} : { limit: event.limit }) },
      }));
    case "run.abort":
      return inRun(state, (run) => (run.abortedBy === undefined ? { abortedBy: event.by } : {}));
    case "input":
      return applyInput({ ...state, inbox: [...state.inbox, ...event.messages] }, event);
    case "step.start":
      return startStep(state, event.step);
    case "step.end":
      return endStep(state);
    case "model.end":
      return state.step === undefined
        ? endSummary(settle(state, "model", event), event)
        : tooLong(measured(settle(state, "model", event), event), event);
    case "subagent.start":
    case "subagent.end":
    case "tool.suspend":
    case "tool.resume":
      return applySubagent(state, event);
    case "message":
      return addReply(state, event);
    case "tool.check":
      return inCall(state, event.toolUseId, { verdict: event.verdict });
    case "tool.start":
      return inCall(withStarted(state, event.name), event.toolUseId, { started: true, mayStart: false });
    case "tool.end":
      return inCall(keepFull(state, event), event.toolUseId, {
        result: event.result,
        outcome: event.outcome,
      });
    case "approval.request":
      return inCall(state, event.toolUseId, { askedAt: event.seq });
    case "approval.response":
      return inCall(state, event.toolUseId, answered(event));
    case "compaction":
      return withApiTools(beginSegment(state, event), event.tools);
    case "prompt.count": {
      const { model, tokens } = event;
      const { messages, inbox } = state;
      return { ...state, counted: { model, tokens, messages: messages.length, inbox: inbox.length } };
    }
    case "run.resume":
      // What a person took to answer, or a process to come back, is not the run's time.
      return inRun(resumeCalls(state), () => ({
        startedAt: event.startedAt,
        settings: event.settings,
        hasFormat: event.hasFormat === true,
        ...(event.maxImages === undefined ? {} : { maxImages: event.maxImages }),
      }));
    case "model.start":
      return inStep(beginSummary(reserve(state, event.reserved)), (step) => ({
        attempts: step.attempts + 1,
        model: event.model,
        sentAt: event.at,
      }));
    default:
      return ignoreUnknown(event, state);
  }
}

/** The prompt of a whole reply, as the API counted it: what the next one is measured by. */
function measured(state: State, { outcome, usage }: Extract<AgentEvent, { type: "model.end" }>): State {
  const { model, sentAt: at = 0 } = state.step ?? {};
  if (outcome !== "message" || usage === undefined || model === undefined) return state;
  // A reply that was not made by the API, but given again from a cache of ours, tells nothing of its prompt.
  if (totalTokens(usage) === 0) return state;
  const { system, tools, messages, run } = state;
  const inCache = usage.cache_read_input_tokens + usage.cache_creation_input_tokens;
  const cached: CachedPrompt = {
    model,
    at,
    tokens: inCache,
    lifetime: writtenFor(usage) ?? state.cached?.lifetime,
    system,
    tools,
    messages,
    settings: run?.settings,
    step: run?.steps ?? 1,
  };
  const { input_tokens: uncached, output_tokens: output } = usage;
  const prompt = { model, tokens: uncached + inCache, messages: messages.length, output };
  return { ...state, prompt, cached };
}

/** A log may have been written by a newer version; what this one doesn't know changes nothing here. */
function ignoreUnknown(_event: never, state: State): State {
  return state;
}

function keepFull(state: State, { toolUseId, full }: Extract<AgentEvent, { type: "tool.end" }>): State {
  return full === undefined ? state : { ...state, fullResults: { ...state.fullResults, [toolUseId]: full } };
}

function applyInput(state: State, event: Extract<AgentEvent, { type: "input" }>): State {
  switch (event.purpose) {
    case "output":
      return inRun(state, ({ outputRetries }) => ({ outputRetries: outputRetries + 1 }));
    case "system":
      return { ...state, saidSystem: event.messages.at(-1)?.content as System | undefined };
    default:
      return state;
  }
}

/** Moves the inbox into the history; never while a server tool is unanswered, which only the model may answer. */
function startStep(state: State, step: number): State {
  const waits = hasUnansweredServerTool(state.messages);
  const messages = waits ? state.messages : takenUp(state).reduce(appendMessage, state.messages);
  const started: StepState = {
    step,
    usage: noUsage,
    cost: noCost,
    attempts: 0,
    model: undefined,
    sentAt: 0,
    replied: false,
    calls: [],
  };
  return inRun({ ...state, messages, inbox: waits ? state.inbox : [], step: started }, (run) => ({
    steps: run.steps + 1,
    summarising: { ...run.summarising, attempts: 0 },
  }));
}

/** Looked at when it was said, too; but two may have spoken at once, each before an image of the other was in. */
function takenUp({ messages, inbox, run, tools }: State): State["inbox"] {
  const said = reconcileSaid(messages, systemLast(inbox), tools);
  return fitSaid(messages, said, run?.maxImages ?? maxImagesOf(""));
}

function addReply(state: State, event: Extract<AgentEvent, { type: "message" }>): State {
  const { message, stopReason } = event;
  const content = blocksOf(message);
  // A refused turn would be refused again with everything after it, so it stays out; so does an empty one, which is illegal.
  const kept = stopReason !== "refusal" && content.length > 0;
  const calls = kept ? content.filter((block) => block.type === "tool_use").map(toCall) : [];
  const { container = state.container } = kept ? event : {};
  const replied = inStep(
    {
      ...state,
      container,
      stopReason,
      messages: kept ? [...state.messages, message] : state.messages,
      // Where the API ran tools by itself its usage is that of several prompts, and says nothing of the last one's.
      cached: saysServerTool(message) ? undefined : state.cached,
    },
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

/** A call as its reply asks for it: nothing has come of it yet. */
export function toCall(block: Anthropic.ToolUseBlockParam): CallState {
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
    subagents: [],
    endedSubagents: [],
    suspended: [],
  };
}

/** All results of a step become one user message, in the order of their calls: the API takes them in no other form. */
function endStep(state: State): State {
  const results = (state.step?.calls ?? []).flatMap(
    ({ toolUseId, result }): Anthropic.ToolResultBlockParam[] =>
      result === undefined ? [] : [{ type: "tool_result", tool_use_id: toolUseId, ...result }],
  );
  if (results.length === 0) return { ...state, step: undefined };
  // What was said was told that it would be taken: it comes after the results, and they leave room for it.
  const held = [...state.messages, ...state.inbox];
  const legal = reconcileResults(held, results, state.tools);
  const content = [...fitResults(held, legal, state.run?.maxImages ?? maxImagesOf(""))];
  return { ...state, messages: [...state.messages, { role: "user", content }], step: undefined };
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
