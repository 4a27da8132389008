import type { MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import { extend, type PromptBlock, promptBlocks } from "../prompt.js";
import { charactersOf, tokensIn } from "../usage.js";

export type Lifetime = "5m" | "1h";

/** A prompt up to and including one of its blocks. */
export interface Prefix {
  /** Equal for two requests only if what they say up to here is equal, and so are the settings that count. */
  readonly digest: string;
  /** Its size, estimated. */
  readonly tokens: number;
  /** The request asks to cache it, for this long. */
  readonly marker?: Lifetime;
}

/**
 * Every prefix of a request, shortest first. `owner` keeps apart what must never be shared, such as API keys and
 * models. https://platform.claude.com/docs/en/build-with-claude/prompt-caching has the order and what invalidates what.
 */
export function prefixesOf(request: MessageCreateParams, owner: string): readonly Prefix[] {
  const blocks = [...promptBlocks(request)];
  const automatic = request.cache_control ? blocks.findLastIndex(canBeMarked) : -1;
  const firstMessage = blocks.findIndex(({ section }) => section === "messages");
  let digest = extend(owner, JSON.stringify(request.output_config?.format ?? null));
  let characters = 0;
  return blocks.map((block, index): Prefix => {
    if (index === firstMessage) digest = extend(digest, settingsOf(request, blocks));
    digest = extend(digest, `${block.section} ${block.content}`);
    characters += charactersOf(block.written) + ",".length;
    const marker = markerOf(block.value) ?? (index === automatic ? request.cache_control : undefined);
    return { digest, tokens: tokensIn(characters), ...(marker ? { marker: marker.ttl ?? "5m" } : {}) };
  });
}

/** What does not stand in the prompt and yet makes its messages another prompt. Tools and system are not touched by it. */
function settingsOf(request: MessageCreateParams, blocks: readonly PromptBlock[]): string {
  const { tool_choice: choice, thinking, output_config: output } = request;
  const { type = "auto", ...rest } = choice ?? {};
  return JSON.stringify({
    choice: { type, ...rest },
    thinking: thinking ? { ...thinking, display: undefined } : undefined,
    effort: output?.effort,
    images: blocks.some(({ written }) => hasImage(written)),
  });
}

interface Marker {
  readonly ttl?: Lifetime;
}

/** The marker of a block, or of a part of a result or a document, which counts for the whole. */
function markerOf(value: unknown): Marker | undefined {
  const {
    cache_control: marker,
    source,
    ...block
  } = value as {
    readonly cache_control?: Marker | null;
    readonly source?: { readonly content?: unknown } | null;
    readonly content?: unknown;
  };
  if (marker) return marker;
  const content = block.content ?? source?.content;
  return Array.isArray(content) ? content.map(markerOf).find((inner) => inner !== undefined) : undefined;
}

/** Nothing is cached up to a thought or up to an empty text, so the automatic marker stands before it. */
function canBeMarked({ value }: PromptBlock): boolean {
  const { type, text } = value as { type?: unknown; text?: unknown };
  return type !== "thinking" && type !== "redacted_thinking" && !(type === "text" && text === "");
}

function hasImage(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { type, content } = value as { type?: unknown; content?: unknown };
  return type === "image" || (Array.isArray(content) && content.some(hasImage));
}
