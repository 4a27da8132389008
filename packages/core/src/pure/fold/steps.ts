import type Anthropic from "@anthropic-ai/sdk";
import { noCost } from "../../cost.js";
import type { AgentEvent } from "../../events.js";
import type { CallState, RunState, State, StepState } from "../../state.js";
import { noUsage } from "../../usage.js";
import { withTurnClosed } from "../conversation/closed-turn.js";
import {
  blocksOf,
  hasUnansweredServerTool,
  isAmongServerTools,
  isAnythingSaid,
  saysServerTool,
  textOf,
  withSaid,
} from "../conversation/history.js";
import { reconcileResults, reconcileSaid } from "../conversation/side-by-side.js";
import { fitResults, fitSaid, maxImagesOf } from "../conversation/size.js";
import { afterReply } from "../reply/stop-reason.js";
import { inRun, inStep } from "./change.js";

/** Moves the inbox into the history. */
export function startStep(state: State, step: number): State {
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
  return inRun({ ...state, ...takenUp(state), step: started }, (run) => ({
    steps: run.steps + 1,
    // Until its reply is there: should none come, the run may be resumed, and asks again.
    goesOn: true,
    summarising: { ...run.summarising, attempts: 0 },
  }));
}

/**
 * The history with what was said and no step has taken up yet. It was looked at when it was said, too; but two may have spoken at once,
 * each before an image of the other was in.
 */
function joined({ messages, inbox, run, tools }: State): State["messages"] {
  const said = reconcileSaid(messages, inbox, tools);
  return withSaid(messages, fitSaid(messages, said, run?.maxImages ?? maxImagesOf("")));
}

/** Whether what was said has to wait: only the model may go on from there, or the API takes it only behind a user's words. */
function hasToWait({ messages, inbox }: State): boolean {
  if (hasUnansweredServerTool(messages)) return true;
  const last = messages.findLast(({ role }) => role !== "system");
  return last?.role === "assistant" && !isAnythingSaid(inbox);
}

/** History and inbox as a step would find them now. */
export function takenUp(state: State): Pick<State, "messages" | "inbox"> {
  const { messages, inbox } = state;
  return hasToWait(state) ? { messages, inbox } : { messages: joined(state), inbox: [] };
}

export function addReply(state: State, event: Extract<AgentEvent, { type: "message" }>): State {
  const { message, stopReason } = event;
  const content = blocksOf(message);
  // A refused turn would be refused again with everything after it, so it stays out; so does an empty one, which is illegal.
  const kept = stopReason !== "refusal" && content.length > 0;
  const calls = kept ? content.filter((block) => block.type === "tool_use").map(toCall) : [];
  const history = kept ? [...state.messages, message] : state.messages;
  const isOpen = goesOn(stopReason, calls, history);
  const model = state.step?.model ?? state.run?.model ?? "";
  const messages = isOpen ? history : withTurnClosed(history, model);
  const { container = state.container } = kept ? event : {};
  const replied = inStep(
    {
      ...state,
      container,
      stopReason,
      messages,
      // What has changed was counted as it was before.
      prompt: messages === history ? state.prompt : undefined,
      // Where the API ran tools by itself its usage is that of several prompts, and says nothing of the last one's.
      cached: saysServerTool(message) ? undefined : state.cached,
    },
    () => ({ replied: true, calls }),
  );
  return inRun(replied, (run) => ({
    stopReason,
    goesOn: isOpen,
    text: textOf(message),
    pauses: stopReason === "pause_turn" ? run.pauses + 1 : 0,
    ...(calls.length === 0 ? {} : repeated(run.lastCalls, calls, run.repeats)),
  }));
}

function goesOn(stopReason: string, calls: readonly CallState[], messages: State["messages"]): boolean {
  const next = afterReply(stopReason);
  return (next === "continue" && isAmongServerTools(messages)) || (next === "tools" && calls.length > 0);
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

/** What the calls of a step have given so far, in their order. */
export function resultsOf(step: StepState | undefined): readonly Anthropic.ToolResultBlockParam[] {
  return (step?.calls ?? []).flatMap(({ toolUseId, result }): Anthropic.ToolResultBlockParam[] =>
    result === undefined ? [] : [{ type: "tool_result", tool_use_id: toolUseId, ...result }],
  );
}

/** All results of a step become one user message, in the order of their calls: the API takes them in no other form. */
export function endStep(state: State): State {
  const results = resultsOf(state.step);
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
