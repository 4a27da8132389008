import type { AgentEvent } from "../../events.js";
import type { State } from "../../state.js";
import { withoutThinking } from "../conversation/thinking.js";

/**
 * A history without its thoughts, once the API has refused them: they were signed for another conversation, e.g. one with another system
 * prompt whose messages were handed on, and each later request would be refused like this one. All leave, for those behind one that
 * leaves are bound to it.
 */
export function withoutForeignThoughts(
  state: State,
  { error }: Extract<AgentEvent, { type: "model.end" }>,
): State {
  if (error?.status !== 400 || !refusal.test(error.message)) return state;
  const messages = state.messages.map(withoutThinking);
  return messages.some((message, index) => message !== state.messages[index])
    ? { ...state, messages }
    : state;
}

/** In the API's words, "Invalid `signature` in `thinking` block", whether or not it says to what the block is bound. */
const refusal = /invalid `?(?:signature|data)`? in `?(?:redacted_)?thinking`? block/i;
