import type Anthropic from "@anthropic-ai/sdk";
import type { Claude, ModelRequest } from "@lockstitch/core";
import { streamEvents } from "@lockstitch/testing";
import { turns } from "./clock.js";

/** What the first run is asked, and what the run after it is. */
export const firstInput = "Begin.";
export const secondInput = "Still there?";

/** Three steps: a call without effects; one without and one with effects, side by side; the answer. */
export const replies: readonly Anthropic.Message[] = [
  reply(1, [
    { type: "thinking", thinking: "Look there first.", signature: "c2lnbmVk" },
    { type: "text", text: "Let me look.", citations: null },
    call("toolu_a", "look", { city: "Oslo" }),
  ]),
  reply(2, [
    { type: "text", text: "Now both.", citations: null },
    call("toolu_b", "look", { city: "Bergen" }),
    call("toolu_c", "pay", { amount: 3 }),
  ]),
  reply(3, [
    { type: "thinking", thinking: "Done.", signature: "c2lnbmVk" },
    { type: "text", text: "It is cold, and paid.", citations: null },
  ]),
];

/** The same request is always given the same reply: what had been asked for is told by the history alone. */
export function replyTo({ messages }: Pick<ModelRequest, "messages">): Anthropic.Message {
  const last = messages.at(-1);
  if (last !== undefined && textsOf(last).includes(secondInput)) return plain("All is well.");
  const answered = messages.filter(({ role }) => role === "assistant").length;
  return replies[answered] ?? plain("Heard.");
}

/** A way to the model on which nothing goes wrong, and that lets others come in between any two events. */
export const healthyClaude: Claude = async (request, { signal, emit }) => {
  const message = replyTo(request);
  for (const event of streamEvents(message)) {
    await turns(1);
    signal.throwIfAborted();
    emit(event);
  }
  return message;
};

/** What a person or a model said in a message, block by block. */
export function textsOf({ content }: Anthropic.MessageParam): readonly string[] {
  if (typeof content === "string") return [content];
  return content.flatMap((block) => (block.type === "text" ? [block.text] : []));
}

function plain(text: string): Anthropic.Message {
  return reply(9, [{ type: "text", text, citations: null }]);
}

function call(id: string, name: string, input: object): Anthropic.ContentBlock {
  return { type: "tool_use", id, name, input } as Anthropic.ToolUseBlock;
}

function reply(serial: number, content: Anthropic.ContentBlock[]): Anthropic.Message {
  const calls = content.some(({ type }) => type === "tool_use");
  return {
    id: `msg_${serial}`,
    type: "message",
    role: "assistant",
    model: "claude-sonnet-5-5",
    content,
    stop_reason: calls ? "tool_use" : "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 5 },
  } as unknown as Anthropic.Message;
}
