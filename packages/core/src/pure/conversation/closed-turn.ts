import type Anthropic from "@anthropic-ai/sdk";
import { appendMessage, blocksOf, isServerToolUse, openTurn, unansweredServerTools } from "./history.js";
import { withoutThinking } from "./thinking.js";

type Message = Anthropic.MessageParam;
type Block = Anthropic.ContentBlockParam;

/**
 * A history whose last turn is over, without the calls of the API's own tools in it that nothing will answer any more: the reply that should
 * have brought their results was refused, empty or cut off, and while they stand there nobody else may say anything. Calls of ours that
 * their code has made stay, with their results, as calls of the model.
 */
export function withTurnClosed(history: readonly Message[]): readonly Message[] {
  const turn = openTurn(history);
  const open = new Set(unansweredServerTools(turn.flatMap(blocksOf)));
  if (open.size === 0) return history;
  const closed = turn.flatMap((message): readonly Message[] => {
    if (message.role !== "assistant" || typeof message.content === "string") return [message];
    const content = message.content.flatMap((block) => closedBlock(block, open));
    return content.length === 0 ? [] : [withoutThinking({ ...message, content })];
  });
  return closed.reduce(appendMessage, history.slice(0, history.length - turn.length));
}

function closedBlock(block: Block, open: ReadonlySet<string>): readonly Block[] {
  if (isServerToolUse(block)) return open.has(block.id) ? [] : [block];
  if (block.type !== "tool_use" || !block.caller || !("tool_id" in block.caller)) return [block];
  if (!open.has(block.caller.tool_id)) return [block];
  const { caller: _, ...own } = block;
  return [own];
}
