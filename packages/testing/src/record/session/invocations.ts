import type Anthropic from "@anthropic-ai/sdk";
import { type AgentEvent, apply, emptyState, type Limits, type State } from "@lockstitch/core";

/** What one call of `run()` or `resume()` did to a session: from there to where it ended, waited, or died with its process. */
export interface Invocation {
  readonly how:
    | { readonly type: "run"; readonly messages: readonly Anthropic.MessageParam[] }
    | { readonly type: "resume" };
  /** The event with which it takes the session up. */
  readonly begin: Extract<AgentEvent, { type: "run.start" | "run.resume" }>;
  readonly events: readonly AgentEvent[];
  /** Of its run, as they were. */
  readonly limits: Limits;
  /** Its run came to its end. Otherwise it died here, or waits for a person. */
  readonly ended: boolean;
  /** Events that came from outside while it ran, or after its process had died, by `seq`. */
  readonly posts: ReadonlySet<number>;
}

type Begin = Invocation["begin"];

/** A log cut into the invocations that made it. */
export function invocationsIn(events: readonly AgentEvent[]): readonly Invocation[] {
  const begins = events.flatMap((event, index) => (isBegin(event) ? [index] : []));
  const starts = begins.map((begin, number) => (number === 0 ? 0 : startOf(events, begin)));
  return begins.map((begin, number) =>
    invocationOf(events, begin, starts[number] ?? 0, starts[number + 1] ?? events.length),
  );
}

function isBegin(event: AgentEvent): event is Begin {
  return event.type === "run.start" || event.type === "run.resume";
}

/** A new segment is begun in the same commit as the run that needs it, before it. */
function startOf(events: readonly AgentEvent[], begin: number): number {
  return events[begin]?.type === "run.start" && events[begin - 1]?.type === "compaction" ? begin - 1 : begin;
}

function invocationOf(events: readonly AgentEvent[], begin: number, start: number, end: number): Invocation {
  const opening = openingOf(events, begin, end);
  const said = events[opening.at(-1) ?? -1];
  const its = events.slice(start, end);
  const posts = its.filter((event) => isFromOutside(event) && !opening.includes(events.indexOf(event)));
  return {
    how: said?.type === "input" ? { type: "run", messages: said.messages } : { type: "resume" },
    begin: events[begin] as Begin,
    events: its,
    limits: limitsBefore(events, begin),
    ended: its.some(({ type }) => type === "run.end"),
    posts: new Set(posts.map(({ seq }) => seq)),
  };
}

function limitsBefore(events: readonly AgentEvent[], begin: number): Limits {
  const start = events.slice(0, begin + 1).findLast(({ type }) => type === "run.start");
  return start?.type === "run.start" ? start.limits : {};
}

/** The places of what an invocation commits beside its beginning: calls denied because "the user moved on", and what was said. */
function openingOf(events: readonly AgentEvent[], begin: number, end: number): readonly number[] {
  let at = begin + 1;
  while (at < end && isMovedOn(events[at])) at += 1;
  if (events[at]?.type === "compaction") at += 1;
  const said = at < end ? events[at] : undefined;
  if (said?.type !== "input" || said.purpose !== undefined) return [];
  // A person who says something new instead of answering denies the calls that wait. Where they were not, it came from outside.
  const isPost =
    at === begin + 1 && events[begin]?.type === "run.resume" && isWaiting(events.slice(0, begin));
  return isPost ? [] : Array.from({ length: at - begin }, (_, index) => begin + 1 + index);
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

/** Tools are not run again, so what their subagents came to is as little the invocation's own doing as what people say. */
function isFromOutside(event: AgentEvent): boolean {
  switch (event.type) {
    case "run.abort":
      return stopOf(event) === undefined;
    case "input":
      // What the run says itself, of an answer that does not fit, it says again.
      return event.purpose === undefined;
    case "approval.response":
    case "subagent.start":
    case "subagent.end":
    case "tool.suspend":
    case "tool.resume":
      return true;
    default:
      return false;
  }
}

/** How an invocation was told to stop by those who had begun it, or by its time: it says so in its log itself. */
export type Stop = "caller" | "signal" | "maxDurationMs";

export function stopOf(event: AgentEvent | undefined): Stop | undefined {
  if (event?.type !== "run.abort") return undefined;
  const { by } = event;
  return by === "caller" || by === "signal" || by === "maxDurationMs" ? by : undefined;
}
