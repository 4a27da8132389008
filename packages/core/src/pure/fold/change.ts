import type { CallState, RunState, State, StepState } from "../../state.js";

/** A state whose open run is changed; the same state where there is none. */
export function inRun(state: State, change: (run: RunState) => Partial<RunState>): State {
  return state.run === undefined ? state : { ...state, run: { ...state.run, ...change(state.run) } };
}

/** A state whose open step is changed; the same state where there is none. */
export function inStep(state: State, change: (step: StepState) => Partial<StepState>): State {
  return state.step === undefined ? state : { ...state, step: { ...state.step, ...change(state.step) } };
}

/** A state in which one call of the open step is changed. */
export function inCall(
  state: State,
  toolUseId: string,
  change: Partial<CallState> | ((call: CallState) => Partial<CallState>),
): State {
  const changed = (call: CallState) => ({
    ...call,
    ...(typeof change === "function" ? change(call) : change),
  });
  return inStep(state, (step) => ({
    calls: step.calls.map((call) => (call.toolUseId === toolUseId ? changed(call) : call)),
  }));
}
