import type { AgentEvent, Delta } from "@lockstitch/core";

/** What a client is told of a run while it lasts: which step it is at and which tools it uses, nothing of what is said. */
export function progressWords(event: AgentEvent | Delta): string | undefined {
  switch (event.type) {
    case "step.start":
      return `step ${event.step}`;
    case "tool.start":
      return `uses ${event.name}`;
    case "tool.end":
      return `used ${event.name}: ${event.outcome}`;
    case "approval.request":
      return "waits for a person";
    case "wait":
      return `waits: ${event.reason}`;
    default:
      return undefined;
  }
}
