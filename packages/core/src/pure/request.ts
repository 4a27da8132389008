import type Anthropic from "@anthropic-ai/sdk";
import type { PreparedAgent } from "../agent.js";
import type { ModelRequest } from "../claude-function.js";
import type { State } from "./state.js";

/** The next call to the API. System and tools come from the log, not from the agent: within a segment they never change. */
export function buildRequest(state: State, agent: PreparedAgent): ModelRequest {
  return {
    ...agent.request,
    model: agent.model,
    max_tokens: agent.maxTokens,
    ...(state.system === undefined ? {} : { system: state.system as string | Anthropic.TextBlockParam[] }),
    ...(state.tools.length === 0 ? {} : { tools: state.tools as Anthropic.ToolUnion[] }),
    messages: state.messages as Anthropic.MessageParam[],
  };
}
