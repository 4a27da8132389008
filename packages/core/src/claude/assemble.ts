import type Anthropic from "@anthropic-ai/sdk";
import type { StreamEvent } from "../claude-function.js";
import { BrokenStreamError } from "../errors.js";

/** Takes stream events one by one; `message` is there once `message_stop` has come. */
export interface Assembler {
  /** Returns the event to pass on: a block's stop carries the finished block. Throws `BrokenStreamError` on a protocol error. */
  take(event: StreamEvent): StreamEvent;
  readonly message: Anthropic.Message | undefined;
  /** The message as far as it has come: the blocks that are finished, and what there is of open texts. */
  soFar(): Anthropic.Message | undefined;
}

/** Pieces of one block's text, joined once at its end: work per byte stays constant however long the block grows. */
interface OpenBlock {
  readonly block: Anthropic.ContentBlock;
  readonly pieces: Map<string, string[]>;
}

/**
 * Puts a reply together from the API's raw stream events, in linear time.
 * Unknown events, blocks and deltas don't break it: unknown blocks are kept as they started.
 */
export function createAssembler(): Assembler {
  let draft: Anthropic.Message | undefined;
  let finished: Anthropic.Message | undefined;
  let open = new Map<number, OpenBlock>();
  let blocks = new Map<number, Anthropic.ContentBlock>();

  function started(event: StreamEvent): Anthropic.Message {
    if (draft === undefined)
      throw new BrokenStreamError(`The stream sent ${event.type} before message_start.`);
    return draft;
  }

  function take(event: StreamEvent): StreamEvent {
    if (finished !== undefined) return event;
    switch (event.type) {
      case "message_start":
        // A second start after content means two replies spliced into one: neither can be trusted.
        if (open.size + blocks.size > 0)
          throw new BrokenStreamError("The stream sent a second message_start.");
        draft = { ...event.message, content: [], usage: { ...event.message.usage } };
        // A reply without anything to generate, such as the next call that code on the server makes, lies whole in its start.
        blocks = new Map((event.message.content ?? []).entries());
        return event;
      case "content_block_start":
        started(event);
        if (open.has(event.index) || blocks.has(event.index))
          throw new BrokenStreamError(`The stream started block ${event.index} twice.`);
        open.set(event.index, { block: ownCopy(event.content_block), pieces: new Map() });
        return event;
      case "content_block_delta":
        addDelta(openBlock(open, event.index, event.type), event.delta);
        return event;
      case "content_block_stop": {
        const block = closeBlock(openBlock(open, event.index, event.type));
        open.delete(event.index);
        blocks.set(event.index, block);
        return { ...event, content_block: block };
      }
      case "message_delta":
        mergeEnd(started(event), event);
        return event;
      case "message_stop": {
        const message = started(event);
        if (open.size > 0)
          throw new BrokenStreamError("The stream ended the message while a block was still open.");
        if (typeof message.stop_reason !== "string")
          throw new BrokenStreamError("The stream ended the message without a stop reason.");
        message.content = inOrder(blocks);
        finished = message;
        open = new Map();
        blocks = new Map();
        return event;
      }
      default:
        return event;
    }
  }

  return {
    take,
    get message() {
      return finished;
    },
    soFar() {
      if (finished !== undefined || draft === undefined) return finished;
      const texts = [...open].filter(([, { block }]) => block.type === "text");
      return {
        ...draft,
        content: inOrder([...blocks, ...texts.map(([index, text]) => [index, closeBlock(text)] as const)]),
      };
    },
  };
}

function inOrder(blocks: Iterable<readonly [number, Anthropic.ContentBlock]>): Anthropic.ContentBlock[] {
  return [...blocks].sort(([a], [b]) => a - b).map(([, block]) => block);
}

function openBlock(open: ReadonlyMap<number, OpenBlock>, index: number, type: string): OpenBlock {
  const block = open.get(index);
  if (block === undefined)
    throw new BrokenStreamError(`The stream sent ${type} for block ${index}, which is not open.`);
  return block;
}

