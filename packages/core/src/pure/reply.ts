import type Anthropic from "@anthropic-ai/sdk";
import type { EventBody } from "../events.js";
import { isLegalToolName } from "../tool.js";
import { wellFormed } from "../well-formed.js";
import { toolUseIds } from "./history.js";
import { afterReply, isCutOff } from "./stop-reason.js";
import { notRun } from "./unanswered.js";

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
 * that was cut off in the middle, a call whose id, name or input is not one that it takes, and half a character.
 */
export function sealReply(
  reply: Anthropic.Message,
  history: readonly Anthropic.MessageParam[],
  rename: () => string,
): readonly EventBody[] {
  const stopReason = reply.stop_reason ?? "unknown";
  const whole = isCutOff(stopReason) ? withoutCutOffCall(reply.content) : reply.content;
  const content = withLegalCalls(whole.filter(isNotEmpty), history, rename).map(wellFormed);
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

function isNotEmpty(block: Anthropic.ContentBlock): boolean {
  // A gateway may leave out the text of a block that has none.
  return block.type !== "text" || (typeof block.text === "string" && block.text !== "");
}

/** A call that ends a cut-off reply is whole only if its JSON is; one without a byte of input may have been about to get some. */
function withoutCutOffCall(content: readonly Anthropic.ContentBlock[]): readonly Anthropic.ContentBlock[] {
  const last = content.at(-1);
  if (last?.type === "server_tool_use") return content.slice(0, -1);
  if (last?.type !== "tool_use") return content;
  const isWhole = !isInvalidJson(last.input) && Object.keys(last.input ?? {}).length > 0;
  return isWhole ? content : content.slice(0, -1);
}

/** Calls in the form that the API takes back: an id that the session has not seen, a legal name, an object as input. */
function withLegalCalls(
  content: readonly Anthropic.ContentBlock[],
  history: readonly Anthropic.MessageParam[],
  rename: () => string,
): readonly Anthropic.ContentBlock[] {
  if (!content.some((block) => block.type === "tool_use")) return content;
  const seen = new Set(history.flatMap(toolUseIds));
  return content.map((block) => {
    if (block.type !== "tool_use") return block;
    const isFresh = typeof block.id === "string" && idPattern.test(block.id) && !seen.has(block.id);
    const id = isFresh ? block.id : rename();
    seen.add(id);
    const name = isLegalToolName(block.name)
      ? block.name
      : String(block.name)
          .replace(/[^a-zA-Z0-9_-]/g, "_")
          .slice(0, 64) || "_";
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

const idPattern = /^[a-zA-Z0-9_-]+$/;

/** An input nested deeper than anybody means: what walks through it later would run out of stack. */
function isDeep(value: unknown, left = 200): boolean {
  if (typeof value !== "object" || value === null) return false;
  return left === 0 || Object.values(value).some((item) => isDeep(item, left - 1));
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
  const why = isCutOff(stopReason)
    ? "Not run: the reply was cut off. Ask for this call again if it is still wanted."
    : `Not run: the reply ended with ${JSON.stringify(stopReason)}, not with a request for tools.`;
  return content.flatMap((block) =>
    block.type === "tool_use" ? [notRun({ toolUseId: block.id, name: block.name }, "not_run", why)] : [],
  );
}
