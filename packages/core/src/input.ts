import type Anthropic from "@anthropic-ai/sdk";

/** What a person says to an agent: text, content blocks, or messages of a conversation so far. */
export type Input = string | readonly Anthropic.ContentBlockParam[] | readonly Anthropic.MessageParam[];
