import type { ContentBlock, Message, MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import type { CacheUsage } from "./cache/cache-usage.js";
import type { ReplyIds } from "./ids.js";
import type { MessageReply, ReplyBlock } from "./mind.js";
import { type Limited, limitReply, type Room, weightOf } from "./reply-limits.js";
import { canThink, isUnsigned, signThoughts } from "./reply-thinking.js";
import { contextWindowFor, type SimulatedModel } from "./simulated-model.js";
import { tokensIn, usageOf } from "./usage.js";
import { asWire } from "./wire.js";

/** What a message is made with, beside what was said. */
export interface Setting {
  readonly request: MessageCreateParams;
  readonly model: SimulatedModel;
  readonly ids: ReplyIds;
  readonly cache: CacheUsage;
  /** Those that the request named: they can make the context window larger. */
  readonly betas: readonly string[];
}

export interface BuiltMessage {
  readonly message: Message;
  /** The input of the last call as far as it came, if the reply was cut off within it. */
  readonly unfinishedInput?: string;
}

/** Turns what a mind said into the whole message that the API would send. */
export function buildMessage(reply: MessageReply, setting: Setting): BuiltMessage {
  const { request, model, ids, cache } = setting;
  const said = blocksOf(reply).filter((block) => !isUnsigned(block) || canThink(request, model));
  const limited = limitReply(said, request.stop_sequences ?? [], roomFor(setting));
  const completed = limited.content.map((block, index) => complete(block, index, ids));
  const content = signThoughts(completed, request, model) as ContentBlock[];
  const message = asWire<Message>({
    model: model.id,
    id: ids.message,
    type: "message",
    role: "assistant",
    content,
    ...endOf(reply, limited),
    usage: { ...usageOf(cache, outputOf(limited)), ...reply.usage },
  });
  const { unfinishedInput } = limited;
  return { message, ...(unfinishedInput === undefined ? {} : { unfinishedInput }) };
}

function blocksOf({ content }: MessageReply): readonly ReplyBlock[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** A prompt that leaves less of the context window than was asked for is answered as far as there is room. */
function roomFor({ request, model, cache, betas }: Setting): Room {
  const prompt = cache.read + cache.written5m + cache.written1h + cache.uncached;
  const left = Math.max(0, contextWindowFor(model, betas) - prompt);
  return request.max_tokens <= left
    ? { tokens: request.max_tokens, reason: "max_tokens" }
    : { tokens: left, reason: "model_context_window_exceeded" };
}

function outputOf({ content, tokens }: Limited): { tokens: number; thinkingTokens: number } {
  const thoughts = content.filter(({ type }) => type === "thinking");
  const thinkingTokens = tokensIn(thoughts.reduce((sum, block) => sum + weightOf(block), 0));
  return { tokens, thinkingTokens: Math.min(tokens, thinkingTokens) };
}

/** A limit ends a reply before its own end. */
function endOf(
  reply: MessageReply,
  { content, reason, sequence }: Limited,
): Pick<Message, "stop_reason" | "stop_sequence" | "stop_details"> {
  if (reason) return { stop_reason: reason, stop_sequence: sequence ?? null, stop_details: null };
  const { stop_reason, stop_sequence = null, stop_details = null } = reply;
  const callsTools = content.some(({ type }) => type === "tool_use");
  return {
    stop_reason: stop_reason ?? (callsTools ? "tool_use" : "end_turn"),
    stop_sequence,
    stop_details,
  };
}

/** Fills in what the mind left out. */
function complete(block: ReplyBlock, index: number, ids: ReplyIds): ReplyBlock {
  switch (block.type) {
    case "tool_use": {
      const { type, id = ids.toolUse(index), name, input = {}, ...rest } = block;
      return { type, id, name, input, caller: { type: "direct" }, ...rest };
    }
    case "server_tool_use": {
      const { type, id = ids.serverToolUse(index), name, input = {}, ...rest } = block;
      return { type, id, name, input, ...rest } as ReplyBlock;
    }
    default:
      return block;
  }
}
