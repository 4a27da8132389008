import type { AgentEvent, EventBody } from "@lockstitch/core";
import { keyOf } from "./event-words.js";
import { type Life, type Stop, stopOf } from "./lives.js";

/** What a life did, as a score to play from: which of its events have been made again, and what comes from outside when. */
export interface Score {
  /** What the life itself did and has not been done again, in order. */
  readonly left: readonly AgentEvent[];
  /** Finds an event's own in the log, and takes it off. */
  match(body: EventBody): AgentEvent | undefined;
  /** What comes from outside now: all that the life had done before it has been done again. */
  takePost(): AgentEvent | undefined;
  isPostDue(): boolean;
  /** How the life was stopped by those who had begun it, if that was the very next thing it did. */
  dueStop(): Stop | undefined;
  /** The same while it waits for something that only a stop can end. */
  waitedForStop(): Stop | undefined;
  /** What nobody took any more. */
  takeRest(): readonly AgentEvent[];
}

export function createScore({ events, posts }: Life): Score {
  const left = events.filter(({ seq }) => !posts.has(seq));
  const outside = events.filter(({ seq }) => posts.has(seq));
  const isDue = (post: AgentEvent | undefined): boolean =>
    post !== undefined && (left[0] === undefined || left[0].seq > post.seq);
  return {
    left,
    match(body) {
      const key = keyOf(body);
      // Calls that run side by side may come in another order; all else comes when its time has come.
      const index = isOfCall(body) ? left.findIndex((event) => keyOf(event) === key) : 0;
      const found = left[index];
      if (found === undefined || keyOf(found) !== key) return undefined;
      left.splice(index, 1);
      return found;
    },
    takePost: () => (isDue(outside[0]) ? outside.shift() : undefined),
    isPostDue: () => isDue(outside[0]),
    dueStop: () => stopOf(left[0]),
    waitedForStop: () => stopOf(left.find(({ type }) => type !== "model.end")),
    takeRest: () => outside.splice(0),
  };
}

function isOfCall({ type }: EventBody): boolean {
  return type.startsWith("tool.") || type.startsWith("approval.");
}
