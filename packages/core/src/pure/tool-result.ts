import { messageOf, nameOf } from "../errors.js";
import type { ToolResult } from "../events.js";
import { defaultLimits } from "../limits.js";
import { type ResultBlock, ToolError } from "../tool.js";
import { wellFormed } from "../well-formed.js";
import { binaryContent } from "./binary.js";
import { isBlocks } from "./blocks.js";
import { toJson } from "./json.js";

/** Whatever a tool returned, as a result that the API accepts. Never throws. */
export function resultOf(returned: unknown, maxLength: number = defaultLimits.maxResultLength): ToolResult {
  if (returned instanceof Error) return errorResult(returned, maxLength);
  return { content: cut(contentOf(returned), maxLength) };
}

/** Whatever a tool threw, as an `is_error` result. Never throws. */
export function errorResult(thrown: unknown, maxLength: number = defaultLimits.maxResultLength): ToolResult {
  const chosen = chosenContent(thrown);
  const content = chosen === undefined ? describe(thrown) : contentOf(chosen.content);
  return { content: cut(content, maxLength), is_error: true };
}

/** A revoked proxy can't even be asked what it is. */
function chosenContent(thrown: unknown): ToolError | undefined {
  try {
    return thrown instanceof ToolError ? thrown : undefined;
  } catch {
    return undefined;
  }
}

function describe(thrown: unknown): string {
  const [name, message] = [nameOf(thrown), messageOf(thrown)];
  const text = name === "Error" || message.startsWith(name) ? message : `${name}: ${message}`;
  return text.trim() === "" ? "The tool failed without saying why." : text;
}

function contentOf(value: unknown): string | ResultBlock[] {
  if (value === undefined || value === "") return "(the tool returned nothing)";
  if (typeof value === "string") return value.toWellFormed();
  if (value instanceof Uint8Array) return binaryContent(value);
  if (value instanceof ArrayBuffer) return binaryContent(new Uint8Array(value));
  if (isBlocks(value)) {
    // Copied: the tool may go on changing what it returned, and the history must not change with it.
    const blocks = structuredClone(
      value.filter((block) => block.type !== "text" || block.text.trim() !== ""),
    ).map((block) => wellFormed(withoutMarker(block)));
    return blocks.length === 0 ? "(the tool returned nothing)" : blocks;
  }
  return toJson(value);
}

/** A request takes four cache markers: those of a tool would add up with every call, until the API refuses the session for ever. */
function withoutMarker({ cache_control: _, ...block }: ResultBlock): ResultBlock {
  return block;
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
