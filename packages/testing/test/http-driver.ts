import Anthropic from "@anthropic-ai/sdk";
import { afterEach } from "vitest";
import { createSimulator, type Reply, type Simulator, type SimulatorOptions } from "../src/index.js";

const open: Simulator[] = [];

export async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await createSimulator({ now: () => Date.parse("2026-11-22T10:00:00Z"), ...options });
  open.push(simulator);
  return simulator;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

export function clientOf(simulator: Simulator, options: Record<string, unknown> = {}): Anthropic {
  return new Anthropic({ baseURL: simulator.url, apiKey: "sk-test", maxRetries: 0, ...options });
}

export const question = {
  model: "claude-haiku-5-5",
  max_tokens: 1_000,
  messages: [{ role: "user" as const, content: "Hello" }],
};

export const everyKind: Reply = {
  content: [
    { type: "thinking", thinking: "Let me think about that.", signature: "c2lnbmF0dXJl" },
    { type: "text", text: "Ça va? 👩‍🚀 Here are  two\nlines, and a verylongwordwithoutanyspaceinit. " },
    {
      type: "tool_use",
      name: "get_weather",
      input: { place: "Tromsø 🌨️", days: 3, nested: { list: [1, null] } },
    },
    { type: "tool_use", name: "get_time", input: {} },
  ],
};

export async function post(
  simulator: Simulator,
  body: unknown,
  headers: Record<string, string> = {},
  path = "/v1/messages",
): Promise<{ status: number; body: { error?: { type: string; message: string }; request_id?: string } }> {
  const response = await fetch(`${simulator.url}${path}`, {
    method: "POST",
    headers: { "x-api-key": "key", "anthropic-version": "2026-10-21", ...headers },
    body:
      typeof body === "string"
        ? body
        : body instanceof Uint8Array
          ? new Uint8Array(body)
          : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as never };
}

export function withoutIds(message: Anthropic.Message): object {
  return JSON.parse(JSON.stringify(message).replace(/(msg|toolu)_[0-9A-Za-z]+/g, "$1"));
}
