import type Anthropic from "@anthropic-ai/sdk";

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
