import type Anthropic from "@anthropic-ai/sdk";
import type { RequestFields } from "../../agent.js";
import type { ModelRequest } from "../../claude-function.js";
import type { PreparedAgent } from "../../prepare-agent.js";
import type { State } from "../../state.js";
import { markCache } from "./cache-markers.js";

/** The next call to the API. System and tools come from the log, not from the agent: within a segment they never change. */
export function buildRequest(
  state: State,
  agent: PreparedAgent,
  maxTokens: number = agent.maxTokens,
): ModelRequest {
  const request: ModelRequest = {
    // Named by the last reply; an agent that names its own knows better.
    ...(state.container === undefined ? {} : { container: state.container }),
    ...withoutForcedChoice(agent.request, state.run?.steps ?? 1),
    model: agent.model,
    max_tokens: maxTokens,
    ...(state.system === undefined ? {} : { system: state.system as string | Anthropic.TextBlockParam[] }),
    ...(state.tools.length === 0 ? {} : { tools: state.tools as Anthropic.ToolUnion[] }),
    // A copy of the list: what a Claude function does to it must not reach the history.
    messages: [...state.messages] as Anthropic.MessageParam[],
  };
  return markCache(request, agent.cache);
}

/** A model that is forced to call a tool in every step can never answer, so the force holds for a run's first step only. */
function withoutForcedChoice(request: RequestFields, step: number): RequestFields {
  const { tool_choice: choice, ...rest } = request;
  if (step <= 1 || (choice?.type !== "any" && choice?.type !== "tool")) return request;
  return choice.disable_parallel_tool_use === true
    ? { ...rest, tool_choice: { type: "auto", disable_parallel_tool_use: true } }
    : rest;
}
