import type Anthropic from "@anthropic-ai/sdk";
import { messageOf } from "../errors.js";
import type { EventBody, ToolOutcome, ToolResult } from "../events.js";
import { defaultLimits } from "../limits.js";
import { type ResultBlock, ToolError } from "../tool.js";
import { wellFormed } from "../well-formed.js";
import { binaryContent } from "./binary.js";
import { toJson } from "./json.js";
import type { CallState } from "./state.js";

/** Whatever a tool returned, as a result that the API accepts. Never throws. */
export function resultOf(returned: unknown, maxLength: number = defaultLimits.maxResultLength): ToolResult {
  if (returned instanceof Error) return errorResult(returned, maxLength);
  return { content: cut(contentOf(returned), maxLength) };
}

/** Whatever a tool threw, as an `is_error` result. */
export function errorResult(thrown: unknown, maxLength: number = defaultLimits.maxResultLength): ToolResult {
  const content = thrown instanceof ToolError ? contentOf(thrown.content) : describe(thrown);
  return { content: cut(content, maxLength), is_error: true };
}

function describe(thrown: unknown): string {
  const message = messageOf(thrown).toWellFormed();
  const name = thrown instanceof Error ? String(thrown.name) : "Error";
  const text = name === "Error" || message.startsWith(name) ? message : `${name}: ${message}`;
  return text.trim() === "" ? "The tool failed without saying why." : text;
}

function contentOf(value: unknown): string | ResultBlock[] {
  if (value === undefined || value === "") return "(the tool returned nothing)";
  if (typeof value === "string") return value.toWellFormed();
  if (value instanceof Uint8Array) return binaryContent(value);
  if (value instanceof ArrayBuffer) return binaryContent(new Uint8Array(value));
  if (isBlocks(value)) {
    const blocks = value.filter((block) => block.type !== "text" || block.text.trim() !== "").map(wellFormed);
    return blocks.length === 0 ? "(the tool returned nothing)" : blocks;
  }
  return toJson(value);
}

/** The fields each block may have. One more and the array is data that only looks like blocks: sent as blocks, the API would refuse it for ever. */
const blockFields: Readonly<Record<ResultBlock["type"], readonly string[]>> = {
  text: ["type", "text", "cache_control", "citations"],
  image: ["type", "source", "cache_control"],
  document: ["type", "source", "cache_control", "citations", "context", "title"],
  search_result: ["type", "content", "source", "title", "cache_control", "citations"],
  tool_reference: ["type", "tool_name", "cache_control"],
  browser_state: ["type", "tabs", "state_changes", "cache_control"],
};

function isBlocks(value: unknown): value is ResultBlock[] {
  return Array.isArray(value) && value.length > 0 && value.every(isBlock);
}

function isBlock(value: unknown): value is ResultBlock {
  if (typeof value !== "object" || value === null) return false;
  const block = value as Readonly<Record<string, unknown>>;
  const type = block.type;
  if (typeof type !== "string" || !Object.hasOwn(blockFields, type)) return false;
  const fields = blockFields[type as ResultBlock["type"]];
  if (!Object.keys(block).every((field) => fields.includes(field))) return false;
  switch (type as ResultBlock["type"]) {
    case "text":
      return typeof block.text === "string";
    case "image":
      return isSource(block.source, imageTypes);
    case "document":
      return isSource(block.source, documentTypes);
    case "search_result":
      return typeof block.source === "string" && typeof block.title === "string" && isBlocks(block.content);
    case "tool_reference":
      return typeof block.tool_name === "string";
    case "browser_state":
      return Array.isArray(block.tabs);
  }
}

const imageTypes = ["image/jpeg", "image/png", "image/gif", "image/webp"];
const documentTypes = ["application/pdf", "text/plain"];

function isSource(value: unknown, mediaTypes: readonly string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  const source = value as Readonly<Record<string, unknown>>;
  switch (source.type) {
    case "base64":
    case "text":
      return (
        typeof source.data === "string" &&
        source.data !== "" &&
        mediaTypes.includes(String(source.media_type))
      );
    case "url":
      return typeof source.url === "string" && source.url !== "";
    case "file":
      return typeof source.file_id === "string" && source.file_id !== "";
    case "content":
      return (typeof source.content === "string" && source.content !== "") || isBlocks(source.content);
    default:
      return false;
  }
}

function cut(content: string | ResultBlock[], maxLength: number): string | ResultBlock[] {
  if (typeof content === "string") return cutText(content, maxLength);
  let left = maxLength;
  return content.map((block) => {
    if (block.type !== "text") return block;
    const text = cutText(block.text, Math.max(0, left));
    left -= block.text.length;
    return { ...block, text };
  });
}

function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const note = `[cut: the first ${maxLength} of ${text.length} characters are shown]`;
  return maxLength === 0 ? note : `${text.slice(0, maxLength).toWellFormed()}\n${note}`;
}

/** The end of a call that never ran, as it is committed. */
export function notRun(
  call: Pick<CallState, "toolUseId" | "name">,
  outcome: ToolOutcome,
  words: string,
): EventBody {
  return {
    type: "tool.end",
    toolUseId: call.toolUseId,
    name: call.name,
    outcome,
    durationMs: 0,
    result: { content: words, is_error: true } satisfies Pick<
      Anthropic.ToolResultBlockParam,
      "content" | "is_error"
    >,
  };
}

/** The answer to a call that the run leaves behind: it says truthfully whether the tool may have had effects. */
export function unansweredEnd(call: CallState): EventBody {
  return call.started
    ? notRun(
        call,
        "aborted",
        "The run was aborted while this tool was running. It may or may not have had its effects: its outcome is unknown.",
      )
    : notRun(call, "not_run", "Not run: the run was aborted before this call started.");
}
