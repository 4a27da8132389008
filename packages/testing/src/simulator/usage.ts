import type { MessageCreateParams, Usage } from "@anthropic-ai/sdk/resources/messages";
import type { CacheUsage } from "./cache/cache-usage.js";
import { asWire } from "./wire.js";

/**
 * Token counts here are an ESTIMATE: one token for each 3.5 characters of JSON, the rule of thumb for English text.
 * They are deterministic and grow with the content, so that sums, limits and budgets can be tested; they are not
 * what the API would bill.
 */
const charactersPerToken = 3.5;

/** A text document weighs its text; an image or PDF costs by its size in pixels, which is not looked at: each counts as much as a picture of one megapixel. */
const base64Tokens = 1_500;

/** Estimated input tokens of a request: system prompt, tools and messages. */
export function estimateInputTokens(
  request: Pick<MessageCreateParams, "system" | "tools" | "messages">,
): number {
  return tokensIn(charactersOf([request.system, request.tools, request.messages]));
}

/**
 * What a JSON value weighs, in characters. Cache markers weigh nothing, or a prefix would change with each of them; and a list of one
 * text no more than the text alone, which is another spelling of it.
 */
export function charactersOf(value: unknown): number {
  let pictures = 0;
  const text = JSON.stringify(value, (name, inner: unknown) => {
    if (name === "cache_control") return undefined;
    if (isOneText(inner)) return inner[0].text;
    if (!isBase64Source(inner)) return inner;
    pictures += 1;
    return { ...inner, data: "" };
  });
  return (text ?? "").length + pictures * charactersIn(base64Tokens);
}

/** Tokens that this many characters make; a part of one counts as one. */
export function tokensIn(characters: number): number {
  return Math.ceil(characters / charactersPerToken);
}

/** Characters that find room in this many tokens. */
export function charactersIn(tokens: number): number {
  return Math.floor(tokens * charactersPerToken);
}

function isOneText(value: unknown): value is [{ text: string }] {
  if (!Array.isArray(value) || value.length !== 1) return false;
  const { type, text, cache_control: _, ...more } = Object(value[0]);
  return type === "text" && typeof text === "string" && Object.keys(more).length === 0;
}

function isBase64Source(value: unknown): value is { data: string } {
  return (
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    value.type === "base64" &&
    "data" in value &&
    value.data !== "" &&
    "media_type" in value
  );
}

/** Counts a reply in the fields and order of the API. */
export function usageOf(cache: CacheUsage, output: { tokens: number; thinkingTokens: number }): Usage {
  return asWire<Usage>({
    input_tokens: cache.uncached,
    cache_creation_input_tokens: cache.written5m + cache.written1h,
    cache_read_input_tokens: cache.read,
    cache_creation: {
      ephemeral_5m_input_tokens: cache.written5m,
      ephemeral_1h_input_tokens: cache.written1h,
    },
    output_tokens: output.tokens,
    ...(output.thinkingTokens > 0
      ? { output_tokens_details: { thinking_tokens: output.thinkingTokens } }
      : {}),
    service_tier: "standard",
    inference_geo: "not_available",
  });
}
