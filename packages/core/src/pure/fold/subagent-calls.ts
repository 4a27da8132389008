import type { AgentEvent } from "../../events.js";
import type { State } from "../../state.js";
import { inCall, inRun, inStep } from "./change.js";
import { settle } from "./spend.js";

type Of<Type extends AgentEvent["type"]> = Extract<AgentEvent, { readonly type: Type }>;

/** Folds what happens to a call's subagents. */
export function applySubagent(
  state: State,
  event: Of<"subagent.start" | "subagent.end" | "tool.suspend" | "tool.resume">,
): State {
  switch (event.type) {
    case "subagent.start": {
      const { toolUseId, child, granted = {} } = event;
      // What it may spend is held until its end.
      const held = inRun(state, (run) => ({ held: { ...run.held, [child]: granted } }));
      return inCall(held, toolUseId, ({ subagents }) => ({ subagents: [...subagents, child] }));
    }
    case "subagent.end": {
      const { toolUseId, child } = event;
      return inCall(settle(state, child, event), toolUseId, ({ endedSubagents, suspended }) => ({
        endedSubagents: [...endedSubagents, child],
        suspended: suspended.filter((other) => other.child !== child),
      }));
    }
    case "tool.suspend": {
      const { toolUseId, child, approvals } = event;
      return inCall(state, toolUseId, ({ suspended }) => ({
        suspended: [...suspended, { child, approvals }],
      }));
    }
    case "tool.resume":
      return inCall(state, event.toolUseId, { suspended: [] });
  }
}

/** A process that goes on with a run looks again what its subagents wait for. */
export function resumeCalls(state: State): State {
  return inStep(state, ({ calls }) => ({ calls: calls.map((call) => ({ ...call, suspended: [] })) }));
}
