import type { AgentEvent } from "../../events.js";
import type { State } from "../../state.js";
import { extentOf } from "../conversation/extent.js";
import { inRun } from "./change.js";

/**
 * A prompt that the API refused as too long: its words say how large it really is, which no estimate had seen coming. The run still owes
 * an answer to what was said last.
 */
export function tooLong(state: State, { error }: Extract<AgentEvent, { type: "model.end" }>): State {
  const { model } = state.step ?? {};
  const [, tokens, window] = (error?.status === 400 && refusal.exec(error.message)) || [];
  if (model === undefined || tokens === undefined || window === undefined) return state;
  const counted = {
    model,
    tokens: Number(tokens),
    window: Number(window),
    ...extentOf(state.messages),
    inbox: state.inbox.length,
  };
  // Summaries that failed before were asked for in requests that were thought to fit.
  const isNews = state.counted?.window === undefined;
  return inRun({ ...state, counted }, ({ summarising }) => ({
    goesOn: true,
    summarising: isNews ? { ...summarising, failures: 0 } : summarising,
  }));
}

/**
 * In the API's words: "prompt is too long: 226738 tokens > 200000 maximum"; and where older models have no room for the answer beside
 * it, "input length and `max_tokens` exceed context limit: 188240 + 16000 > 200000".
 */
const refusal = /(?:prompt is too long|exceed context limit): (\d+)(?: tokens| \+ \d+) > (\d+)/;
