import { findBrokenThinking } from "../thinking-signature.js";
import { blocksOf, messagesOf } from "./messages.js";
import { type Fields, firstRefusal, modelOf, type Rule, refuses } from "./rule.js";

/** A thought must lead to something: a turn that broke off in the middle of one can't be sent back. */
export const noTurnEndsInThought: Rule = (request) => {
  const messages = messagesOf(request);
  return firstRefusal(
    messages.map((message, index) =>
      message.role === "assistant" &&
      messages[index + 1]?.role !== "assistant" &&
      blocksOf(message).at(-1)?.type === "thinking"
        ? `messages.${index}: The final block in an assistant message cannot be \`thinking\`.`
        : undefined,
    ),
  );
};

/** With manual thinking, the turn that is still calling tools must have begun with a thought. */
export const pendingTurnBeginsWithThought: Rule = (request) => {
  if ((request.thinking as Fields | undefined)?.type !== "enabled") return undefined;
  const index = startOfToolLoop(messagesOf(request));
  const type = index === undefined ? undefined : blocksOf(messagesOf(request)[index])[0]?.type;
  if (type === undefined || isThought(type)) return undefined;
  return (
    `messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${String(type)}\`. ` +
    "When `thinking` is enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost " +
    "set of `tool_use` and `tool_result` blocks). We recommend you include thinking blocks from previous turns. To avoid " +
    "this requirement, disable `thinking`. Please consult our documentation at " +
    "https://platform.claude.com/docs/en/build-with-claude/extended-thinking"
  );
};

/** The assistant message that began the calls which the end of the conversation answers. */
function startOfToolLoop(messages: readonly Fields[]): number | undefined {
  let start: number | undefined;
  for (let index = messages.length - 1; index > 0; index -= 2) {
    const [call, answer] = [messages[index - 1], messages[index]];
    if (call?.role !== "assistant" || blocksOf(answer)[0]?.type !== "tool_result") break;
    start = index - 1;
  }
  return start;
}

function isThought(type: unknown): boolean {
  return type === "thinking" || type === "redacted_thinking";
}

export const noThoughtsWithoutThinking: Rule = (request, surroundings) => {
  const type = (request.thinking as Fields | undefined)?.type;
  const model = modelOf(request, surroundings);
  const isOff = type === "disabled" || (type === undefined && model !== undefined && !model.thinksUnasked);
  if (!isOff) return undefined;
  const index = messagesOf(request).length - 1;
  const last = messagesOf(request)[index];
  const position = blocksOf(last).findIndex(({ type }) => isThought(type));
  return last?.role === "assistant" && position >= 0
    ? `messages.${index}.content.${position}: When thinking is disabled, an \`assistant\` message in the final position ` +
        "cannot contain `thinking`. To use thinking blocks, enable `thinking` in your request."
    : undefined;
};

const bindingControls = "thinking-binding-controls-2026-08-01";

/**
 * Thoughts come back as they were signed, and on the newest models after just what they were signed after: see
 * https://platform.claude.com/docs/en/build-with-claude/preserved-thinking. Only what a simulator signed can be judged.
 */
export const thoughtsAreUnbroken: Rule = (request, surroundings) => {
  const behavior = ((request.thinking as Fields | undefined)?.block_binding as Fields | undefined)
    ?.prefix_mismatch_behavior;
  const isBound = behavior === "error" || refuses(modelOf(request, surroundings), "thinking_out_of_place");
  for (const { path, problem } of findBrokenThinking(
    request as unknown as Parameters<typeof findBrokenThinking>[0],
  )) {
    if (problem === "changed") return `${path}: Invalid \`signature\` in \`thinking\` block`;
    if (!isBound || behavior === "drop_block") continue;
    const header = surroundings.betas.includes(bindingControls)
      ? ""
      : ` That setting requires the \`${bindingControls}\` value in the \`anthropic-beta\` header.`;
    return (
      `${path}: Invalid \`signature\` in \`thinking\` block. The block is bound to a different conversation. ` +
      `Remove the block, or set \`thinking.block_binding.prefix_mismatch_behavior\` to "drop_block".${header}`
    );
  }
  return undefined;
};