/** What each delta may add to, among the blocks that are known; a block of a kind to come may take any. */
const homes: Readonly<Record<Anthropic.RawContentBlockDelta["type"], readonly string[]>> = {
  text_delta: ["text"],
  citations_delta: ["text"],
  thinking_delta: ["thinking"],
  signature_delta: ["thinking"],
  input_json_delta: ["tool_use", "server_tool_use"],
};
const knownBlocks: ReadonlySet<string> = new Set([...Object.values(homes).flat(), "redacted_thinking"]);

function addDelta({ block, pieces }: OpenBlock, delta: Anthropic.RawContentBlockDelta): void {
  const home = Object.hasOwn(homes, delta.type) ? homes[delta.type] : undefined;
  if (home !== undefined && knownBlocks.has(block.type) && !home.includes(block.type))
    throw new BrokenStreamError(`The stream sent a ${delta.type} for a block of type ${block.type}.`);
  switch (delta.type) {
    case "text_delta":
      return push(pieces, "text", delta.text);
    case "input_json_delta":
      return push(pieces, "input", delta.partial_json);
    case "thinking_delta":
      return push(pieces, "thinking", delta.thinking);
    case "signature_delta":
      return push(pieces, "signature", delta.signature);
    case "citations_delta":
      return addCitation(block, delta.citation);
    default:
      return addUnknownDelta(block, pieces, delta);
  }
}

/**
 * A kind of delta that the SDK learns and this file does not is an error when this is compiled. At run time its text is added
 * to the block's field of the same name, as all known deltas do it, and other values replace that field.
 */
function addUnknownDelta(block: Anthropic.ContentBlock, pieces: Map<string, string[]>, delta: never): void {
  for (const [field, value] of Object.entries(delta as Readonly<Record<string, unknown>>)) {
    if (field === "type" || value === null) continue;
    if (typeof value === "string") push(pieces, field, value);
    else Object.assign(block, { [field]: value });
  }
}

function push(pieces: Map<string, string[]>, field: string, piece: string): void {
  if (typeof piece !== "string")
    throw new BrokenStreamError(`The stream sent a delta whose ${field} is not text.`);
  const list = pieces.get(field);
  if (list === undefined) pieces.set(field, [piece]);
  else list.push(piece);
}

function closeBlock({ block, pieces }: OpenBlock): Anthropic.ContentBlock {
  const fields = Object.fromEntries([...pieces].map(([field, list]) => [field, list.join("")]));
  if (fields.input !== undefined)
    return { ...block, ...fields, input: parseInput(fields.input) } as Anthropic.ContentBlock;
  const before = block as unknown as Readonly<Record<string, unknown>>;
  for (const field of Object.keys(fields)) {
    if (typeof before[field] === "string") fields[field] = before[field] + fields[field];
  }
  return { ...block, ...fields } as Anthropic.ContentBlock;
}

function addCitation(block: Anthropic.ContentBlock, citation: Anthropic.CitationsDelta["citation"]): void {
  if (block.type !== "text") return;
  block.citations ??= [];
  block.citations.push(citation);
}

/** With a list of citations of its own: deltas are added to it. */
function ownCopy(block: Anthropic.ContentBlock): Anthropic.ContentBlock {
  return block.type === "text" && block.citations
    ? { ...block, citations: [...block.citations] }
    : { ...block };
}

/** Broken JSON is kept as it came: the model is told, and the turn is not lost. */
function parseInput(json: string): unknown {
  if (json === "") return {};
  try {
    const input: unknown = JSON.parse(json);
    if (typeof input === "object" && input !== null && !Array.isArray(input)) return input;
  } catch {
    // Falls through to the same end as JSON that is no object.
  }
  return { INVALID_JSON: json };
}

/** The figures of a `message_delta` are running totals: they replace the earlier ones, and only where they are given. */
function mergeEnd(message: Anthropic.Message, event: Anthropic.RawMessageDeltaEvent): void {
  const { usage, delta } = event;
  Object.assign(message, withoutNull(delta));
  Object.assign(message.usage, withoutNull(usage));
  const extra = Object.entries(event).filter(([field]) => !["type", "delta", "usage"].includes(field));
  Object.assign(message, Object.fromEntries(extra));
}

function withoutNull(fields: object | undefined): object {
  return Object.fromEntries(
    Object.entries(fields ?? {}).filter(([, value]) => value !== null && value !== undefined),
  );
}
