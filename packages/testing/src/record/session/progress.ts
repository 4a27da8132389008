import type { Agent, AgentEvent, EventBody, State } from "@lockstitch/core";
import type { Activity } from "./activity.js";
import { asLogged } from "./as-logged.js";
import type { Departures } from "./departures.js";
import { createEnding, type Ending } from "./ending.js";
import { failureIn } from "./failure.js";
import type { Invocation, Stop } from "./invocations.js";
import { lengthWhenCut, maxResultLengthOf } from "./logged-limits.js";
import { createPendingSleeps, type PendingSleeps } from "./pending-sleeps.js";
import { createRemainingEvents, type RemainingEvents } from "./remaining-events.js";

/** What all invocations of a session share, and the activity of the one that is replayed. */
export interface ReplayedSession {
  /** The new log. */
  readonly events: AgentEvent[];
  readonly departures: Departures;
  /** The state that the old log tells, at each `model.start`, by its `seq`. */
  readonly states: ReadonlyMap<number, State>;
  readonly activity: Activity;
}

/** The means to stop a run from inside the process that runs it. */
export interface Controls {
  abort(): void;
  signal(): void;
  /** The run's `limits.maxDurationMs`. */
  readonly maxDurationMs: number | undefined;
  readonly agent: Agent;
}

/** A commit of which the log knows nothing, in a run that failed at one: perhaps it is the one. */
interface UnknownCommit {
  readonly body: EventBody;
  readonly fail: (error: Error) => void;
}

/** One invocation that is replayed, as far as it has come. */
export interface Progress {
  readonly session: ReplayedSession;
  readonly invocation: Invocation;
  readonly remaining: RemainingEvents;
  readonly sleeps: PendingSleeps;
  readonly ending: Ending;
  readonly controls: Controls;
  readonly unknownCommits: Set<UnknownCommit>;
  /** Lets go of a reply that is held back until what was started eagerly has come as far as it will. */
  releaseReply: (() => void) | undefined;
  /** When the last event happened, in the old log. */
  lastAt: number;
  /** The place of the last `model.start` in the invocation. */
  asked: number;
  /** The agent left the log's path. */
  hasDeparted: boolean;
  /** What the run has still to fail with at something else than its model. */
  failure: Error | undefined;
  /** What the next commit fails with. */
  failing: Error | undefined;
}

export function createProgress(
  session: ReplayedSession,
  invocation: Invocation,
  controls: Controls,
): Progress {
  const progress: Progress = {
    session,
    invocation,
    remaining: createRemainingEvents(invocation),
    sleeps: createPendingSleeps(session.activity.note, () => progress.lastAt),
    ending: createEnding(),
    controls,
    unknownCommits: new Set(),
    releaseReply: undefined,
    lastAt: invocation.begin.at,
    asked: -1,
    hasDeparted: false,
    failure: failureIn(invocation.events),
    failing: undefined,
  };
  return progress;
}

/** The agent did `got` where the log goes on with something else. Gives the error that ends the invocation. */
export function depart(progress: Progress, got: EventBody | string | undefined): Error {
  if (!progress.hasDeparted) progress.session.departures.leave(progress.remaining.events[0], got);
  return endDeparted(progress);
}

function endDeparted(progress: Progress): Error {
  progress.hasDeparted = true;
  return progress.ending.end("The agent departs from its log.");
}

/**
 * Takes an event of the agent's off the log and compares it. Gives it as it happens again: with what the API told then. Throws what ends
 * the invocation.
 */
export function follow(progress: Progress, body: EventBody): EventBody {
  const { remaining, invocation, session, controls } = progress;
  const expected = remaining.take(body);
  if (expected === undefined) {
    if (isFailedAttempt(body)) return body;
    if (remaining.events.length === 0 && !invocation.ended)
      throw progress.ending.end("The process died here.");
    throw depart(progress, body);
  }
  progress.lastAt = expected.at;
  if (expected.type === "model.start") progress.asked = invocation.events.indexOf(expected);
  if (!session.departures.event(expected, body)) throw endDeparted(progress);
  const [cutAt, now] = [lengthWhenCut(expected, invocation.limits), maxResultLengthOf(controls.agent)];
  if (cutAt !== undefined && cutAt < now) session.departures.cutResult(expected, cutAt, now);
  return asLogged(expected, body);
}

/** What the old run may have failed at, for its log knows nothing of it. */
export function unknownIn(
  { failure, remaining }: Progress,
  bodies: readonly EventBody[],
): EventBody | undefined {
  if (failure === undefined) return undefined;
  const [next] = remaining.events;
  const end = bodies.find(({ type }) => type === "run.end");
  if (end?.type === "run.end" && next?.type === "run.end" && end.reason !== "error") return end;
  return remaining.firstUnknown(bodies.filter((body) => !isFailedAttempt(body)));
}

/** The end of a call that failed is not in every log: its process had died, or its disk was full. */
function isFailedAttempt(body: EventBody): boolean {
  return body.type === "model.end" && body.outcome !== "message";
}

/** Stops the run as it was stopped. False where it can't be. */
export function stopAs({ controls, sleeps }: Progress, how: Stop | undefined): boolean {
  switch (how) {
    case undefined:
      return false;
    case "caller":
      controls.abort();
      return true;
    case "signal":
      controls.signal();
      return true;
    case "maxDurationMs":
      return sleeps.wake(controls.maxDurationMs ?? -1);
  }
}

/** Adds an event to the new log. */
export function addEvent({ session, invocation }: Progress, body: EventBody, at: number): void {
  const { events } = session;
  events.push({ ...body, session: invocation.begin.session, seq: events.length + 1, at });
}
