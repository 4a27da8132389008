/** What a model answers with 400, beside what every model does. */
export type ModelRefusal =
  /** `tool_choice` of type `any` or `tool`. */
  | "forced_tool_choice"
  /** `thinking.type: "adaptive"`. */
  | "thinking_adaptive"
  /** `thinking.type: "enabled"` with its `budget_tokens`. */
  | "thinking_budget"
  /** `thinking.type: "disabled"`. */
  | "thinking_disabled"
  /** `thinking.type: "between_tools"`. */
  | "thinking_between_tools"
  /** A thinking block after something that was changed since. */
  | "thinking_out_of_place"
  /** A conversation that ends with words put into the model's mouth. */
  | "prefill"
  /** `temperature`, `top_p` and `top_k` at other values than their defaults, in versions that still have them. */
  | "sampling"
  /** A message of the role `system`. */
  | "system_message";

/** Some models took a longer prompt on request. */
const longContext = { beta: "context-1m-2025-08-07", tokens: 1_000_000 };

/** The context window that a request with these betas gets, in tokens. */
export function contextWindowFor({ contextWindow }: SimulatedModel, betas: readonly string[]): number {
  return betas.includes(longContext.beta) ? Math.max(longContext.tokens, contextWindow) : contextWindow;
}

/** A model as the simulator knows it. Sizes in tokens. */
export interface SimulatedModel {
  /** The id that replies carry. */
  readonly id: string;
  /** Other ids that a request may use for it. */
  readonly aliases?: readonly string[];
  readonly displayName: string;
  /** When it was released, in RFC 3339; the epoch if that is not known. */
  readonly createdAt: string;
  readonly contextWindow: number;
  /** The largest `max_tokens`. */
  readonly maxOutputTokens: number;
  /** A shorter prefix is not cached, and nothing is said about it. */
  readonly minimumCacheTokens: number;
  /** Deprecated, and to be retired on this day, in RFC 3339. */
  readonly retiresAt?: string;
  /** Answers 404, unless the simulator is told to keep retired models. */
  readonly retired?: true;
  readonly refuses?: readonly ModelRefusal[];
  /** The values of `output_config.effort` that it takes. Default: all of them. */
  readonly efforts?: readonly string[];
  /** Thinks when the request says nothing about it. */
  readonly thinksUnasked?: true;
  /** Its thinking comes back without its text, unless `thinking.display` asks for it. */
  readonly hidesThinking?: true;
}
