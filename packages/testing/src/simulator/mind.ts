import type {
  ContentBlock,
  MessageCreateParams,
  StopReason,
  Usage,
} from "@anthropic-ai/sdk/resources/messages";

/** What a mind says: text, a tool call (its id is made up when left out), or any other block as it is. */
export type ReplyBlock =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool_use"; readonly name: string; readonly input: unknown; readonly id?: string }
  | ContentBlock;

/** A reply that becomes a message. `stopReason` is `tool_use` by default if there is a tool call, else `end_turn`. */
export interface MessageReply {
  readonly content: readonly ReplyBlock[];
  readonly stopReason?: StopReason;
  readonly stopSequence?: string;
  /** Fields given here replace the estimate (see `usage.ts`). */
  readonly usage?: Partial<Usage>;
}

/** A reply that becomes an HTTP error in the API's own shape; `headers` can carry `retry-after` and the like. */
export interface ErrorReply {
  readonly status: number;
  readonly error: { readonly type: string; readonly message: string; readonly details?: unknown };
  readonly headers?: Readonly<Record<string, string>>;
}

export type Reply = MessageReply | ErrorReply;

export interface MindContext {
  /** The simulator's clock, in milliseconds since the epoch. */
  readonly now: number;
  /** Aborted when the client goes away or the simulator closes: a mind that waits should listen. */
  readonly signal: AbortSignal;
}

/** Decides the reply to a request. A mind that throws makes the simulator answer 500 `api_error`. */
export type Mind = (request: MessageCreateParams, context: MindContext) => Reply | Promise<Reply>;

export function isErrorReply(reply: Reply): reply is ErrorReply {
  return "error" in reply;
}
