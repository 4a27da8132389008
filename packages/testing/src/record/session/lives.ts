import type Anthropic from "@anthropic-ai/sdk";
import { type AgentEvent, apply, emptyState, type State } from "@lockstitch/core";

/** What one process did to a session: from its `run()` or `resume()` to where it ended, waited, or died. */
export interface Life {
  readonly how:
    | { readonly type: "run"; readonly messages: readonly Anthropic.MessageParam[] }
    | { readonly type: "resume" };
  /** The event with which it takes the session up. */
  readonly head: Extract<AgentEvent, { type: "run.start" | "run.resume" }>;
  readonly events: readonly AgentEvent[];
  /** Its run came to its end. Otherwise it died here, or waits for a person. */
  readonly ended: boolean;
  /** Events that came from outside while it lived, or after it had died, by `seq`. */
  readonly posts: ReadonlySet<number>;
}

type Head = Life["head"];

/** A log cut into the lives that made it. */
export function livesOf(events: readonly AgentEvent[]): readonly Life[] {
  const heads = events.flatMap((event, index) => (isHead(event) ? [index] : []));
  const starts = heads.map((head, number) => (number === 0 ? 0 : startOf(events, head)));
  return heads.map((head, number) =>
    lifeOf(events, head, starts[number] ?? 0, starts[number + 1] ?? events.length),
  );
}

function isHead(event: AgentEvent): event is Head {
  return event.type === "run.start" || event.type === "run.resume";
}

/** A new segment is begun in the same commit as the run that needs it, before it. */
function startOf(events: readonly AgentEvent[], head: number): number {
  return events[head]?.type === "run.start" && events[head - 1]?.type === "compaction" ? head - 1 : head;
}

function lifeOf(events: readonly AgentEvent[], head: number, start: number, end: number): Life {
  const opening = openingOf(events, head, end);
  const said = events[opening.at(-1) ?? -1];
  const its = events.slice(start, end);
  const posts = its.filter((event) => isFromOutside(event) && !opening.includes(events.indexOf(event)));
  return {
    how: said?.type === "input" ? { type: "run", messages: said.messages } : { type: "resume" },
    head: events[head] as Head,
    events: its,
    ended: its.some(({ type }) => type === "run.end"),
    posts: new Set(posts.map(({ seq }) => seq)),
  };
}

/** The places of what a life commits beside its head: calls denied because "the user moved on", and what was said. */
function openingOf(events: readonly AgentEvent[], head: number, end: number): readonly number[] {
  let at = head + 1;
  while (at < end && isMovedOn(events[at])) at += 1;
  if (events[at]?.type === "compaction") at += 1;
  if (at >= end || events[at]?.type !== "input") return [];
  // A person who says something new instead of answering denies the calls that wait. Where they were not, it came from outside.
  const isPost = at === head + 1 && events[head]?.type === "run.resume" && isWaiting(events.slice(0, head));
  return isPost ? [] : Array.from({ length: at - head }, (_, index) => head + 1 + index);
}

function isMovedOn(event: AgentEvent | undefined): boolean {
  return event?.type === "approval.response" && !event.approved && event.reason === "the user moved on";
}

function isWaiting(events: readonly AgentEvent[]): boolean {
  const state: State = events.reduce(apply, emptyState(""));
  return (state.step?.calls ?? []).some(
    ({ askedAt, result }) => askedAt !== undefined && result === undefined,
  );
}

function isFromOutside(event: AgentEvent): boolean {
  if (event.type === "run.abort") return stopOf(event) === undefined;
  return event.type === "input" || event.type === "approval.response";
}

/** How a life was told to stop by those who had begun it, or by its time: it says so in its log itself. */
export type Stop = "caller" | "signal" | "maxDurationMs";

export function stopOf(event: AgentEvent | undefined): Stop | undefined {
  if (event?.type !== "run.abort") return undefined;
  const { by } = event;
  return by === "caller" || by === "signal" || by === "maxDurationMs" ? by : undefined;
}
