import { blocksOf, messagesOf } from "./messages.js";
import { type Fields, firstOf, type Rule } from "./rule.js";

/** What the API's own tools answer with, by the name of the tool. */
const results: Readonly<Record<string, string>> = {
  web_search: "web_search_tool_result",
  web_fetch: "web_fetch_tool_result",
  code_execution: "code_execution_tool_result",
  bash_code_execution: "bash_code_execution_tool_result",
  text_editor_code_execution: "text_editor_code_execution_tool_result",
  tool_search_tool_regex: "tool_search_tool_result",
  tool_search_tool_bm25: "tool_search_tool_result",
};

interface Call {
  readonly index: number;
  readonly block: Fields;
}

/**
 * While one of the API's own tools is at work its turn is not over: results of other calls may come, and nothing else.
 * Whoever speaks ends the turn, and by then the tool must have answered. Calls made by code are the code's own affair.
 */
export const serverCallsAreAnswered: Rule = (request) => {
  let open: Call[] = [];
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

function unanswered({ index, block }: Call): string {
  const name = String(block.name);
  const result = block.type === "mcp_tool_use" ? "mcp_tool_result" : (results[name] ?? `${name}_tool_result`);
  return (
    `messages.${index}: \`${name}\` tool use with id \`${String(block.id)}\` was found without a corresponding ` +
    `\`${result}\` block`
  );
}

/** What one of the API's own tools has found stands after the call that asked for it. */
export const serverResultsBelongToCalls: Rule = (request) => {
  const calls = new Set<unknown>();
  return firstOf(
    messagesOf(request).flatMap((message, index) =>
      blocksOf(message).map((block, position) => {
        if (block.type === "server_tool_use") calls.add(block.id);
        if (!Object.values(results).includes(String(block.type)) || calls.has(block.tool_use_id))
          return undefined;
        const type = String(block.type);
        return (
          `messages.${index}.content.${position}: unexpected \`tool_use_id\` found in \`${type}\` blocks: ` +
          `${String(block.tool_use_id)}. Each \`${type}\` block must have a corresponding \`server_tool_use\` block before it.`
        );
      }),
    ),
  );
};
