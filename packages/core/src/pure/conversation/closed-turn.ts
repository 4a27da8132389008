import type Anthropic from "@anthropic-ai/sdk";
import {
  appendMessage,
  blocksOf,
  isServerToolUse,
  openTurn,
  referencesOf,
  unansweredServerTools,
} from "./history.js";
import { bindsThinking, withoutLastThoughts, withoutThinking } from "./thinking.js";

type Message = Anthropic.MessageParam;
type Block = Anthropic.ContentBlockParam;

/**
 * A history whose last turn is over, without the calls of the API's own tools in it that nothing will answer any more, and what belongs to
 * them: the reply that should have brought their results was refused, empty or cut off, and while they stand there nobody else may say
 * anything. Calls of ours that their code has made stay, with their results, as calls of the model.
 */
export function withTurnClosed(history: readonly Message[], model: string): readonly Message[] {
  const turn = openTurn(history);
  const blocks = turn.flatMap(blocksOf);
  const gone = new Set(unansweredServerTools(blocks));
  if (gone.size === 0) return history;
  for (const block of blocks) if (isServerToolUse(block) && belongsTo(block, gone)) gone.add(block.id);
  const closed = turn.flatMap((message): readonly Message[] => {
    if (message.role !== "assistant" || typeof message.content === "string") return [message];
    const content = withoutLastThoughts(message.content.flatMap((block) => closedBlock(block, gone)));
    if (content.length === 0) return [];
    const kept = { ...message, content: [...content] };
    return [bindsThinking(model) ? withoutThinking(kept) : kept];
  });
  return closed.reduce(appendMessage, history.slice(0, history.length - turn.length));
}

function closedBlock(block: Block, gone: ReadonlySet<string>): readonly Block[] {
  if (isServerToolUse(block)) return gone.has(block.id) ? [] : [block];
  if (!belongsTo(block, gone)) return [block];
  if (block.type !== "tool_use") return [];
  const { caller: _, ...own } = block;
  return [own];
}

function belongsTo(block: Block, gone: ReadonlySet<string>): boolean {
  return referencesOf(block).some((id) => gone.has(id));
}
