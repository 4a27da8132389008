import type { AgentEvent } from "../../events.js";
import type { State } from "../../state.js";
import { inRun } from "./change.js";

/** A call between steps is one for a summary, and is counted by itself. */
export function beginSummary(state: State): State {
  if (state.step !== undefined) return state;
  return inRun(state, ({ summarising: { attempts, failures } }) => ({
    summarising: { attempts: attempts + 1, failures },
  }));
}

/** The summary comes right behind its call; a call without one was in vain, as when its prompt was too long. */
export function endSummary(
  state: State,
  { outcome, error }: Extract<AgentEvent, { type: "model.end" }>,
): State {
  const isInVain = outcome === "message" || error?.status === 400 || error?.status === 413;
  return inRun(state, ({ summarising: { attempts, failures } }) => ({
    summarising: { attempts, failures: failures + (isInVain ? 1 : 0) },
  }));
}
