import type Anthropic from "@anthropic-ai/sdk";
import { AgentError } from "./errors.js";
import type { Input } from "./input.js";
import { maySay, saidMisfit, typesSaidBy } from "./pure/conversation/said-blocks.js";
import { type Fields, isFields } from "./pure/tool-result/shape.js";
import { wellFormed } from "./well-formed.js";

type Message = Anthropic.MessageParam;

/** Any input as messages. Throws `AgentError` for one that says nothing, or that the API would refuse. */
export function toMessages(input: Input): readonly Message[] {
  const messages = wellFormed(asMessages(input));
  for (const [index, message] of messages.entries()) checkMessage(message, `messages.${index}`);
  return messages;
}

function asMessages(input: Input): readonly Message[] {
  if (typeof input === "string") return [{ role: "user", content: input }];
  if (!Array.isArray(input) || input.length === 0 || !input.every(isObject)) {
    throw new AgentError(
      "The input is empty or of an unknown kind. Give a string, content blocks, or messages.",
    );
  }
  if (input.some((item) => "then" in item))
    throw new AgentError("The input holds a promise. Await it first, e.g. [await image(…)].");
  const items = input as readonly (Anthropic.ContentBlockParam | Message)[];
  const messages = items.filter((item): item is Message => "role" in item);
  if (messages.length === items.length) return copyOf(messages);
  if (messages.length > 0)
    throw new AgentError(
      "The input mixes content blocks with messages. Put the blocks into a message of their own.",
    );
  return [{ role: "user", content: copyOf(items) as Anthropic.ContentBlockParam[] }];
}

/** The caller may go on changing what was given, and a log must not change with it. */
function copyOf<Value>(value: Value): Value {
  try {
    return structuredClone(value);
  } catch (error) {
    throw new AgentError("The input holds what is no data, e.g. a function. Give texts and content blocks.", {
      cause: error,
    });
  }
}

function checkMessage({ role, content, ...others }: Message, place: string): void {
  if (!["user", "assistant", "system"].includes(role))
    throw new AgentError(
      `A message of the input has the role ${JSON.stringify(role)}; it must be user, assistant or system.`,
    );
  const [other] = Object.keys(others);
  // Of a system message a beta of the API takes more.
  if (other !== undefined && role !== "system")
    throw new AgentError(
      `A message of the input has a field ${JSON.stringify(other)}, which the API refuses. Give { role, content } of it alone.`,
    );
  const blocks = typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
  if (!Array.isArray(blocks) || blocks.length === 0)
    throw new AgentError("A message of the input has no content.");
  for (const [index, block] of blocks.entries()) checkBlock(block, role, `${place}.content.${index}`);
}

function checkBlock(block: unknown, role: Message["role"], place: string): void {
  if (!isFields(block) || typeof block.type !== "string") {
    throw new AgentError(
      `The input holds something that is no content block: ${JSON.stringify(block)?.slice(0, 80)}. A block has a type, e.g. { type: "text", text }.`,
    );
  }
  if (!maySay(role, block.type)) throw new AgentError(notSaid(block.type, role));
  const misfit = saidMisfit(role, block);
  if (misfit !== undefined)
    throw new AgentError(
      `The API would refuse this input, so it was not taken: ${place}.${misfit.path} must be ${misfit.wanted}.`,
    );
  if (isBlank(block, role)) throw new AgentError("The input is empty. Say what the agent should do.");
}

function notSaid(type: string, role: Message["role"]): string {
  const types = typesSaidBy(role)?.join(", ");
  const wayOut = types === undefined ? "Let the user say it." : `These may be said: ${types}.`;
  return `The input holds a block of type ${JSON.stringify(type)}, which the API refuses from ${role === "user" ? "a user" : `a message of the ${role}`}. ${wayOut}`;
}

/** A person's text must say something; of the assistant's own only nothing at all is refused. */
function isBlank({ type, text }: Fields, role: Message["role"]): boolean {
  if (type !== "text" || typeof text !== "string") return false;
  return (role === "assistant" ? text : text.trim()) === "";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
