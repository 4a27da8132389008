import type Anthropic from "@anthropic-ai/sdk";
import { findModel, refuses } from "../../models/models.js";

type Message = Anthropic.MessageParam;

/** Thinking is bound to the prefix it was made after: behind another one the API refuses it. */
export function withoutThinking(message: Message): Message {
  if (message.role !== "assistant" || typeof message.content === "string") return message;
  const content = message.content.filter(({ type }) => type !== "thinking" && type !== "redacted_thinking");
  if (content.length === message.content.length) return message;
  return content.length === 0
    ? { ...message, content: [{ type: "text", text: "(thinking)" }] }
    : { ...message, content };
}

/**
 * Whether a model refuses thoughts behind what has changed. The others want the thoughts of a turn that calls tools back, whatever has
 * changed before them.
 */
export function bindsThinking(model: string): boolean {
  return findModel(model) === undefined || refuses(model, "changed_history");
}

/** "The final block in an assistant message cannot be `thinking`". */
export function withoutLastThoughts<Block extends { readonly type: string }>(
  content: readonly Block[],
): readonly Block[] {
  const last = content.findLastIndex(({ type }) => type !== "thinking" && type !== "redacted_thinking");
  return content.slice(0, last + 1);
}
