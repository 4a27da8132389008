import type Anthropic from "@anthropic-ai/sdk";

/** A block as its stream begins it: what its deltas will bring is empty. Blocks without deltas come whole. */
export function blockHead(block: Anthropic.ContentBlock): Anthropic.ContentBlock {
  switch (block.type) {
    case "text":
      return { ...block, text: "" };
    case "thinking":
      return { ...block, thinking: "", signature: "" };
    case "tool_use":
    case "server_tool_use":
      return { ...block, input: {} };
    default:
      return block;
  }
}
