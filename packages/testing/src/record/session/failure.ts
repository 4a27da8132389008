import type { AgentEvent, ToolOutcome } from "@lockstitch/core";
import { fromRecordedError } from "../recorded-error.js";
import { hasFailedAtModel } from "./logged-reply.js";

/** What a run failed with at something else than its model, e.g. at its disk: what it did then could not be written down. */
export function failureIn(events: readonly AgentEvent[]): Error | undefined {
  const end = events.find(({ type }) => type === "run.end");
  if (end?.type !== "run.end" || end.reason !== "error" || end.error === undefined) return undefined;
  if (hasFailedAtModel(events)) return undefined;
  return fromRecordedError({ name: end.error.name, message: end.error.message });
}

/** Whether all that is left is how a failed run is closed: the answers to its open calls, the end of its step, and its own. */
export function isClosing(left: readonly AgentEvent[]): boolean {
  return left.every(
    (event) =>
      event.type === "step.end" ||
      event.type === "run.end" ||
      (event.type === "tool.end" && closingOutcomes.includes(event.outcome)),
  );
}

const closingOutcomes: readonly ToolOutcome[] = ["not_run", "aborted"];
