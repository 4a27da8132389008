import type Anthropic from "@anthropic-ai/sdk";
import type { StreamEvent } from "@lockstitch/core";
import { blockHead } from "./block-head.js";

/** A whole message as the stream events that would have made it, in pieces of a few characters. */
export function* streamEvents(message: Anthropic.Message): Generator<StreamEvent> {
  const start = {
    ...message,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...message.usage, output_tokens: 1 },
  };
  yield { type: "message_start", message: start };
  for (const [index, block] of message.content.entries()) {
    yield { type: "content_block_start", index, content_block: blockHead(block) };
    for (const delta of deltasOf(block)) yield { type: "content_block_delta", index, delta };
    yield { type: "content_block_stop", index, content_block: block };
  }
  const { stop_reason, stop_sequence, stop_details, container, usage } = message;
  yield { type: "message_delta", delta: { stop_reason, stop_sequence, stop_details, container }, usage };
  yield { type: "message_stop" };
}

function deltasOf(block: Anthropic.ContentBlock): Anthropic.RawContentBlockDelta[] {
  switch (block.type) {
    case "text":
      return pieces(block.text).map((text) => ({ type: "text_delta", text }));
    case "thinking":
      return [
        ...pieces(block.thinking).map((thinking) => ({
          type: "thinking_delta" as const,
          thinking,
          estimated_tokens: null,
        })),
        { type: "signature_delta", signature: block.signature },
      ];
    case "tool_use":
    case "server_tool_use":
      return pieces(JSON.stringify(block.input)).map((partial_json) => ({
        type: "input_json_delta",
        partial_json,
      }));
    default:
      return [];
  }
}

function pieces(text: string): string[] {
  return text.match(/[\s\S]{1,12}/gu) ?? [];
}
