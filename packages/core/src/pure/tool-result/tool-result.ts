import { errorName, messageOf } from "../../errors.js";
import type { ToolResult } from "../../events.js";
import { defaultLimits } from "../../limits.js";
import { ToolError } from "../../tool.js";
import type { ResultBlock } from "../../tool-definition.js";
import { wellFormed } from "../../well-formed.js";
import { uncited } from "../conversation/citations.js";
import { mapBlocks } from "../conversation/map-content.js";
import { checkedMedia } from "../media/media.js";
import { binaryContent } from "./binary.js";
import { isBlocks } from "./blocks.js";
import { withFittingLabels } from "./document-labels.js";
import { toJson } from "./json.js";
import { textsAmongBlocks } from "./texts-among-blocks.js";

/**
 * Whatever a tool returned, as a result that the API accepts by itself. Never throws.
 * @param mayCite whether its request takes citations
 */
export function resultOf(
  returned: unknown,
  maxLength: number = defaultLimits.maxResultLength,
  { mayCite }: { readonly mayCite: boolean } = { mayCite: true },
): ToolResult {
  if (isA(returned, Error)) return errorResult(returned, maxLength);
  const given = contentOf(returned, maxLength);
  const content = mayCite || typeof given === "string" ? given : given.map(uncited);
  // Of what became JSON only as much was written as can be shown.
  const isWhole = typeof returned === "string" || isBytes(returned);
  const size = typeof content === "string" && !isWhole ? "at least " : "";
  return { content: cut(content, maxLength, size) };
}

/** Whatever a tool threw, as an `is_error` result. Never throws. */
export function errorResult(thrown: unknown, maxLength: number = defaultLimits.maxResultLength): ToolResult {
  const content = isA(thrown, ToolError) ? textOnly(contentOf(thrown.content, maxLength)) : describe(thrown);
  return { content: cut(content, maxLength), is_error: true };
}

/** A result without what is beyond `maxLength` characters. */
export function cutResult(result: ToolResult, maxLength: number): ToolResult {
  const { content } = result;
  return content === undefined ? result : { ...result, content: cut(content, maxLength) };
}

/** The API takes nothing but text in a result that is an error. */
function textOnly(content: string | ResultBlock[]): string | ResultBlock[] {
  if (typeof content === "string") return content;
  const text = content.filter(({ type }) => type === "text");
  const left = content.length - text.length;
  return left === 0
    ? content
    : [
        ...text,
        { type: "text", text: `(${left} more of the error's blocks are not text and can't be shown)` },
      ];
}

/** A revoked proxy can't even be asked what it is. */
function isA<Kind>(value: unknown, kind: new (...given: never) => Kind): value is Kind {
  try {
    return value instanceof kind;
  } catch {
    return false;
  }
}

function isBytes(value: unknown): value is ArrayBuffer | ArrayBufferView {
  return isA(value, ArrayBuffer) || ArrayBuffer.isView(value);
}

function describe(thrown: unknown): string {
  const [name, message] = [errorName(thrown), messageOf(thrown)];
  const text = name === "Error" || message.startsWith(name) ? message : `${name}: ${message}`;
  return text.trim() === "" ? "The tool failed without saying why." : text;
}

function contentOf(value: unknown, maxLength: number): string | ResultBlock[] {
  try {
    return readable(value, maxLength);
  } catch (error) {
    return `(a value that can't be shown: ${messageOf(error).toWellFormed()})`;
  }
}

function readable(value: unknown, maxLength: number): string | ResultBlock[] {
  if (value === undefined || value === "") return "(the tool returned nothing)";
  if (typeof value === "string") return value.toWellFormed();
  if (value instanceof Uint8Array) return binaryContent(value);
  if (value instanceof ArrayBuffer) return binaryContent(new Uint8Array(value));
  if (ArrayBuffer.isView(value))
    return binaryContent(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  const listed = textsAmongBlocks(value);
  const given = isBlocks(listed) ? listed : [value];
  if (isBlocks(given)) {
    // Copied: the tool may go on changing what it returned, and the history must not change with it.
    const blocks = structuredClone(
      given.filter((block) => block.type !== "text" || block.text.trim() !== ""),
    ).map((block) => wellFormed(withoutMarkers(withFittingLabels(block))));
    return blocks.length === 0 ? "(the tool returned nothing)" : [...mapBlocks(blocks, sendable)];
  }
  return toJson(value, maxLength);
}

/** An image or a document that the API would refuse, with every later request of its session, gives way to a note. */
function sendable(block: ResultBlock): ResultBlock {
  const checked = checkedMedia(block);
  return "block" in checked ? checked.block : { type: "text", text: `(not shown: ${checked.problem})` };
}

/** A request takes four cache markers: those of a tool would add up with every call, until the API refuses the session for ever. */
function withoutMarkers(block: ResultBlock): ResultBlock {
  return JSON.parse(
    JSON.stringify(block, (key, value: unknown) => (key === "cache_control" ? undefined : value)),
  ) as ResultBlock;
}

/** Cuts what is beyond `maxLength` characters, over all blocks together; images and documents in base64 have limits of their own. */
function cut(content: string | ResultBlock[], maxLength: number, size = ""): string | ResultBlock[] {
  if (typeof content === "string") return cutText(content, maxLength, size);
  const kept: ResultBlock[] = [];
  let left = maxLength;
  let dropped = 0;
  for (const block of content) {
    const length = lengthOf(block);
    if (length <= left) kept.push(block);
    else if (left === 0) dropped += 1;
    else kept.push({ type: "text", text: cutText(block.type === "text" ? block.text : toJson(block), left) });
    left = Math.max(0, left - length);
  }
  return dropped === 0
    ? kept
    : [...kept, { type: "text", text: `[cut: ${dropped} more blocks are not shown]` }];
}

/** In characters that count. */
function lengthOf(block: ResultBlock): number {
  if (block.type === "text") return block.text.length;
  const isFile =
    "source" in block &&
    typeof block.source === "object" &&
    block.source !== null &&
    "type" in block.source &&
    block.source.type === "base64";
  return isFile ? 0 : toJson(block).length;
}

function cutText(text: string, maxLength: number, size = ""): string {
  if (text.length <= maxLength) return text;
  const note = `[cut: the first ${maxLength} of ${size}${text.length} characters are shown]`;
  return maxLength === 0 ? note : `${text.slice(0, maxLength).toWellFormed()}\n${note}`;
}
