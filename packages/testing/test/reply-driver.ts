import Anthropic from "@anthropic-ai/sdk";
import type {
  Message,
  MessageCreateParamsNonStreaming,
  RawMessageStreamEvent,
} from "@anthropic-ai/sdk/resources/messages";
import { afterEach, expect } from "vitest";
import {
  createSimulator,
  type MessageReply,
  type ReplyBlock,
  type SimulatedModel,
  type Simulator,
} from "../src/index.js";

export const open: Simulator[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

const small: SimulatedModel = {
  id: "small-model",
  displayName: "Small Model",
  createdAt: "2026-01-01T00:00:00Z",
  contextWindow: 200,
  maxOutputTokens: 1_000,
  minimumCacheTokens: 1_000,
};

export async function clientFor(reply: MessageReply): Promise<Anthropic> {
  const simulator = await createSimulator({ mind: () => reply, models: [small] });
  open.push(simulator);
  return new Anthropic({ baseURL: simulator.url, apiKey: "sk-test", maxRetries: 0 });
}

export type Body = MessageCreateParamsNonStreaming;
export const question: Body = {
  model: "claude-haiku-5-5",
  max_tokens: 1_000,
  messages: [{ role: "user", content: "Hello" }],
};

export interface Heard {
  /** As JSON. */
  readonly whole: Message;
  readonly events: readonly RawMessageStreamEvent[];
}

/** Asks for the same reply as JSON and as a stream, and makes sure that both end alike. */
export async function ask(reply: MessageReply, change: Partial<Body> = {}): Promise<Heard> {
  const client = await clientFor(reply);
  const body = { ...question, ...change };
  const whole = await client.messages.create(body);
  const events: RawMessageStreamEvent[] = [];
  for await (const event of await client.messages.create({ ...body, stream: true })) events.push(event);
  const end = events.find((event) => event.type === "message_delta");
  expect(end).toMatchObject({
    delta: {
      stop_reason: whole.stop_reason,
      stop_sequence: whole.stop_sequence,
      stop_details: whole.stop_details,
    },
    usage: { output_tokens: whole.usage.output_tokens },
  });
  expect(textOf(events)).toBe(
    whole.content.map((block) => (block.type === "text" ? block.text : "")).join(""),
  );
  return { whole, events };
}

function textOf(events: readonly RawMessageStreamEvent[]): string {
  return events
    .map((event) =>
      event.type === "content_block_delta" && event.delta.type === "text_delta" ? event.delta.text : "",
    )
    .join("");
}

export function jsonOf(events: readonly RawMessageStreamEvent[], index: number): string {
  return events
    .map((event) =>
      event.type === "content_block_delta" && event.index === index && event.delta.type === "input_json_delta"
        ? event.delta.partial_json
        : "",
    )
    .join("");
}

export const text = (words: string): ReplyBlock => ({ type: "text", text: words });
export const call = (input: unknown, name = "save"): ReplyBlock => ({ type: "tool_use", name, input });
