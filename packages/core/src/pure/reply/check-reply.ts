import { BrokenStreamError } from "../../errors.js";
import { isFields } from "../tool-result/shape.js";
import { isDeep } from "./nesting.js";

/**
 * A Claude function is anybody's code: what it returns is looked at before it enters the history.
 * Throws `BrokenStreamError` for what is no reply.
 */
export function checkReply(reply: unknown): void {
  const problem = replyProblem(reply);
  if (problem !== undefined)
    throw new BrokenStreamError(`The reply is not one of the Messages API: ${problem}.`);
}

function replyProblem(reply: unknown): string | undefined {
  if (!isFields(reply)) return "it is no object";
  if (!Array.isArray(reply.content)) return "it has no content blocks";
  if (typeof reply.stop_reason !== "string" || reply.stop_reason === "")
    return "it has no stop reason, so it may have been cut off";
  if (reply.model !== undefined && typeof reply.model !== "string") return "its model is no text";
  const broken = reply.content.findIndex((block: unknown) => !isBlock(block));
  return broken < 0 ? undefined : `content block ${broken} is none`;
}

function isBlock(block: unknown): boolean {
  if (!isFields(block) || typeof block.type !== "string") return false;
  const { text } = block;
  if (block.type === "text") return text === undefined || text === null || typeof text === "string";
  // A call's input has a way of its own to be refused; anything else this deep is nothing that could be stored or sent.
  return block.type === "tool_use" || !isDeep(block);
}
