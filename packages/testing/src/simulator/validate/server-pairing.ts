import { blocksOf, messagesOf } from "./messages.js";
import type { Fields, Rule } from "./rule.js";
import { isServerResult, resultOf } from "./server-blocks.js";

interface ServerCall {
  readonly index: number;
  readonly block: Fields;
}

/**
 * While one of the API's own tools is at work its turn is not over: results of other calls may come, and nothing else.
 * Whoever speaks ends the turn, and by then the tool must have answered. Calls made by code are the code's own affair.
 */
export const serverCallsAreAnswered: Rule = (request) => {
  let open: ServerCall[] = [];
  for (const [index, message] of messagesOf(request).entries()) {
    const blocks = blocksOf(message);
    if (message.role === "assistant") {
      open.push(...blocks.filter(isServerCall).map((block) => ({ index, block })));
      const answered = new Set(blocks.map((block) => block.tool_use_id));
      open = open.filter(({ block }) => !answered.has(block.id));
    } else if (open[0] && message.role === "user" && !blocks.every(({ type }) => type === "tool_result")) {
      return unanswered(open[0]);
    }
  }
  return undefined;
};

function isServerCall({ type, caller }: Fields): boolean {
  const isOwn = type === "server_tool_use" || type === "mcp_tool_use";
  return isOwn && ((caller as Fields | undefined)?.type ?? "direct") === "direct";
}

function unanswered({ index, block }: ServerCall): string {
  const name = String(block.name);
  const result = block.type === "mcp_tool_use" ? "mcp_tool_result" : resultOf(name);
  return (
    `messages.${index}: \`${name}\` tool use with id \`${String(block.id)}\` was found without a corresponding ` +
    `\`${result}\` block`
  );
}

/** What one of the API's own tools has found stands after the call that asked for it, once. No two calls have one id. */
export const serverResultsBelongToCalls: Rule = (request) => {
  const calls = new Map<unknown, Fields>();
  const answered = new Set<unknown>();
  for (const [index, message] of messagesOf(request).entries()) {
    for (const [position, block] of blocksOf(message).entries()) {
      const path = `messages.${index}.content.${position}`;
      if (block.type === "server_tool_use") {
        if (calls.has(block.id)) return `${path}: \`server_tool_use\` ids must be unique`;
        calls.set(block.id, block);
      }
      if (!isServerResult(block.type)) continue;
      const problem = strayResult(block, calls, answered);
      if (problem !== undefined) return `${path}: ${problem}`;
      answered.add(block.tool_use_id);
    }
  }
  return undefined;
};

function strayResult(
  { type, tool_use_id }: Fields,
  calls: ReadonlyMap<unknown, Fields>,
  answered: ReadonlySet<unknown>,
): string | undefined {
  const [kind, id] = [String(type), String(tool_use_id)];
  const call = calls.get(tool_use_id);
  if (call === undefined || resultOf(String(call.name)) !== kind) {
    return (
      `unexpected \`tool_use_id\` found in \`${kind}\` blocks: ${id}. Each \`${kind}\` block must have a corresponding ` +
      "`server_tool_use` block before it."
    );
  }
  return answered.has(tool_use_id)
    ? `each tool_use must have a single result. Found multiple \`${kind}\` blocks with id: ${id}`
    : undefined;
}
