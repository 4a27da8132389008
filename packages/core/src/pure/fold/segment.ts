import type Anthropic from "@anthropic-ai/sdk";
import type { AgentEvent } from "../../events.js";
import type { State } from "../../state.js";
import { appendMessage } from "../conversation/history.js";
import { withKnownReferences } from "../conversation/tool-references.js";
import { afterReply } from "../reply/stop-reason.js";
import { inRun } from "./change.js";

type Message = Anthropic.MessageParam;

/** A history that goes on from a summary, or with other tools: its first message, then the newest as they were but for their thoughts. */
export function beginSegment(state: State, event: Extract<AgentEvent, { type: "compaction" }>): State {
  const { system, tools, fingerprint, summary, kept } = event;
  const newest = kept === 0 ? [] : state.messages.slice(-kept).map(withoutThinking).map(known(tools));
  const begun: readonly Message[] = summary === "" ? [] : [{ role: "user", content: summary }];
  const messages = newest.reduce(appendMessage, begun);
  const segment = {
    ...state,
    system,
    saidSystem: undefined,
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

/** What is kept may refer to tools that are gone. */
function known(tools: State["tools"]): (message: Message) => Message {
  return (message) =>
    typeof message.content === "string"
      ? message
      : ({
          ...message,
          content: withKnownReferences<Anthropic.ContentBlockParam>(message.content, tools),
        } as Message);
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

/** Thinking is bound to the prefix it was made after: behind another one the API refuses it. */
export function withoutThinking(message: Message): Message {
  if (message.role !== "assistant" || typeof message.content === "string") return message;
  const content = message.content.filter(({ type }) => type !== "thinking" && type !== "redacted_thinking");
  if (content.length === message.content.length) return message;
  return content.length === 0
    ? { ...message, content: [{ type: "text", text: "(thinking)" }] }
    : { ...message, content };
}
