import { isOpened } from "./beta-features.js";
import { isFields } from "./rule.js";
import { fieldsOf, listOf, matching, nullable, oneOf, type Shape, tagged, text } from "./shape.js";

/** What the API's own tools answer with, by the name of the tool. Source: `ServerToolUseBlockParam` and the results beside it, in the SDK. */
const results: Readonly<Record<string, string>> = {
  web_search: "web_search_tool_result",
  web_fetch: "web_fetch_tool_result",
  code_execution: "code_execution_tool_result",
  bash_code_execution: "bash_code_execution_tool_result",
  text_editor_code_execution: "text_editor_code_execution_tool_result",
  tool_search_tool_regex: "tool_search_tool_result",
  tool_search_tool_bm25: "tool_search_tool_result",
};

/** The type of the block that answers a call of this tool. */
export function resultOf(tool: string): string {
  return Object.hasOwn(results, tool) ? (results[tool] ?? "") : `${tool}_tool_result`;
}

/** Whether a block of this type is what one of the API's own tools has found. */
export function isServerResult(type: unknown): boolean {
  return Object.values(results).includes(String(type));
}

/** https://platform.claude.com/docs/en/api/messages: the ids of the API's own calls. */
export const serverCallId: Shape = matching(/^srvtoolu_[a-zA-Z0-9_]+$/);

/** What is wrong with the name of one of the API's own tools, of which a beta has one more. */
export function checkServerName(name: unknown, betas: readonly string[]): string | undefined {
  const advisor = isOpened("block", "advisor_tool_result", betas) ? ["advisor"] : [];
  return oneOf(...advisor, ...Object.keys(results))(name);
}

const page = fieldsOf({
  required: { type: oneOf("web_search_result"), encrypted_content: text, title: text, url: text },
  optional: { page_age: nullable(text) },
});

/** A search has found a list of pages, or says why it has not. */
export const searchContent: Shape = (value) => (isFields(value) ? tagged(value) : listOf(page)(value));
