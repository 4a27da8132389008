import type { State } from "../../state.js";
import { runsAtApi, type ToolDefinition } from "../../tool-definition.js";

/** A state that knows of one more tool that was at work. */
export function withStarted(state: State, name: string): State {
  return state.startedTools.includes(name)
    ? state
    : { ...state, startedTools: [...state.startedTools, name] };
}

/** A state that knows of the tools that the API may run from here on, at any moment and unasked. */
export function withApiTools(state: State, tools: readonly ToolDefinition[]): State {
  const types = tools.flatMap((tool) => (runsAtApi(tool) ? [tool.type ?? "custom"] : []));
  return types.length === 0 ? state : { ...state, apiTools: [...new Set([...state.apiTools, ...types])] };
}
