import type Anthropic from "@anthropic-ai/sdk";

const cuts: ReadonlySet<unknown> = new Set(["max_tokens", "stop_sequence", "model_context_window_exceeded"]);

/** Whether a reply with this stop reason may end in the middle of a word. */
export function isCutOffBy(stopReason: unknown): boolean {
  return cuts.has(stopReason);
}

/** The texts of a reply that a limit may have cut off, and a secret with them: the reply says them, and every request after it. */
export function cutTextsOf({ content, stop_reason: stopReason }: Anthropic.Message): readonly string[] {
  return isCutOffBy(stopReason) ? textsIn(content.at(-1)) : [];
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
