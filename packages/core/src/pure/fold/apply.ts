import { noCost } from "../../cost.js";
import type { AgentEvent, System } from "../../events.js";
import { noSpending } from "../../spending.js";
import type { CachedPrompt, CallState, RunState, State } from "../../state.js";
import { noUsage, totalTokens } from "../../usage.js";
import { extentOf } from "../conversation/extent.js";
import { hasUnansweredServerTool } from "../conversation/history.js";
import { maxImagesOf } from "../conversation/size.js";
import { writtenFor } from "../request/cache-miss.js";
import { inCall, inRun, inStep } from "./change.js";
import { withoutForeignThoughts } from "./foreign-thoughts.js";
import { withoutUnloaded } from "./not-loaded.js";
import { beginSegment } from "./segment.js";
import { reserve, settle } from "./spend.js";
import { addReply, endStep, startStep } from "./steps.js";
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
      return endCall(settle(state, "model", event), event);
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
      return { ...state, counted: { model, tokens, ...extentOf(messages), inbox: inbox.length } };
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

function endCall(state: State, event: Extract<AgentEvent, { type: "model.end" }>): State {
  const without = withoutForeignThoughts(withoutUnloaded(state, event), event);
  // Refused for what has given way: that tells nothing of the prompt's size, and no summary was in vain.
  if (without !== state) return without;
  return state.step === undefined ? endSummary(state, event) : tooLong(measured(state, event), event);
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
  const prompt = { model, tokens: uncached + inCache, ...extentOf(messages), output };
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

function answered({
  approved,
  reason,
}: Extract<AgentEvent, { type: "approval.response" }>): Partial<CallState> {
  return approved
    ? { verdict: "allow", askedAt: undefined, mayStart: true }
    : { verdict: "deny", askedAt: undefined, denial: reason };
}
