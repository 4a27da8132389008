import type { MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import type { ReplyBlock } from "./mind.js";
import type { SimulatedModel } from "./simulated-model.js";
import { prefixAfter, prefixOf, signThinking } from "./thinking-signature.js";

type Thought = Extract<ReplyBlock, { type: "thinking" }>;

/** Whether a block is a thought that is still to be signed. One that has a signature was recorded, and goes out as it is. */
export function isUnsigned(block: ReplyBlock): block is Thought {
  return block.type === "thinking" && !block.signature;
}

/** Whether this model thinks in its reply to this request. */
export function canThink({ thinking, messages }: MessageCreateParams, model: SimulatedModel): boolean {
  switch (thinking?.type) {
    case undefined:
      return model.thinksUnasked === true;
    case "adaptive":
    case "enabled":
      return true;
    case "disabled":
      return false;
    case "between_tools": {
      const last = messages.at(-1)?.content;
      return Array.isArray(last) && last.some(({ type }) => type === "tool_result");
    }
    default:
      return thinking satisfies never;
  }
}

/** Signs a reply's thoughts, each bound to all that stands before it, and shows of them what the request wants to see. */
export function signThoughts(
  content: readonly ReplyBlock[],
  request: MessageCreateParams,
  model: SimulatedModel,
): readonly ReplyBlock[] {
  if (!content.some(isUnsigned)) return content;
  let prefix = prefixOf(request);
  return content.map((block) => {
    const signed = isUnsigned(block) ? signThought(block, prefix, isHidden(request, model)) : block;
    prefix = prefixAfter(prefix, signed);
    return signed;
  });
}

function signThought(thought: Thought, prefix: string, hidden: boolean): ReplyBlock {
  const thinking = hidden ? "" : thought.thinking;
  return { ...thought, thinking, signature: signThinking(prefix, thinking) };
}

function isHidden({ thinking }: MessageCreateParams, model: SimulatedModel): boolean {
  const display = thinking && "display" in thinking ? thinking.display : undefined;
  return display ? display === "omitted" : model.hidesThinking === true;
}
