import type Anthropic from "@anthropic-ai/sdk";
import type { EventBody } from "../../events.js";
import { isLegalCallId, isLegalToolName } from "../../tool-definition.js";
import { wellFormed } from "../../well-formed.js";
import { failedEnd } from "../calls/call-ends.js";
import { isServerToolUse, referencesOf } from "../conversation/history.js";
import { withoutLastThoughts } from "../conversation/thinking.js";
import { isDeep } from "./nesting.js";
import { afterReply, endedEarly, isCutOff } from "./stop-reason.js";

/** A tool input whose JSON was broken, kept as the model wrote it. The form the API's documentation gives for telling the model. */
export interface InvalidJson {
  readonly INVALID_JSON: string;
}

export function isInvalidJson(input: unknown): input is InvalidJson {
  if (typeof input !== "object" || input === null) return false;
  return Object.keys(input).length === 1 && "INVALID_JSON" in input && typeof input.INVALID_JSON === "string";
}

/**
 * A reply as it is committed: the message, and the answers to calls that must not run.
 * Content goes into the history as it came but for what the API would refuse when it comes back: empty text blocks, a call
 * that was cut off in the middle, one of the API's own tools that nothing will answer any more, a thought that led to nothing, a call whose id, name or input is not one that it takes,
 * and half a character.
 * @param seen ids of all calls that the session has seen
 */
export function sealReply(
  reply: Anthropic.Message,
  seen: ReadonlySet<string>,
  rename: () => string,
): readonly EventBody[] {
  const stopReason = reply.stop_reason ?? "unknown";
  const whole = isCutOff(stopReason) ? withoutCutOffCall(reply.content) : reply.content;
  const closed = goesOn(stopReason) ? whole : whole.filter(isClosed);
  const kept = withoutLastThoughts(closed.filter(canComeBack));
  const content = withLegalCalls(kept, seen, rename).map(wellFormed);
  const message: Anthropic.AssistantMessageParam = {
    role: "assistant",
    content: content as Anthropic.ContentBlockParam[],
  };
  const container = reply.container?.id;
  return [
    { type: "message", id: reply.id, message, stopReason, ...(container === undefined ? {} : { container }) },
    ...answersWithoutRunning(content, stopReason),
  ];
}

/** Whether the API takes a block back from the assistant. What it doesn't would have every later request refused. */
function canComeBack(block: Anthropic.ContentBlock): boolean {
  switch (block.type) {
    case "text":
      // A gateway may leave out the text of a block that has none.
      return isWord(block.text);
    case "thinking":
      // A gateway may leave its signature out.
      return typeof block.thinking === "string" && isWord(block.signature);
    case "redacted_thinking":
      return isWord(block.data);
    default:
      return !onlyUsers.includes(block.type);
  }
}

/** Kinds that only a user's message may hold. */
const onlyUsers: readonly string[] = ["tool_result", "image", "search_result"];

/** A call that ends a cut-off reply is whole only if its JSON is; one without a byte of input may have been about to get some. */
function withoutCutOffCall(content: readonly Anthropic.ContentBlock[]): readonly Anthropic.ContentBlock[] {
  const last = content.at(-1);
  if (last?.type !== "tool_use") return content;
  const isWhole = !isInvalidJson(last.input) && Object.keys(last.input ?? {}).length > 0;
  return isWhole ? content : content.slice(0, -1);
}

/** Whether the next reply may answer what this one leaves open. */
function goesOn(stopReason: string): boolean {
  const next = afterReply(stopReason);
  return next === "tools" || next === "continue";
}

/** Whether a block is no call of a tool that the API runs, or is answered, or has called a tool of ours, whose answer names it. */
function isClosed(
  block: Anthropic.ContentBlock,
  _index: number,
  content: readonly Anthropic.ContentBlock[],
): boolean {
  if (!isServerToolUse(block)) return true;
  return content.some((other) => referencesOf(other).includes(block.id));
}

/** Calls in the form that the API takes back: an id that the session has not seen, a legal name, an object as input. */
function withLegalCalls(
  content: readonly Anthropic.ContentBlock[],
  before: ReadonlySet<string>,
  rename: () => string,
): readonly Anthropic.ContentBlock[] {
  if (!content.some((block) => block.type === "tool_use")) return content;
  const seen = new Set(before);
  return content.map((block) => {
    if (block.type !== "tool_use") return block;
    const isFresh = isLegalCallId(block.id) && !seen.has(block.id);
    const id = isFresh ? block.id : rename();
    seen.add(id);
    const name = isLegalToolName(block.name) ? block.name : legalName(block.name);
    const input =
      isObject(block.input) && !isDeep(block.input)
        ? block.input
        : {
            INVALID_JSON: isDeep(block.input)
              ? "(nested more than 200 levels deep)"
              : (JSON.stringify(block.input) ?? ""),
          };
    return id === block.id && name === block.name && input === block.input
      ? block
      : { ...block, id, name, input };
  });
}

/** Close enough for the model to know what it wrote; never the name of a tool, which would then be run. */
function legalName(name: unknown): string {
  const words = typeof name === "string" ? name.replace(/[^a-zA-Z0-9_-]/g, "_") : "";
  return `illegal_name_${words}`.slice(0, 64);
}

function isWord(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Calls run only from a reply that stopped to have them run. All others are answered at once, so that the history stays legal. */
function answersWithoutRunning(
  content: readonly Anthropic.ContentBlock[],
  stopReason: string,
): readonly EventBody[] {
  if (afterReply(stopReason) === "tools" || stopReason === "refusal") return [];
  const why = whyNoAnswer(stopReason);
  return content.flatMap((block) =>
    block.type === "tool_use" ? [failedEnd({ toolUseId: block.id, name: block.name }, "not_run", why)] : [],
  );
}

function whyNoAnswer(stopReason: string): string {
  // One without effects may have begun while the reply still streamed, so it would be wrong to say that it did not run.
  if (stopReason === endedEarly) return "Not needed: the reply was ended early.";
  return isCutOff(stopReason)
    ? "Not run: the reply was cut off. Ask for this call again if it is still wanted."
    : `Not run: the reply ended with ${JSON.stringify(stopReason)}, not with a request for tools.`;
}
