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

/**
 * A call counts as failed until its summary is committed, which begins the count anew (`beginSegment`); so one whose prompt was too long, or
 * whose reply was no summary, stays counted.
 */
export function endSummary(
  state: State,
  { outcome, error }: Extract<AgentEvent, { type: "model.end" }>,
): State {
  const isAnswered = outcome === "message" || error?.status === 400 || error?.status === 413;
  return inRun(state, ({ summarising: { attempts, failures } }) => ({
    summarising: { attempts, failures: failures + (isAnswered ? 1 : 0) },
  }));
}
