import type Anthropic from "@anthropic-ai/sdk";
import type { AgentEvent } from "../../events.js";
import type { State } from "../../state.js";
import { runsAtApi } from "../../tool-definition.js";
import { appendMessage, toolUseIds } from "../conversation/history.js";
import { reconcileKept } from "../conversation/side-by-side.js";
import { withoutThinking } from "../conversation/thinking.js";
import { afterReply } from "../reply/stop-reason.js";
import { inRun } from "./change.js";

type Message = Anthropic.MessageParam;

/** A history that goes on from a summary, or with other tools: its first message, then the newest as they were but for their thoughts. */
export function beginSegment(state: State, event: Extract<AgentEvent, { type: "compaction" }>): State {
  const { system, tools, fingerprint, summary, kept } = event;
  const newest = kept === 0 ? [] : reconcileKept(state.messages.slice(-kept).map(withoutThinking), tools);
  const begun: readonly Message[] = summary === "" ? [] : [{ role: "user", content: summary }];
  const messages = newest.reduce(appendMessage, begun);
  const segment = {
    ...state,
    system,
    saidSystem: newest.some((message) => isSaying(message, state.saidSystem)) ? state.saidSystem : undefined,
    // It begins with them, and would say them twice.
    inbox: state.inbox.filter((message) => !isSaying(message, state.saidSystem)),
    container: keepsApiTools(state.tools, tools) ? state.container : undefined,
    formerCalls: [
      ...state.formerCalls,
      ...state.messages.slice(0, state.messages.length - kept).flatMap(toolUseIds),
    ],
    tools,
    fingerprint,
    messages,
    prompt: undefined,
    counted: undefined,
  };
  if (summary === "") return segment;
  return inRun({ ...segment, messages: isCutOff(segment) ? [...messages, goOn] : messages }, () => ({
    // Only a run that goes on is summarised.
    goesOn: true,
    summarising: { attempts: 0, failures: 0 },
  }));
}

/** The system message that said the agent's own prompt, when that had changed. */
function isSaying({ role, content }: Message, saidSystem: State["saidSystem"]): boolean {
  return (
    role === "system" && saidSystem !== undefined && JSON.stringify(content) === JSON.stringify(saidSystem)
  );
}

/** A container is refused without the tool that runs in it. */
function keepsApiTools(before: State["tools"], after: State["tools"]): boolean {
  return before.filter(runsAtApi).every(({ type }) => after.some((tool) => tool.type === type));
}

/** The full window cut off the last reply: where nothing follows it the API wants a user's word there. */
function isCutOff({ messages, inbox, run }: State): boolean {
  if (run?.stopReason === undefined || afterReply(run.stopReason) !== "compact") return false;
  return messages.at(-1)?.role === "assistant" && !inbox.some(({ role }) => role === "user");
}

const goOn: Message = {
  role: "user",
  content: "[Your last message was cut off, for the context window was full. There is room again: go on.]",
};
