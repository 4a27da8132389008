import type { ResultBlock } from "../../tool-definition.js";
import { isBase64, isWebAddress } from "../media/file-data.js";
import { browserState } from "./browser-state.js";
import { type Check, fits, isCacheControl, isFields, isText, oneOf, type Shape } from "./shape.js";

/**
 * Whether a value is a list of nothing but content blocks that the API takes in a tool result, to the last field.
 * Anything else is data that only looks like blocks: sent as blocks, the API would refuse it, now and ever after.
 */
export function isBlocks(value: unknown): value is ResultBlock[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  // Not by `every`, which walks through a billion holes to find that none of them is wrong.
  for (const item of value) if (!isBlock(item)) return false;
  return true;
}

function isBlock(value: unknown): boolean {
  if (!isFields(value) || typeof value.type !== "string" || !Object.hasOwn(blocks, value.type)) return false;
  return fits(value, blocks[value.type as ResultBlock["type"]]);
}

const isWord: Check = (value) => typeof value === "string" && value.trim() !== "";
const source =
  (...shapes: readonly Shape[]): Check =>
  (value) =>
    isFields(value) &&
    shapes.some((shape) => shape.required.type?.(value.type) === true && fits(value, shape));

const marker = { cache_control: isCacheControl };
const switchedOn: Check = (value) =>
  isFields(value) && Object.entries(value).every(([key, on]) => key === "enabled" && typeof on === "boolean");
/** Inside another block an empty text is refused, where as a block of its own it is simply left out. */
const saysSomething = (block: ResultBlock) => block.type !== "text" || block.text.trim() !== "";
const isTextBlocks: Check = (value) =>
  isBlocks(value) && value.every((block) => block.type === "text" && saysSomething(block));
const url: Shape = { required: { type: oneOf("url"), url: isWebAddress } };
const file: Shape = { required: { type: oneOf("file"), file_id: isWord } };
const base64 = (...types: readonly string[]): Shape => ({
  required: {
    type: oneOf("base64"),
    media_type: oneOf(...types),
    data: isBase64,
  },
});
const plainText: Shape = { required: { type: oneOf("text"), media_type: oneOf("text/plain"), data: isWord } };
const content: Shape = {
  required: {
    type: oneOf("content"),
    content: (value) =>
      isWord(value) ||
      (isBlocks(value) &&
        value.every((block) => (block.type === "text" || block.type === "image") && saysSomething(block))),
  },
};

/** Source: the block types of the SDK, version 1.12.0. */
const blocks: Readonly<Record<ResultBlock["type"], Shape>> = {
  text: { required: { text: isText }, optional: { ...marker, citations: (value) => value === null } },
  image: {
    required: { source: source(base64("image/jpeg", "image/png", "image/gif", "image/webp"), url, file) },
    optional: marker,
  },
  document: {
    required: { source: source(base64("application/pdf"), plainText, content, url, file) },
    optional: { ...marker, citations: switchedOn, context: isText, title: isText },
  },
  search_result: {
    required: { source: isWord, title: isText, content: isTextBlocks },
    optional: { ...marker, citations: switchedOn },
  },
  tool_reference: { required: { tool_name: isWord }, optional: marker },
  browser_state: browserState,
};
