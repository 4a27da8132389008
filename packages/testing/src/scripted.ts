import type Anthropic from "@anthropic-ai/sdk";
import type { Claude, ModelCall, ModelRequest } from "@lockstitch/core";
import { streamEvents } from "./stream-events.js";

/** A block of a scripted reply: any block of the API; a tool call needs no `id`. */
export type ScriptedBlock =
  | { readonly type: "text"; readonly text: string }
  | ScriptedCall
  | (Anthropic.ContentBlock & {
      readonly type: Exclude<Anthropic.ContentBlock["type"], "text" | "tool_use">;
    });

/** Who calls (`caller`) is the model itself, unless told: code that it runs calls tools, too. */
interface ScriptedCall
  extends Readonly<Partial<Pick<Anthropic.ToolUseBlock, "id" | "input" | "caller" | "toolset_name">>> {
  readonly type: "tool_use";
  readonly name: string;
}

/** A message of the API with the fields that matter; what is left out is made up. */
export interface ScriptedMessage
  extends Readonly<Partial<Omit<Anthropic.Message, "content" | "stop_reason" | "usage">>> {
  readonly content: string | readonly ScriptedBlock[];
  /** Also one that the SDK doesn't know yet. */
  readonly stop_reason?: string;
  readonly usage?: Partial<Anthropic.Usage>;
}

/**
 * What the model says in one call: a text, blocks, a message's fields, an error to reject with, or a function of the
 * request that gives one of these. The stop reason is `tool_use` where there are calls, else `end_turn`, unless given.
 */
export type ScriptedReply =
  | string
  | readonly ScriptedBlock[]
  | ScriptedMessage
  | Error
  | ((request: ModelRequest, call: ModelCall) => ScriptedReply | Promise<ScriptedReply>);

export interface Scripted extends Claude {
  /** Every request so far, in order. */
  readonly requests: readonly ModelRequest[];
  /** Throws if the agent stopped asking before the script was over. */
  assertUsedUp(): void;
}

/** The agent asked for a reply that the script doesn't have, or left some over. */
export class ScriptError extends Error {
  override readonly name = "ScriptError";
}

/** A tool call in a scripted reply. */
export function toolUse(name: string, input: unknown = {}, id?: string): ScriptedBlock {
  return { type: "tool_use", name, input, ...(id === undefined ? {} : { id }) };
}

/**
 * A Claude function that gives these replies in order, streaming them as the API does, and keeps every request.
 * It rejects with `ScriptError` when asked once too often.
 */
export function scripted(replies: readonly ScriptedReply[]): Scripted {
  const requests: ModelRequest[] = [];
  let calls = 0;

  const claude: Claude = async (request, call) => {
    requests.push(request);
    const index = requests.length - 1;
    let reply = replies[index];
    if (reply === undefined) throw new ScriptError(missing(replies.length, request));
    while (typeof reply === "function") reply = await reply(request, call);
    call.signal.throwIfAborted();
    if (reply instanceof Error) throw reply;
    const message = toMessage(reply, request, index, () => `toolu_${++calls}`);
    for (const event of streamEvents(message)) call.emit(event);
    return message;
  };

  return Object.assign(claude, {
    requests,
    assertUsedUp() {
      const left = replies.length - requests.length;
      if (left > 0)
        throw new ScriptError(
          `The agent stopped after ${requests.length} of ${replies.length} scripted replies; ${left} were not asked for.`,
        );
    },
  });
}

function missing(count: number, request: ModelRequest): string {
  const last = request.messages.at(-1);
  return (
    `The script has ${count} ${count === 1 ? "reply" : "replies"}, and the agent asked for another. ` +
    `Its last message was: ${JSON.stringify(last).slice(0, 500)}`
  );
}

function toMessage(
  reply: Exclude<ScriptedReply, Error | ((...parts: never[]) => unknown)>,
  request: ModelRequest,
  index: number,
  nextId: () => string,
): Anthropic.Message {
  const { content: given, ...fields } =
    typeof reply === "string" || isBlocks(reply) ? { content: reply } : reply;
  const blocks = typeof given === "string" ? [{ type: "text" as const, text: given }] : given;
  const content = blocks.map((block) => toBlock(block, nextId));
  const stopReason = content.some((block) => block.type === "tool_use") ? "tool_use" : "end_turn";
  return {
    id: `msg_${index + 1}`,
    type: "message",
    role: "assistant",
    model: request.model,
    container: null,
    diagnostics: null,
    stop_details: null,
    stop_sequence: null,
    ...fields,
    content,
    stop_reason: (fields.stop_reason ?? stopReason) as Anthropic.StopReason,
    usage: { ...noUsage, input_tokens: 10, output_tokens: 5, ...fields.usage },
  };
}

const noUsage: Anthropic.Usage = {
  cache_creation: null,
  cache_creation_input_tokens: null,
  cache_read_input_tokens: null,
  inference_geo: null,
  input_tokens: 0,
  output_tokens: 0,
  output_tokens_details: null,
  server_tool_use: null,
  service_tier: "standard",
  speed: null,
};

function isBlocks(reply: object): reply is readonly ScriptedBlock[] {
  return Array.isArray(reply);
}

function toBlock(block: ScriptedBlock, nextId: () => string): Anthropic.ContentBlock {
  if (block.type !== "tool_use") return block as Anthropic.ContentBlock;
  const { input = {}, id = nextId() } = block;
  return { ...block, id, input } as Anthropic.ToolUseBlock;
}
