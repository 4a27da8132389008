import type Anthropic from "@anthropic-ai/sdk";

/** The body of one call to the Messages API; whether it streams is the Claude function's business. */
export type ModelRequest = Omit<Anthropic.MessageCreateParamsNonStreaming, "stream">;

/** The API's own stream events, pings included. A block's stop may carry the finished block, so that nobody has to assemble it again. */
export type StreamEvent =
  | Exclude<Anthropic.RawMessageStreamEvent, Anthropic.RawContentBlockStopEvent>
  | (Anthropic.RawContentBlockStopEvent & { readonly content_block?: Anthropic.ContentBlock })
  | { readonly type: "ping" };

/** A Claude function is waiting before it sends, e.g. for a rate limit. */
export interface Wait {
  readonly type: "wait";
  readonly reason: "retry" | "rate_limit";
  readonly ms: number;
  readonly attempt?: number;
  readonly error?: string;
}

export interface ModelCall {
  /** Aborts when the answer is no longer wanted. The call must then settle at once. */
  readonly signal: AbortSignal;
  /** Whose call it is, so that a queue can be fair. */
  readonly session?: string;
  /** What the call is for, where it is not a run's next reply: its reply must not be meddled with. */
  readonly purpose?: "compaction";
  /** Takes every stream event as it arrives. Must not throw. */
  emit(event: StreamEvent | Wait): void;
}

/**
 * The one seam to the network: one attempt at one model call. It resolves with a whole message, or rejects; it never retries.
 * `claude()` makes the real one; `scripted([...])` and others stand in for it in tests.
 */
export interface Claude {
  (request: ModelRequest, call: ModelCall): Promise<Anthropic.Message>;
  /** Counts the prompt's tokens without asking the model, where the way to the API can. Free, with a rate limit of its own. */
  readonly countTokens?: CountTokens;
}

/** Gives the tokens of a request's prompt. Rejects where it can't; the caller then makes do with an estimate. */
export type CountTokens = (
  request: ModelRequest,
  call: Pick<ModelCall, "signal" | "session">,
) => Promise<number>;
