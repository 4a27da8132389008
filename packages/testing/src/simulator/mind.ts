import type {
  ContentBlock,
  Message,
  MessageCreateParams,
  StopReason,
  Usage,
} from "@anthropic-ai/sdk/resources/messages";
import type { StreamEvent } from "./event-stream.js";

/**
 * What a mind says: text, a thought, a call of a tool or of one of the API's own, or any other block as it is. An id that is
 * left out is made up. A thought without a signature is signed, shown as the request wants it, and left out if the
 * request has thinking off.
 */
export type ReplyBlock =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thinking"; readonly thinking: string; readonly signature?: string }
  | { readonly type: "tool_use"; readonly name: string; readonly input?: unknown; readonly id?: string }
  | { readonly type: "server_tool_use"; readonly name: string; readonly input: unknown; readonly id?: string }
  | ContentBlock;

/**
 * A reply that becomes a message, in the API's own names. `stop_reason` is `tool_use` by default if there is a tool call, else
 * `end_turn`; the request's `max_tokens` and `stop_sequences` and the model's context window end it earlier.
 */
export interface MessageReply {
  /** Text stands for one block of it. */
  readonly content: string | readonly ReplyBlock[];
  readonly stop_reason?: StopReason;
  readonly stop_sequence?: Message["stop_sequence"];
  /** What there is to say of a refusal. */
  readonly stop_details?: Message["stop_details"];
  /** Whole numbers of tokens: what is given here replaces the estimate (see `usage.ts`). */
  readonly usage?: Partial<Usage>;
}

/** A reply that becomes an HTTP error in the API's own shape, with a status from 300 to 599; `headers` can carry `retry-after` and the like. */
export interface ErrorReply {
  readonly status: number;
  readonly error: { readonly type: string; readonly message: string; readonly details?: unknown };
  readonly headers?: Readonly<Record<string, string>>;
}

/** A reply that goes out as it stands, as recordings do: no id is made up, nothing is counted, nothing is cut. */
export interface WholeReply {
  readonly message: Message;
  /** The events to stream, one by one. Default: the message's own, made anew. */
  readonly events?: readonly StreamEvent[];
}

export type Reply = MessageReply | ErrorReply | WholeReply;

export interface MindContext {
  /** The simulator's clock, in milliseconds since the epoch. */
  readonly now: number;
  /** Aborted when the client goes away or the simulator closes: a mind that waits should listen. */
  readonly signal: AbortSignal;
}

/**
 * Decides the reply to a request; text stands for a reply of one text block. `undefined` passes: another mind may know (see `firstOf`). Where a mind throws, none
 * has a reply, or a reply has a field that there is not, the simulator answers 500 `api_error` and says so.
 */
export type Mind = (request: MessageCreateParams, context: MindContext) => Said | Promise<Said>;

export type Said = Reply | string | undefined;

export function isErrorReply(reply: Reply): reply is ErrorReply {
  return "error" in reply;
}

export function isWholeReply(reply: Reply): reply is WholeReply {
  return "message" in reply;
}
