import type Anthropic from "@anthropic-ai/sdk";
import {
  type Agent,
  type AgentEvent,
  type Claude,
  type Model,
  type ModelRequest,
  models,
  type Result,
  type RunOptions,
  run,
} from "@lockstitch/core";
import { type ScriptedReply, streamEvents, toolUse } from "@lockstitch/testing";
import { handTool, virtualTime } from "./helpers.js";

/** A model with a window that fills soon. */
export const smallModel: Model = {
  id: "claude-haiku-5-5-small",
  family: "haiku",
  bestFor: "tests",
  contextWindow: 8_000,
  maxOutput: 2_000,
  source: "made up",
};

export const smallModels: readonly Model[] = [smallModel, ...models];

/** About 1,000 tokens. */
export const page: string = "Oslo lies at the end of a fjord and is cold in winter. ".repeat(75);

/** Reads a page with each call. */
export const reader: Agent = {
  model: smallModel.id,
  maxTokens: 500,
  // Markers would make two requests differ that say the same.
  cache: false,
  tools: [handTool("read", (input) => `${(input as { page: number }).page}: ${page}`)],
};

/** Whether a request asks for a summary. */
export function asksForSummary({ messages }: Pick<ModelRequest, "messages">): boolean {
  return JSON.stringify(messages.at(-1) ?? "").includes("Answer with a summary of this conversation");
}

type Said = Extract<ScriptedReply, string | readonly unknown[]>;

/** A model that reads pages until it has asked for so many, and writes summaries when it is asked to. Tokens are counted roughly. */
export function readingClaude(
  pages: number,
  summary: (nth: number) => Said | { readonly content: Said; readonly stop_reason: string } = (nth) =>
    `Summary ${nth}.`,
): Claude & { readonly requests: readonly ModelRequest[] } {
  const requests: ModelRequest[] = [];
  const ask: Claude = async (request, { emit }) => {
    requests.push(structuredClone(request));
    const isSummary = asksForSummary(request);
    const nth = requests.filter((other) => asksForSummary(other) === isSummary).length;
    const said = isSummary
      ? summary(nth)
      : nth <= pages
        ? [toolUse("read", { page: nth }, `toolu_${nth}`)]
        : "Read.";
    const { content: words, stop_reason } =
      typeof said === "string" || !("content" in said) ? { content: said, stop_reason: undefined } : said;
    const content = typeof words === "string" ? [{ type: "text", text: words, citations: null }] : words;
    const message = messageOf(request, content as unknown as Anthropic.ContentBlock[], stop_reason);
    for (const event of streamEvents(message)) emit(event);
    return message;
  };
  return Object.assign(ask, { requests });
}

function messageOf(
  request: ModelRequest,
  content: readonly Anthropic.ContentBlock[],
  stop_reason = content.some(({ type }) => type === "tool_use") ? "tool_use" : "end_turn",
): Anthropic.Message {
  return {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: request.model,
    content,
    stop_reason,
    stop_sequence: null,
    usage: { input_tokens: tokensOf(request), output_tokens: 20 },
  } as unknown as Anthropic.Message;
}

/** As an API might count it. */
function tokensOf({ system, tools, messages }: Pick<ModelRequest, "system" | "tools" | "messages">): number {
  return Math.ceil(JSON.stringify([system, tools, messages]).length / 4);
}

export function only<Type extends AgentEvent["type"]>(
  events: readonly AgentEvent[],
  type: Type,
): readonly Extract<AgentEvent, { type: Type }>[] {
  type Found = Extract<AgentEvent, { type: Type }>;
  return events.filter((event): event is AgentEvent & Found => event.type === type);
}

/** A run, with all that was committed and shown of it. */
export async function play(
  agent: Agent,
  options: RunOptions,
  input = "Read the pages.",
): Promise<{ readonly result: Result; readonly events: AgentEvent[]; readonly deltas: string[] }> {
  const events: AgentEvent[] = [];
  const deltas: string[] = [];
  const onEvent: RunOptions["onEvent"] = (event) => {
    if ("seq" in event) events.push(event);
    else deltas.push(JSON.stringify(event));
  };
  const environment = virtualTime();
  const result = await run(agent, input, { models: smallModels, environment, onEvent, ...options });
  return { result, events, deltas };
}

/** The summaries that were made, in the words that the API sees. */
export function summaries(events: readonly AgentEvent[]): readonly string[] {
  return only(events, "compaction").map(({ summary }) => summary);
}
