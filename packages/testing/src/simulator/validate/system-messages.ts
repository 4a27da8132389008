import { blocksOf, messagesOf } from "./messages.js";
import { type Fields, firstRefusal, modelOf, type Rule, refuses } from "./rule.js";

const orDirective = "the directive-only form (content: [] with output_config) is accepted at any position";

/**
 * System messages stand after what a person said (or a server tool found) and before what the model says next;
 * several in a row count as one. Older models know none.
 */
export const systemMessagesAreInPlace: Rule = (request, surroundings) => {
  const messages = messagesOf(request);
  if (!messages.some(({ role }) => role === "system")) return undefined;
  if (refuses(modelOf(request, surroundings), "system_message")) {
    return "messages: role 'system' is not supported on this model";
  }
  return firstRefusal(messages.map((_, index) => misplaced(messages, index)));
};

function misplaced(messages: readonly Fields[], index: number): string | undefined {
  if (!isSaid(messages[index])) return undefined;
  const [previous, next] = [messages[index - 1], messages[index + 1]];
  if (index === 0) {
    return `messages.0: use the top-level 'system' parameter for the initial system prompt; ${orDirective}`;
  }
  if (previous?.role === "assistant" && !endsWithServerResult(previous)) {
    return (
      `messages.${index}: role 'system' must follow a 'user' message or an 'assistant' message ending in a server tool ` +
      `result; ${orDirective}`
    );
  }
  return next?.role === "user"
    ? `messages.${index}: role 'system' must precede an 'assistant' message or end the array; ${orDirective}`
    : undefined;
}

/** One with words, not one that only changes how the model is to answer. */
function isSaid(message: Fields | undefined): boolean {
  return message?.role === "system" && blocksOf(message).length > 0;
}

function endsWithServerResult(message: Fields): boolean {
  const type = blocksOf(message).at(-1)?.type;
  return typeof type === "string" && type.endsWith("_tool_result");
}
