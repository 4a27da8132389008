import type { AgentEvent, EventBody } from "@lockstitch/core";
import { keyOf } from "./event-words.js";
import { type Invocation, type Stop, stopOf } from "./invocations.js";

/** What an invocation did and the replay has still to do, and what comes from outside when. */
export interface RemainingEvents {
  /** What the invocation itself did and has not been done again, in order. */
  readonly events: readonly AgentEvent[];
  /** The first event of a commit that has not its own in the log. */
  firstUnknown(bodies: readonly EventBody[]): EventBody | undefined;
  /** Finds an event's own in the log, and takes it off. */
  take(body: EventBody): AgentEvent | undefined;
  /** What comes from outside now: all that the invocation had done before it has been done again. */
  takePost(): AgentEvent | undefined;
  isPostDue(): boolean;
  /** How the invocation was stopped by those who had begun it, if that was the very next thing it did. */
  dueStop(): Stop | undefined;
  /** The same while it waits for something that only a stop can end. */
  waitedForStop(): Stop | undefined;
  /** What nobody took any more. */
  takeRest(): readonly AgentEvent[];
}

export function createRemainingEvents({ events: all, posts }: Invocation): RemainingEvents {
  const events = all.filter(({ seq }) => !posts.has(seq));
  const outside = all.filter(({ seq }) => posts.has(seq));
  const isDue = (post: AgentEvent | undefined): boolean =>
    post !== undefined && (events[0] === undefined || events[0].seq > post.seq);
  return {
    events,
    firstUnknown(bodies) {
      const left = [...events];
      return bodies.find((body) => takeFrom(left, body) === undefined);
    },
    take: (body) => takeFrom(events, body),
    takePost: () => (isDue(outside[0]) ? outside.shift() : undefined),
    isPostDue: () => isDue(outside[0]),
    dueStop: () => stopOf(events[0]),
    waitedForStop: () => stopOf(events.find(({ type }) => type !== "model.end")),
    takeRest: () => outside.splice(0),
  };
}

function takeFrom(events: AgentEvent[], body: EventBody): AgentEvent | undefined {
  const key = keyOf(body);
  // Calls that run side by side may come in another order; all else comes when its time has come.
  const index = isOfCall(body) ? events.findIndex((event) => keyOf(event) === key) : 0;
  const found = events[index];
  return found !== undefined && keyOf(found) === key ? events.splice(index, 1)[0] : undefined;
}

function isOfCall({ type }: EventBody): boolean {
  return type.startsWith("tool.") || type.startsWith("approval.");
}
