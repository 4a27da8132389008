import type Anthropic from "@anthropic-ai/sdk";
import { AgentError } from "./errors.js";
import { wellFormed } from "./well-formed.js";

/** What a person says to an agent: text, content blocks, or messages of a conversation so far. */
export type Input = string | readonly Anthropic.ContentBlockParam[] | readonly Anthropic.MessageParam[];

/** Any input as messages. Throws `AgentError` for one that says nothing, or that the API would refuse. */
export function toMessages(input: Input): readonly Anthropic.MessageParam[] {
  const messages = wellFormed(asMessages(input));
  for (const { role, content } of messages) {
    if (!["user", "assistant", "system"].includes(role))
      throw new AgentError(
        `A message of the input has the role ${JSON.stringify(role)}; it must be user, assistant or system.`,
      );
    const blocks = typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
    if (!Array.isArray(blocks) || blocks.length === 0)
      throw new AgentError("A message of the input has no content.");
    for (const block of blocks) checkBlock(block, role);
  }
  return messages;
}

function asMessages(input: Input): readonly Anthropic.MessageParam[] {
  if (typeof input === "string") return [{ role: "user", content: input }];
  if (!Array.isArray(input) || input.length === 0 || !input.every(isObject)) {
    throw new AgentError(
      "The input is empty or of an unknown kind. Give a string, content blocks, or messages.",
    );
  }
  if (input.some((item) => "then" in item))
    throw new AgentError("The input holds a promise. Await it first, e.g. [await image(…)].");
  const items = input as readonly (Anthropic.ContentBlockParam | Anthropic.MessageParam)[];
  const messages = items.filter((item): item is Anthropic.MessageParam => "role" in item);
  if (messages.length === items.length) return structuredClone(messages);
  if (messages.length > 0)
    throw new AgentError(
      "The input mixes content blocks with messages. Put the blocks into a message of their own.",
    );
  return [{ role: "user", content: structuredClone(items) as Anthropic.ContentBlockParam[] }];
}

/** What the API takes in a message that is not the assistant's; anything else would spoil the session for good. */
const said: ReadonlySet<string> = new Set<Anthropic.ContentBlockParam["type"]>([
  "text",
  "image",
  "document",
  "search_result",
  "tool_result",
  "container_upload",
]);

function checkBlock(block: unknown, role: string): void {
  if (!isObject(block) || !("type" in block) || typeof block.type !== "string") {
    throw new AgentError(
      `The input holds something that is no content block: ${JSON.stringify(block)?.slice(0, 80)}. A block has a type, e.g. { type: "text", text }.`,
    );
  }
  if (role !== "assistant" && !said.has(block.type))
    throw new AgentError(
      `The input holds a block of type ${JSON.stringify(block.type)}, which the API refuses from a user. These may be said: ${[...said].join(", ")}.`,
    );
  if (block.type !== "text") return;
  const text = "text" in block ? block.text : undefined;
  if (typeof text !== "string") throw new AgentError("The input holds a text block without text.");
  if (role === "assistant" ? text === "" : text.trim() === "")
    throw new AgentError("The input is empty. Say what the agent should do.");
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
