import type Anthropic from "@anthropic-ai/sdk";
import {
  BrokenStreamError,
  type Claude,
  costOf,
  type ModelRequest,
  officialPrices,
  type Usage,
} from "@lockstitch/core";
import { toolUse } from "@lockstitch/testing";
import { apiError } from "../helpers.js";

/** Chance that a seed rules. */
export type Draw = (below: number) => number;

export function createDraw(seed: number): Draw {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below;
  };
}

/** What an account is billed, whoever hears of it. */
export interface Bill {
  usd: number;
  tokens: number;
  calls: number;
}

/**
 * An API that bills as the real one may: for every prompt that it began to answer and all that it wrote of the answer, whether
 * anybody received it or not. Its replies are anything: whole, refused, broken off before or after the first event.
 */
export function billingApi(draw: Draw, bill: Bill): Claude {
  let serial = 0;
  // An API at its dearest leaves no slack in what was reserved, so that a part which is not counted shows.
  const isDear = draw(2) < 1;
  const bytesPerToken = isDear ? 1 : 1 + draw(4);
  return async (request, call) => {
    bill.calls += 1;
    const prompt = tokensOf(request, bytesPerToken);
    // As much as the smallest window takes.
    if (prompt > 200_000) throw apiError(400, "invalid_request_error");
    const kind = draw(10);
    if (kind < 1) throw apiError(kind < 0.5 ? 500 : 429, kind < 0.5 ? "api_error" : "rate_limit_error");
    const written = Math.max(
      1,
      Math.floor(isDear || draw(2) < 1 ? request.max_tokens : draw(request.max_tokens)),
    );
    const usage = isDear ? written1h(prompt, written) : split(draw, prompt, written);
    const { usd } = costOf(officialPrices, request.model, usage, Date.UTC(2026, 10, 22));
    bill.usd += usd ?? Number.POSITIVE_INFINITY;
    bill.tokens += prompt + written;
    const message = replyTo(request, draw, usage, () => `toolu_${++serial}`);
    if (kind < 3) {
      // The first event tells the prompt's tokens; the reply breaks off before or after it.
      if (kind < 2)
        call.emit({
          type: "message_start",
          message: { ...message, content: [], usage: { ...message.usage, output_tokens: 1 } },
        });
      throw new BrokenStreamError("cut off");
    }
    return message;
  };
}

/** A tokenizer of which no token is less than a byte: of what a model sees, all of which counts, keys and numbers too. */
function tokensOf({ system, tools, messages }: ModelRequest, bytesPerToken: number): number {
  const isDeferred = (tool: object) => "defer_loading" in tool && tool.defer_loading === true;
  const prefix = Buffer.byteLength(jsonOf([system ?? "", (tools ?? []).filter((tool) => !isDeferred(tool))]));
  const said = messages.reduce((sum, { content }) => sum + 4 + bytesOf(content), 0);
  return Math.ceil(8 + (prefix + said + bytesOfReferred(tools, messages)) / bytesPerToken);
}

/** In place of each reference the definition of its tool stands in the prompt. */
function bytesOfReferred(tools: ModelRequest["tools"] = [], messages: ModelRequest["messages"]): number {
  const referred = messages.flatMap(({ content }) =>
    typeof content === "string"
      ? []
      : content.flatMap((block) =>
          block.type === "tool_result" && typeof block.content !== "string" ? (block.content ?? []) : [],
        ),
  );
  return referred.reduce((sum, block) => {
    if (block.type !== "tool_reference") return sum;
    const tool = tools.find((one) => "name" in one && one.name === block.tool_name);
    return sum + Buffer.byteLength(jsonOf(tool ?? ""));
  }, 0);
}

/** Text as it is, all else as JSON. */
function bytesOf(content: Anthropic.MessageParam["content"]): number {
  if (typeof content === "string") return Buffer.byteLength(content);
  return content.reduce((sum, block) => {
    if (block.type === "text") return sum + 4 + Buffer.byteLength(block.text);
    if (block.type === "tool_use") return sum + 12 + Buffer.byteLength(block.name + jsonOf(block.input));
    if (block.type !== "tool_result") return sum + Buffer.byteLength(jsonOf(block));
    return sum + 12 + bytesOf((block.content ?? "") as Anthropic.MessageParam["content"]);
  }, 0);
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value, (key, item) => (key === "cache_control" ? undefined : item));
}

function written1h(prompt: number, output_tokens: number): Usage {
  return {
    input_tokens: 0,
    cache_creation_input_tokens: prompt,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: prompt },
    output_tokens,
  };
}

function split(draw: Draw, prompt: number, output_tokens: number): Usage {
  const written = Math.floor(draw(prompt));
  const read = Math.floor(draw(prompt - written));
  const hour = Math.floor(draw(written));
  return {
    input_tokens: prompt - written - read,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    cache_creation: { ephemeral_5m_input_tokens: written - hour, ephemeral_1h_input_tokens: hour },
    output_tokens,
  };
}

/** Numbers and short keys, of which there is more than there are words. */
function inputOf(draw: Draw, most = 40): Record<string, unknown> {
  const points = Array.from({ length: Math.floor(draw(most)) }, (_, at) => [`座標${at}`, draw(1)]);
  return { words: "w".repeat(Math.floor(draw(400))), ...Object.fromEntries(points) };
}

/** What was said before with another model, so that nobody has counted it for this one. */
export function conversation(draw: Draw): Anthropic.MessageParam[] {
  const calls = Array.from({ length: 1 + Math.floor(draw(2)) }, (_, at) => ({
    type: "tool_use" as const,
    name: "look",
    input: inputOf(draw, 600),
    id: `toolu_before_${at}`,
  }));
  const results = calls.map(({ id, input }) => ({
    type: "tool_result" as const,
    tool_use_id: id,
    content: JSON.stringify(input),
  }));
  return [
    { role: "user", content: "Look." },
    { role: "assistant", content: calls },
    { role: "user", content: results },
    { role: "assistant", content: "Seen." },
    { role: "user", content: "Go." },
  ];
}

function replyTo(request: ModelRequest, draw: Draw, usage: Usage, id: () => string): Anthropic.Message {
  const names = (request.tools ?? []).flatMap((tool) => ("name" in tool ? [tool.name] : []));
  const calls = Array.from({ length: Math.floor(draw(4)) }, () => {
    const name = names[Math.floor(draw(names.length))] ?? "look";
    return { ...toolUse(name, inputOf(draw)), id: id() };
  });
  const text = { type: "text", text: "x".repeat(1 + Math.floor(draw(2_000))), citations: null };
  return {
    id: id(),
    type: "message",
    role: "assistant",
    model: request.model,
    content: [text, ...calls],
    stop_reason: calls.length > 0 ? "tool_use" : "end_turn",
    stop_sequence: null,
    usage,
  } as unknown as Anthropic.Message;
}
