import type Anthropic from "@anthropic-ai/sdk";
import { type Cost, isSummary, type Result, type Usage } from "@lockstitch/core";
import { isObject } from "../record/is-object.js";

/** What the matchers look at: a result, what `partialOf(error)` gives, or messages alone. */
export interface Conversation {
  readonly messages: readonly Anthropic.MessageParam[];
  readonly calls: readonly RequestedCall[];
  /** What was said and called before is not known: a summary stands in its place. */
  readonly isSummarised: boolean;
  /** Everything that the assistant said, reply by reply. */
  readonly said: readonly string[];
  /** Why the run ended; `"waiting"` where it waits for a person; none of messages alone. */
  readonly ending: string | undefined;
  readonly limit: string | undefined;
  readonly usage: Usage | undefined;
  readonly cost: Cost | undefined;
}

/** A tool call that the model asked for. */
export interface RequestedCall {
  readonly name: string;
  readonly input: unknown;
}

/** Throws `TypeError` for anything that is no conversation. */
export function conversationOf(received: unknown): Conversation {
  if (isObject(received) && typeof received.then === "function")
    throw new TypeError("This is a run that goes on. Await it first: expect(await run(…)).");
  const fields = Array.isArray(received) ? { messages: received } : received;
  if (!isObject(fields) || !Array.isArray(fields.messages) || !fields.messages.every(isMessage))
    throw new TypeError(
      "This is neither a Result nor its messages. Give expect() what an awaited run gives.",
    );
  const { messages, usage, cost, status, reason, limit } = fields as unknown as Partial<Result> & {
    readonly messages: Conversation["messages"];
    readonly reason?: string;
    readonly limit?: string;
  };
  const replies = messages.filter(({ role }) => role === "assistant");
  return {
    messages,
    isSummarised: messages[0] !== undefined && isSummary(messages[0]),
    calls: replies.flatMap((reply) => blocksOf(reply).filter(isCall)),
    said: replies.map(textOf),
    ending: status === "waiting" ? "waiting" : reason,
    limit,
    usage,
    cost,
  };
}

function isMessage(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value.role === "string" &&
    (typeof value.content === "string" || Array.isArray(value.content))
  );
}

type Block = Anthropic.ContentBlockParam;

function blocksOf({ content }: Anthropic.MessageParam): readonly Block[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** Those that the API runs itself are calls too. */
function isCall(block: Block): block is Anthropic.ToolUseBlockParam | Anthropic.ServerToolUseBlockParam {
  return block.type.endsWith("tool_use");
}

function textOf(message: Anthropic.MessageParam): string {
  return blocksOf(message)
    .flatMap((block) => (block.type === "text" ? [block.text] : []))
    .join("");
}

/** The conversation for a failure message: who said what, which calls with which input, results cut short. */
export function conversationText({ messages, ending, limit }: Conversation): string {
  const lines = messages.flatMap((message) => blocksOf(message).map((block) => lineOf(message.role, block)));
  const end =
    ending === undefined
      ? []
      : [`(${ending === "waiting" ? "waits for a person" : `ended with ${limit ?? ending}`})`];
  const shown =
    lines.length > most ? [`… ${lines.length - most} lines before`, ...lines.slice(-most)] : lines;
  return ["The conversation:", ...[...shown, ...end].map((line) => `  ${line}`)].join("\n");
}

/** Of a long one the end tells most. */
const most = 40;

function lineOf(role: string, block: Block): string {
  if (isCall(block)) return `  → ${callWords(block)}`;
  switch (block.type) {
    case "text":
      return `${role}: ${cut(block.text)}`;
    case "thinking":
      return `${role} thinks: ${cut(block.thinking)}`;
    case "tool_result":
      return `  ← ${block.is_error === true ? "error: " : ""}${cut(contentWords(block.content))}`;
    default:
      return block.type.endsWith("_tool_result") ? `  ← (${block.type})` : `${role}: (${block.type})`;
  }
}

export function callWords({ name, input }: RequestedCall): string {
  return `${name} ${cut(JSON.stringify(input))}`;
}

function contentWords(content: Anthropic.ToolResultBlockParam["content"]): string {
  if (content === undefined || typeof content === "string") return content ?? "";
  return content.map((block) => (block.type === "text" ? block.text : `(${block.type})`)).join(" ");
}

const longest = 160;

function cut(text: string): string {
  // What a model or a tool said must not command the terminal that a test reports to.
  const line = text.replaceAll(/\s*\n\s*/g, " ⏎ ").replaceAll(/\p{Cc}/gu, escaped);
  return line.length > longest
    ? `${line.slice(0, longest).toWellFormed()}… (${line.length} characters)`
    : line;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
