import type {
  ContentBlock,
  Message,
  MessageDeltaUsage,
  RawContentBlockDelta,
  RawMessageDeltaEvent,
  RawMessageStreamEvent,
} from "@anthropic-ai/sdk/resources/messages";
import { blockHead } from "../block-head.js";
import { asWire } from "./wire.js";

export type StreamEvent = RawMessageStreamEvent | { readonly type: "ping" };

/**
 * Cuts a whole message into the events of the API's stream; put together again they give the same message.
 * `unfinishedInput` is what there is of the last block's input, if the message was cut off in the middle of it.
 */
export function* cutIntoEvents(message: Message, unfinishedInput?: string): Generator<StreamEvent> {
  const { content, stop_reason, stop_sequence, stop_details, usage } = message;
  // Nothing has been thought yet.
  const { output_tokens_details: _, ...usageAtStart } = usage;
  yield {
    type: "message_start",
    message: {
      ...message,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      usage: asWire<Message["usage"]>({
        ...usageAtStart,
        output_tokens: Math.min(usage.output_tokens, 1),
      }),
    },
  };
  for (const [index, block] of content.entries()) {
    yield { type: "content_block_start", index, content_block: blockHead(block) };
    if (index === 0) yield { type: "ping" };
    const unfinished = index === content.length - 1 ? unfinishedInput : undefined;
    for (const delta of deltas(block, unfinished)) yield { type: "content_block_delta", index, delta };
    yield { type: "content_block_stop", index };
  }
  yield {
    type: "message_delta",
    delta: asWire<RawMessageDeltaEvent.Delta>({ stop_reason, stop_sequence, stop_details }),
    usage: cumulative(usage),
  };
  yield { type: "message_stop" };
}

/** How an event goes over the wire. */
export function encodeEvent(event: StreamEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function deltas(block: ContentBlock, unfinishedInput?: string): RawContentBlockDelta[] {
  switch (block.type) {
    case "text":
      return words(block.text).map((text) => ({ type: "text_delta", text }));
    case "thinking":
      return [
        ...words(block.thinking).map((thinking) =>
          asWire<RawContentBlockDelta>({ type: "thinking_delta", thinking }),
        ),
        { type: "signature_delta", signature: block.signature },
      ];
    case "tool_use":
    case "server_tool_use":
      return jsonPieces(unfinishedInput ?? JSON.stringify(block.input)).map((partial_json) => ({
        type: "input_json_delta",
        partial_json,
      }));
    default:
      return [];
  }
}

/** Cut before spaces and never inside a character, so that every piece is printable text. */
function words(text: string): string[] {
  return text.match(/\s*\S{1,12}|\s+$/gu) ?? [];
}

/** The API opens a tool input with an empty piece, and sends nothing more for an empty input. */
function jsonPieces(json: string): string[] {
  return ["", ...(json === "{}" ? [] : (json.match(/[\s\S]{1,14}/gu) ?? []))];
}

/** Every number is the total of the whole message, to be overwritten and never added up. */
function cumulative(usage: Message["usage"]): MessageDeltaUsage {
  return asWire<MessageDeltaUsage>({
    input_tokens: usage.input_tokens,
    cache_creation_input_tokens: usage.cache_creation_input_tokens,
    cache_read_input_tokens: usage.cache_read_input_tokens,
    output_tokens: usage.output_tokens,
    ...(usage.output_tokens_details ? { output_tokens_details: usage.output_tokens_details } : {}),
    ...(usage.server_tool_use ? { server_tool_use: usage.server_tool_use } : {}),
  });
}
