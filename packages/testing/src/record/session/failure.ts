import type { AgentEvent, EventBody } from "@lockstitch/core";
import { fromRecordedError } from "../recorded-error.js";
import { keyOf } from "./event-words.js";
import { isFinal } from "./log-reply.js";

/** A run that failed at something else than its model, e.g. at its disk: it fails so again, once. */
export interface Failure {
  /** What the run fails with instead of doing `body`; without one, instead of waiting. */
  due(left: readonly AgentEvent[], body?: EventBody): Error | undefined;
}

export function createFailure(events: readonly AgentEvent[]): Failure {
  let error = failureIn(events);
  return {
    due(left, body) {
      if (error === undefined || !isLost(left, body)) return undefined;
      const failure = error;
      error = undefined;
      return failure;
    },
  };
}

function failureIn(events: readonly AgentEvent[]): Error | undefined {
  const end = events.find(({ type }) => type === "run.end");
  if (end?.type !== "run.end" || end.reason !== "error" || end.error === undefined) return undefined;
  const last = events.findLastIndex(({ type }) => type === "model.end");
  const call = events[last];
  if (call?.type === "model.end" && call.error && isFinal(call.error, events.slice(last + 1)))
    return undefined;
  return fromRecordedError({ name: end.error.name, message: end.error.message });
}

/** What it did could not be written down: the log goes on with the answers that close a step, and the run's end. */
function isLost(left: readonly AgentEvent[], body: EventBody | undefined): boolean {
  const [next] = left;
  const isClosing = left.every(
    ({ type }) => type === "tool.end" || type === "step.end" || type === "run.end",
  );
  if (body === undefined) return isClosing;
  if (body.type === "run.end") return next?.type === "run.end" && body.reason !== "error";
  const isThere = left.some((event) => keyOf(event) === keyOf(body));
  return !isThere && (isClosing || body.type === "tool.start" || body.type === "tool.end");
}
