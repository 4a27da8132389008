import type Anthropic from "@anthropic-ai/sdk";
import type { ModelCall } from "../claude-function.js";

/** Tells a reply that is there already as the stream that would have made it, each block in one piece, so that whoever watches sees it. */
export function playMessage(message: Anthropic.Message, emit: ModelCall["emit"]): void {
  const { content, stop_reason, stop_sequence, stop_details, container, usage } = message;
  emit({
    type: "message_start",
    message: { ...message, content: [], stop_reason: null, stop_sequence: null },
  });
  for (const [index, block] of content.entries()) {
    emit({ type: "content_block_start", index, content_block: emptied(block) });
    for (const delta of deltasOf(block)) emit({ type: "content_block_delta", index, delta });
    emit({ type: "content_block_stop", index, content_block: block });
  }
  emit({ type: "message_delta", delta: { stop_reason, stop_sequence, stop_details, container }, usage });
  emit({ type: "message_stop" });
}

/** As the API starts a block whose content comes in pieces; any other comes whole. */
function emptied(block: Anthropic.ContentBlock): Anthropic.ContentBlock {
  switch (block.type) {
    case "text":
      return { ...block, text: "", citations: null };
    case "thinking":
      return { ...block, thinking: "", signature: "" };
    case "tool_use":
    case "server_tool_use":
      return { ...block, input: {} };
    default:
      return block;
  }
}

function deltasOf(block: Anthropic.ContentBlock): readonly Anthropic.RawContentBlockDelta[] {
  switch (block.type) {
    case "text": {
      const citations = (block.citations ?? []).map(
        (citation) => ({ type: "citations_delta", citation }) as const,
      );
      return [...citations, { type: "text_delta", text: block.text }];
    }
    case "thinking":
      return [
        { type: "thinking_delta", thinking: block.thinking },
        { type: "signature_delta", signature: block.signature },
      ];
    case "tool_use":
    case "server_tool_use":
      return [{ type: "input_json_delta", partial_json: JSON.stringify(block.input) }];
    default:
      return [];
  }
}
