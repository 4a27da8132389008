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
  /** Takes every stream event as it arrives. Must not throw. */
  emit(event: StreamEvent | Wait): void;
}

/**
 * The one seam to the network: one attempt at one model call. It resolves with a whole message, or rejects; it never retries.
 * `claude()` makes the real one; `scripted([...])` and others stand in for it in tests.
 */
export type Claude = (request: ModelRequest, call: ModelCall) => Promise<Anthropic.Message>;
