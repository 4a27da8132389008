import Anthropic from "@anthropic-ai/sdk";
import type { MessageParam } from "@anthropic-ai/sdk/resources/messages";
import { afterEach } from "vitest";
import {
  createSimulator,
  type MessageReply,
  type ReplyBlock,
  type Simulator,
  scriptMind,
} from "../src/index.js";

const open: Simulator[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

export async function clientFor(...replies: MessageReply[]): Promise<Anthropic> {
  const simulator = await createSimulator({ mind: scriptMind(replies) });
  open.push(simulator);
  return new Anthropic({ baseURL: simulator.url, apiKey: "sk-test", maxRetries: 0 });
}

export type Body = Anthropic.MessageCreateParamsNonStreaming;

export const thought: ReplyBlock = { type: "thinking", thinking: "They want the weather. I'll ask." };
export const call: ReplyBlock = {
  type: "tool_use",
  id: "toolu_1",
  name: "get_weather",
  input: { place: "Oslo", days: 2 },
};
export const says: ReplyBlock = { type: "text", text: "It rains." };

export const first: Body = {
  model: "claude-opus-5-5",
  max_tokens: 1_000,
  thinking: { type: "adaptive", display: "summarized" },
  system: "Be brief.",
  tools: [
    { name: "get_weather", description: "The weather.", input_schema: { type: "object", properties: {} } },
  ],
  messages: [{ role: "user", content: "Will it rain in Oslo?" }],
};

export function withResult(content: MessageParam["content"], { messages, ...rest }: Body = first): Body {
  const result = { type: "tool_result" as const, tool_use_id: "toolu_1", content: "Rain." };
  return {
    ...rest,
    messages: [...messages, { role: "assistant", content }, { role: "user", content: [result] }],
  };
}

export const bound =
  "Invalid `signature` in `thinking` block. The block is bound to a different conversation.";
