import type {
  ContentBlockParam,
  MessageCreateParams,
  MessageParam,
} from "@anthropic-ai/sdk/resources/messages";

/** A tool call of the current turn and what came of it. */
export interface PastCall {
  readonly name: string;
  readonly input: unknown;
  /** Which assistant message of the turn made it, from 0. */
  readonly round: number;
  readonly result: PastResult | undefined;
}

interface PastResult {
  /** All text of the result. */
  readonly text: string;
  /** The text read as JSON, where it is JSON; else the text itself. */
  readonly value: unknown;
  readonly isError: boolean;
}

/** Everything since a person last asked something. */
export interface Turn {
  readonly question: string;
  /** What the person asked before, if anything. */
  readonly earlier: string | undefined;
  readonly calls: readonly PastCall[];
  /** How many assistant messages of this turn called tools. */
  readonly rounds: number;
}

/** Finds the current turn in the messages of a request. */
export function readTurn({ messages }: Pick<MessageCreateParams, "messages">): Turn {
  const spoken = messages.filter(({ role }) => role !== "system");
  const start = turnStart(spoken, spoken.length);
  const turn = spoken.slice(start);
  const question = said(turn);
  const before = spoken.slice(turnStart(spoken, start), start);
  const calling = turn.filter((message) => callsOf(message).length > 0);
  const results = resultsOf(turn);
  return {
    question,
    earlier: before.length > 0 ? said(before) : undefined,
    calls: calling.flatMap((message, round) =>
      callsOf(message).map(({ id, name, input }) => ({ name, input, round, result: results.get(id) })),
    ),
    rounds: calling.length,
  };
}

/**
 * The last message before `end` with which a person began something new. What a person adds while tools are at work
 * belongs to the turn that goes on.
 */
function turnStart(messages: readonly MessageParam[], end: number): number {
  for (let index = end - 1; index > 0; index--) {
    const message = messages[index];
    if (message?.role !== "user" || texts(message).length === 0) continue;
    const previous = messages.slice(0, index).findLast(({ role }) => role === "assistant");
    if (!previous || callsOf(previous).length === 0) return index;
  }
  return 0;
}

function said(messages: readonly MessageParam[]): string {
  return messages
    .filter(({ role }) => role === "user")
    .flatMap(texts)
    .join("\n");
}

function blocksOf({ content }: MessageParam): readonly ContentBlockParam[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

function texts(message: MessageParam): string[] {
  return blocksOf(message).flatMap((block) => (block.type === "text" ? [block.text] : []));
}

function callsOf(message: MessageParam): Extract<ContentBlockParam, { type: "tool_use" }>[] {
  return blocksOf(message).filter((block) => block.type === "tool_use");
}

function resultsOf(messages: readonly MessageParam[]): Map<string, PastResult> {
  const results = new Map<string, PastResult>();
  for (const block of messages.flatMap(blocksOf)) {
    if (block.type !== "tool_result") continue;
    const text = textOf(block.content);
    results.set(block.tool_use_id, { text, value: parsed(text), isError: block.is_error === true });
  }
  return results;
}

function textOf(content: Extract<ContentBlockParam, { type: "tool_result" }>["content"]): string {
  if (content === undefined || typeof content === "string") return content ?? "";
  return content.map((block) => (block.type === "text" ? block.text : `(${block.type})`)).join("\n");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
