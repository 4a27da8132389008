import type { Message, RawContentBlockDelta } from "@anthropic-ai/sdk/resources/messages";
import type { StreamEvent } from "../event-stream.js";

/** How fast replies come. */
export interface Pace {
  /** Milliseconds until an answer begins, its headers included. Default 0. */
  readonly timeToFirstTokenMs?: number;
  /** Output tokens a second. A reply that is not streamed comes when the last of them would have. Default: all at once. */
  readonly tokensPerSecond?: number;
  /** Characters in each piece of text, thinking or tool input of a stream. Default: pieces of about a word. */
  readonly chunkCharacters?: number;
}

export interface PacedEvent {
  readonly event: StreamEvent;
  /** How long to wait before it is sent. */
  readonly waitMs: number;
}

/** A token in a day or so; far below it the time of a whole reply would be more than numbers hold. */
const slowest = 0.000_01;

/** @throws RangeError for a number that can't be meant. */
export function checkPace(pace: Pace): void {
  const { timeToFirstTokenMs = 0, tokensPerSecond = 1, chunkCharacters = 1 } = pace;
  if (!(timeToFirstTokenMs >= 0 && Number.isFinite(timeToFirstTokenMs)))
    throw unmeant("timeToFirstTokenMs", timeToFirstTokenMs, "a number from 0 on");
  if (!(tokensPerSecond >= slowest))
    throw unmeant("tokensPerSecond", tokensPerSecond, `a positive number, ${slowest} or more`);
  if (!(Number.isInteger(chunkCharacters) && chunkCharacters > 0))
    throw unmeant("chunkCharacters", chunkCharacters, "a whole number from 1 on");
}

function unmeant(name: string, value: number, wanted: string): RangeError {
  return new RangeError(`pace.${name} is ${String(value)}; it must be ${wanted}.`);
}

/** How long all the tokens of a message take, the first one's waiting time aside. */
export function writingMs({ usage }: Message, { tokensPerSecond = Infinity }: Pace): number {
  return (usage.output_tokens * 1_000) / tokensPerSecond;
}

/** Spreads a message's time over its pieces, by their length; what no piece takes, its end does. */
export function pacedEvents(
  events: Iterable<StreamEvent>,
  message: Message,
  pace: Pace,
): readonly PacedEvent[] {
  const pieces = pace.chunkCharacters === undefined ? [...events] : [...recut(events, pace.chunkCharacters)];
  const total = pieces.reduce((length, event) => length + (pieceOf(event)?.text.length ?? 0), 0);
  let left = writingMs(message, pace);
  const each = total === 0 ? 0 : left / total;
  return pieces.map((event) => {
    const waitMs =
      event.type === "message_delta" ? left : Math.min(left, each * (pieceOf(event)?.text.length ?? 0));
    left -= waitMs;
    return { event, waitMs };
  });
}

interface Piece {
  readonly index: number;
  readonly field: "text" | "thinking" | "partial_json";
  readonly delta: RawContentBlockDelta;
  readonly text: string;
}

function pieceOf(event: StreamEvent): Piece | undefined {
  if (event.type !== "content_block_delta") return undefined;
  const { index, delta } = event;
  switch (delta.type) {
    case "text_delta":
      return { index, field: "text", delta, text: delta.text };
    case "thinking_delta":
      return { index, field: "thinking", delta, text: delta.thinking };
    case "input_json_delta":
      return { index, field: "partial_json", delta, text: delta.partial_json };
    default:
      return undefined;
  }
}

/** Joins neighbouring pieces of a block and cuts them anew, never inside a character. */
function* recut(events: Iterable<StreamEvent>, size: number): Generator<StreamEvent> {
  let open: Piece | undefined;
  for (const event of events) {
    const piece = pieceOf(event);
    // The empty piece that opens a tool's input stays on its own, as the API sends it.
    const joins =
      open && piece && open.field === piece.field && open.index === piece.index && open.text !== "";
    if (open && joins) {
      open = { ...open, text: open.text + piece.text };
      continue;
    }
    if (open) yield* cut(open, size);
    open = piece;
    if (!piece) yield event;
  }
  if (open) yield* cut(open, size);
}

function* cut({ index, field, delta, text }: Piece, size: number): Generator<StreamEvent> {
  const characters = [...text];
  for (let start = 0; start === 0 || start < characters.length; start += size) {
    const part = characters.slice(start, start + size).join("");
    yield { type: "content_block_delta", index, delta: { ...delta, [field]: part } as RawContentBlockDelta };
  }
}
