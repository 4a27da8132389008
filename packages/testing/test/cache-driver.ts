import Anthropic from "@anthropic-ai/sdk";
import type { MessageCreateParamsNonStreaming, Usage } from "@anthropic-ai/sdk/resources/messages";
import { afterEach, expect } from "vitest";
import { createSimulator, type SimulatedModel, type Simulator, type SimulatorOptions } from "../src/index.js";

const open: Simulator[] = [];
export const clock = { seconds: 0 };

export async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  clock.seconds = 0;
  const simulator = await createSimulator({
    mind: () => ({ content: [{ type: "text", text: "Yes." }] }),
    now: () => clock.seconds * 1_000,
    models: [ours],
    ...options,
  });
  open.push(simulator);
  return simulator;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

export const ours: SimulatedModel = {
  id: "our-model",
  displayName: "Our Model",
  createdAt: "2026-01-01T00:00:00Z",
  contextWindow: 1_000_000,
  maxOutputTokens: 1_000,
  minimumCacheTokens: 1,
};

type Lifetime = "5m" | "1h";
export type Body = MessageCreateParamsNonStreaming;

/** One request, of so many equal blocks, counted from 1, and what it should find and leave behind. */
export interface Step {
  readonly blocks: number;
  readonly marks?: Readonly<Record<number, Lifetime>>;
  /** The marker on the request itself. */
  readonly automatic?: Lifetime;
  readonly at?: number;
  readonly key?: string;
  readonly change?: (body: Body) => Partial<Body>;
  /** The last block that is read, that is written for an hour, and that is written for five minutes; 0 for none. */
  readonly expected: { readonly read: number; readonly to1h?: number; readonly to5m?: number };
}

export function bodyOf({ blocks, marks = {}, automatic, change }: Step): Body {
  const content = Array.from({ length: blocks }, (_, index) => {
    const ttl = marks[index + 1];
    return {
      type: "text" as const,
      text: `This is block number ${index + 1}. `.repeat(10),
      ...(ttl ? { cache_control: { type: "ephemeral" as const, ttl } } : {}),
    };
  });
  const body: Body = {
    model: "our-model",
    max_tokens: 10,
    messages: [{ role: "user", content }],
    ...(automatic ? { cache_control: { type: "ephemeral", ttl: automatic } } : {}),
  };
  return { ...body, ...change?.(body) };
}

export async function send(simulator: Simulator, body: Body, apiKey = "sk-one"): Promise<Usage> {
  const client = new Anthropic({ baseURL: simulator.url, apiKey, maxRetries: 0 });
  return (await client.messages.create(body)).usage;
}

/** Tokens up to each block, as a first request for it has them written: nothing is stored that could be found. */
export const sizes: number[] = [0];

export async function measureSizes(): Promise<void> {
  const simulator = await start();
  for (let blocks = 1; blocks <= 45; blocks++) {
    const body = bodyOf({ blocks, marks: { [blocks]: "5m" }, expected: { read: 0 } });
    const usage = await send(simulator, body, `sk-${blocks}`);
    sizes.push(usage.cache_creation_input_tokens ?? 0);
  }
}

export function textsOf({ messages: [first] }: Body): readonly Anthropic.TextBlockParam[] {
  return (first?.content ?? []) as Anthropic.TextBlockParam[];
}

/** Another letter in one block; its length stays as it is, and so do the sizes. */
export function editedAt(block: number) {
  return (body: Body): Partial<Body> => {
    const content = [...textsOf(body)];
    const old = content[block - 1] as Anthropic.TextBlockParam;
    content[block - 1] = { ...old, text: old.text.replace("This", "That") };
    return { messages: [{ role: "user", content }] };
  };
}

export function parts(usage: Usage): { read: number; written1h: number; written5m: number } {
  const { ephemeral_1h_input_tokens: written1h = 0, ephemeral_5m_input_tokens: written5m = 0 } =
    usage.cache_creation ?? {};
  expect(usage.cache_creation_input_tokens).toBe(written1h + written5m);
  return { read: usage.cache_read_input_tokens ?? 0, written1h, written5m };
}
