import type { ContentBlock, Message, MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import type { ReplyIds } from "./ids.js";
import type { MessageReply, ReplyBlock } from "./mind.js";
import { estimateInputTokens, estimateUsage } from "./usage.js";
import { asWire } from "./wire.js";

/** Turns what a mind said into the whole message that the API would send. */
export function buildMessage(request: MessageCreateParams, reply: MessageReply, ids: ReplyIds): Message {
  // `max_tokens: 0` only fills the prompt cache: the API answers with no content at all.
  const content =
    request.max_tokens === 0 ? [] : reply.content.map((block, index) => complete(block, index, ids));
  const callsTools = content.some((block) => block.type === "tool_use");
  return asWire<Message>({
    model: request.model,
    id: ids.message,
    type: "message",
    role: "assistant",
    content,
    stop_reason:
      request.max_tokens === 0 ? "max_tokens" : (reply.stopReason ?? (callsTools ? "tool_use" : "end_turn")),
    stop_sequence: reply.stopSequence ?? null,
    stop_details: null,
    usage: { ...estimateUsage(estimateInputTokens(request), content), ...reply.usage },
  });
}

function complete(block: ReplyBlock, index: number, ids: ReplyIds): ContentBlock {
  if (block.type !== "tool_use") return block as ContentBlock;
  const { type, id = ids.toolUse(index), name, input, ...rest } = block;
  return { type, id, name, input, caller: { type: "direct" }, ...rest };
}
