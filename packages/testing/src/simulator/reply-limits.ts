import type { StopReason } from "@anthropic-ai/sdk/resources/messages";
import type { ReplyBlock } from "./mind.js";
import { charactersIn, charactersOf, tokensIn } from "./usage.js";

/** How much of a reply there is room for, in tokens, and what its end is called. */
export interface Room {
  readonly tokens: number;
  readonly reason: "max_tokens" | "model_context_window_exceeded";
}

/** A reply after its limits. */
export interface Limited {
  readonly content: readonly ReplyBlock[];
  /** Tokens, estimated. */
  readonly tokens: number;
  /** Absent if the reply came to its own end. */
  readonly reason?: StopReason;
  /** The sequence it stopped at. */
  readonly sequence?: string;
  /** The input of the last call as far as it came: JSON without its end. */
  readonly unfinishedInput?: string;
}

/** Stops a reply before the first of the sequences, or where there is no more room, whatever comes first. */
export function limitReply(
  content: readonly ReplyBlock[],
  sequences: readonly string[],
  room: Room,
): Limited {
  // A request for no tokens only fills the prompt cache.
  if (room.tokens === 0) return { content: [], tokens: 0, reason: room.reason };
  const stopped = stopAtSequence(content, sequences);
  const characters = stopped.content.reduce((sum, block) => sum + weightOf(block), 0);
  const available = charactersIn(room.tokens);
  if (characters > available) {
    return { ...cutAt(stopped.content, available), tokens: room.tokens, reason: room.reason };
  }
  return { ...stopped, tokens: tokensIn(characters) };
}

/** What a block weighs, in characters: what the model wrote, without the fields around it. */
export function weightOf(block: ReplyBlock): number {
  switch (block.type) {
    case "text":
      return block.text.length;
    case "thinking":
      return block.thinking.length;
    case "tool_use":
    case "server_tool_use":
      return block.name.length + jsonOf(block.input).length;
    default:
      return charactersOf(block);
  }
}

/** Only what a model says is looked at, not what it thinks or calls. The sequence itself is left out. */
function stopAtSequence(
  content: readonly ReplyBlock[],
  sequences: readonly string[],
): Pick<Limited, "content" | "reason" | "sequence"> {
  for (const [index, block] of content.entries()) {
    if (block.type !== "text") continue;
    const found = firstSequence(block.text, sequences);
    if (found === undefined) continue;
    const text = block.text.slice(0, block.text.indexOf(found));
    const last = text === "" ? [] : [{ ...block, text }];
    return { content: [...content.slice(0, index), ...last], reason: "stop_sequence", sequence: found };
  }
  return { content };
}

/** The sequence that is complete first while the text is written. */
function firstSequence(text: string, sequences: readonly string[]): string | undefined {
  const ends = sequences.filter((sequence) => text.includes(sequence));
  return ends.sort((one, other) => endOf(text, one) - endOf(text, other))[0];
}

function endOf(text: string, sequence: string): number {
  return text.indexOf(sequence) + sequence.length;
}

function cutAt(
  content: readonly ReplyBlock[],
  characters: number,
): Pick<Limited, "content" | "unfinishedInput"> {
  let left = characters;
  for (const [index, block] of content.entries()) {
    const weight = weightOf(block);
    if (weight <= left) {
      left -= weight;
      continue;
    }
    const whole = content.slice(0, index);
    if (left === 0) return { content: whole };
    switch (block.type) {
      case "text":
        return { content: [...whole, { ...block, text: start(block.text, left) }] };
      case "thinking":
        return { content: [...whole, { ...block, thinking: start(block.thinking, left) }] };
      case "tool_use":
      case "server_tool_use": {
        const unfinishedInput = start(jsonOf(block.input), left - block.name.length);
        const input = finishedFields(block.input, unfinishedInput.length);
        return { content: [...whole, { ...block, input } as ReplyBlock], unfinishedInput };
      }
      default:
        // What the API's own tools bring comes whole or not at all.
        return { content: whole };
    }
  }
  return { content };
}

/** Never half of a character, which would be no text. */
function start(text: string, length: number): string {
  const cut = text.slice(0, Math.max(0, length));
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}

/** The fields whose values had been written to the end, as a reader of the cut JSON finds them. */
function finishedFields(input: unknown, length: number): Record<string, unknown> {
  const finished: Record<string, unknown> = {};
  let end = 0;
  for (const [name, value] of Object.entries(input ?? {})) {
    end += `,${JSON.stringify(name)}:${jsonOf(value)}`.length;
    if (end > length) break;
    finished[name] = value;
  }
  return finished;
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value) ?? "";
}
