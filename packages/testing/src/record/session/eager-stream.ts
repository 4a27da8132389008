import type Anthropic from "@anthropic-ai/sdk";
import type { AgentEvent, StreamEvent } from "@lockstitch/core";

/**
 * The events of a stream that start again what started while a reply still streamed: the calls that were committed with it. Started
 * later they would take the place of another.
 *
 * @param index the place of the reply's `message`
 */
export function eagerStreamOf(events: readonly AgentEvent[], index: number): readonly StreamEvent[] {
  const said = events[index];
  if (said?.type !== "message" || typeof said.message.content === "string") return [];
  const started = startedWith(events.slice(index + 1));
  return said.message.content.flatMap((block, place): readonly StreamEvent[] => {
    if (block.type !== "tool_use" || !started.has(block.id)) return [];
    const call = structuredClone(block) as Anthropic.ToolUseBlock;
    return [{ type: "content_block_stop", index: place, content_block: call }];
  });
}

/** Each is checked and started, and perhaps ended, before another is so much as checked. */
function startedWith(after: readonly AgentEvent[]): ReadonlySet<string> {
  const started = new Set<string>();
  for (let at = 0; ; ) {
    const [check, start, end] = after.slice(at, at + 3);
    if (check?.type !== "tool.check" || start?.type !== "tool.start") return started;
    if (check.toolUseId !== start.toolUseId) return started;
    started.add(start.toolUseId);
    at += end?.type === "tool.end" && end.toolUseId === start.toolUseId ? 3 : 2;
  }
}
