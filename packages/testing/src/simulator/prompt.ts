import { createHash } from "node:crypto";
import type { MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";

/** A piece of a prompt: a tool, a block of the system prompt, or a block of a message. */
export interface PromptBlock {
  readonly section: "tools" | "system" | "messages";
  /** What it is, in full; two blocks with the same content are the same to the model. Cache markers don't count. */
  readonly content: string;
  /** Where it stands in the request; a text that is not in a list is its own first block. */
  readonly path: string;
  readonly value: unknown;
  /** What stands in the request for it, with the message around it if it is a message's first. */
  readonly written: unknown;
}

type Prompt = Pick<MessageCreateParams, "messages" | "system" | "tools">;

/** A prompt's blocks in the order in which the model reads them. */
export function* promptBlocks({ tools, system, messages }: Prompt): Generator<PromptBlock> {
  for (const [index, tool] of (tools ?? []).entries()) {
    yield {
      section: "tools",
      content: contentOf(tool),
      path: `tools.${index}`,
      value: tool,
      written: tool,
    };
  }
  for (const [index, value] of asBlocks(system ?? []).entries()) {
    yield {
      section: "system",
      content: contentOf(value),
      path: `system.${index}`,
      value,
      // In a list of its own: a prefix must not change its size because more comes after it.
      written: [value],
    };
  }
  for (const [index, { role, content }] of messages.entries()) {
    for (const [position, value] of asBlocks(content).entries()) {
      yield {
        section: "messages",
        // Messages of the same role that follow each other are one turn to the model, however they were cut.
        content: spoken(role, value),
        path: `messages.${index}.content.${position}`,
        value,
        written: position > 0 ? value : { role, content: [value] },
      };
    }
  }
}

/** A digest of a prefix and of what comes after it: equal only if both are. */
export function extend(prefix: string, content: string): string {
  return createHash("sha256").update(`${prefix}\n${content}`).digest("base64");
}

/** A block of a message as it stands in a prompt. */
export function spoken(role: string, value: unknown): string {
  return `${role} ${contentOf(value)}`;
}

function asBlocks<Block>(content: string | readonly Block[]): readonly unknown[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/**
 * A block's content in one spelling: without what is left out or says nothing, its own fields in one order. What
 * lies deeper (a tool's schema, a call's input) is taken to the letter, as the model reads it.
 */
function contentOf(value: unknown): string {
  const said = Object.entries(value as object).filter(([name, inner]) => !saysNothing(name, inner));
  const fields = said.map(([name, inner]): [string, unknown] => [
    name,
    name === "content" && typeof inner === "string" ? asBlocks(inner) : inner,
  ]);
  fields.sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify(fields, (name, inner: unknown) => (name === "cache_control" ? undefined : inner));
}

function saysNothing(name: string, value: unknown): boolean {
  switch (name) {
    case "cache_control":
      return true;
    case "is_error":
      return value !== true;
    case "caller":
      return (value as { type?: unknown } | null)?.type === "direct";
    default:
      return value === null || value === undefined;
  }
}
