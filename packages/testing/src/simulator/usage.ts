import type { MessageCreateParams, Usage } from "@anthropic-ai/sdk/resources/messages";
import { asWire } from "./wire.js";

/**
 * Token counts here are an ESTIMATE: one token for each 3.5 characters of JSON, the rule of thumb for English text.
 * They are deterministic and grow with the content, so that sums, limits and budgets can be tested; they are not
 * what the API would bill.
 */
const charactersPerToken = 3.5;

/** An image or PDF costs by its size in pixels, which is not looked at: each counts as much as a picture of one megapixel. */
const base64Tokens = 1_500;

/** Estimated input tokens of a request: system prompt, tools and messages. */
export function estimateInputTokens(
  request: Pick<MessageCreateParams, "system" | "tools" | "messages">,
): number {
  return estimateTokens([request.system, request.tools, request.messages]);
}

/** Estimated tokens of any JSON value. Nothing counts as nothing. */
function estimateTokens(value: unknown): number {
  let images = 0;
  const text = JSON.stringify(value, (_key, inner: unknown) => {
    if (!isBase64Source(inner)) return inner;
    images += 1;
    return { ...inner, data: "" };
  });
  return Math.ceil((text ?? "").length / charactersPerToken) + images * base64Tokens;
}

function isBase64Source(value: unknown): value is { data: string } {
  return (
    typeof value === "object" &&
    value !== null &&
    "data" in value &&
    value.data !== "" &&
    "media_type" in value
  );
}

/** The usage of a reply, in the fields and order of the API, without any caching. */
export function estimateUsage(inputTokens: number, content: readonly unknown[]): Usage {
  return asWire<Usage>({
    input_tokens: inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: content.length === 0 ? 0 : estimateTokens(content),
    service_tier: "standard",
    inference_geo: "not_available",
  });
}
