import type { AgentEvent, Claude, Environment, Log, Tool } from "@lockstitch/core";
import type { ResultOf } from "../recorded-results.js";
import { eagerStreamOf } from "./eager-stream.js";
import { isClosing } from "./failure.js";
import type { Invocation } from "./invocations.js";
import { maxTokensThen } from "./logged-limits.js";
import { replyAfter } from "./logged-reply.js";
import {
  addEvent,
  type Controls,
  createProgress,
  depart,
  follow,
  type Progress,
  type ReplayedSession,
  stopAs,
  unknownIn,
} from "./progress.js";

/** Drives one invocation through its log: nothing happens that the log doesn't tell of, and all of it in its order. */
export interface ReplayDriver {
  readonly log: Log;
  readonly claude: Claude;
  readonly environment: Environment;
  readonly resultOf: ResultOf;
  readonly reconcile: Tool["reconcile"];
  /** Nothing moves by itself any more: does what comes next. */
  advance(): void;
  /** The run has settled: what it left out is a departure. False where the agent left the log's path. */
  finish(settled: string): boolean;
}

export function createReplayDriver(
  invocation: Invocation,
  session: ReplayedSession,
  controls: Controls,
): ReplayDriver {
  const progress = createProgress(session, invocation, controls);
  const { remaining, ending } = progress;
  const waiting = new Set<() => void>();
  const tellOfPosts = (): void => {
    for (const wake of [...waiting]) wake();
  };
  return {
    log: logOf(progress, waiting, tellOfPosts),
    claude: claudeOf(progress),
    environment: environmentOf(progress),
    async resultOf(toolUseId) {
      session.activity.note();
      const end = endOf(invocation, toolUseId);
      return end?.outcome === "ok" || end?.outcome === "error" ? end.result : ending.hold();
    },
    // Not asked, for it may look into the world: a call is known to have come to an end where its log says so.
    reconcile(_input, { toolUseId }) {
      const { outcome = "unknown" } = endOf(invocation, toolUseId) ?? {};
      return { status: outcome === "unknown" ? "unknown" : "not_done" };
    },
    advance: () => advance(progress, waiting.size > 0, tellOfPosts),
    finish(settled) {
      if (ending.error === undefined && remaining.events.length > 0) depart(progress, settled);
      ending.end("The run is over.");
      for (const post of remaining.takeRest()) addEvent(progress, post, post.at);
      return !progress.hasDeparted;
    },
  };
}

function advance(progress: Progress, isListening: boolean, tellOfPosts: () => void): void {
  const { remaining, sleeps, ending, session, invocation, controls } = progress;
  const [next] = remaining.events;
  if (ending.error !== undefined) return controls.abort();
  if (remaining.isPostDue() && isListening) return tellOfPosts();
  if (progress.releaseReply !== undefined && next?.type === "model.end") return progress.releaseReply();
  if (progress.failure !== undefined && isClosing(remaining.events) && fail(progress, isListening))
    return tellOfPosts();
  if (next === undefined && !invocation.ended) return void ending.end("The process died here.");
  if (stopAs(progress, remaining.waitedForStop())) return;
  // Code that is slow is not code that waits for ever, and no time may run out on it: the log knows of none.
  if (session.activity.isAtWork()) return;
  if (sleeps.wakeNext()) return;
  const [unknown] = progress.unknownCommits;
  const error = depart(progress, unknown?.body ?? "nothing: it waits for what never comes");
  for (const { fail } of progress.unknownCommits) fail(error);
}

/** The run fails as it had failed, once: at what it can't write down, or at its next commit. False where it commits nothing. */
function fail(progress: Progress, isListening: boolean): boolean {
  const { failure, unknownCommits } = progress;
  if (failure === undefined || (unknownCommits.size === 0 && !isListening)) return false;
  progress.failure = undefined;
  if (unknownCommits.size === 0) progress.failing = failure;
  for (const commit of unknownCommits) commit.fail(failure);
  unknownCommits.clear();
  return true;
}

/** The log that the agent writes to: every commit is held against the old one, and what came from outside comes with it. */
function logOf(progress: Progress, waiting: Set<() => void>, tellOfPosts: () => void): Log {
  const { remaining, ending } = progress;
  const { events, activity } = progress.session;
  let returned = 0;
  return {
    fence: 1,
    lost: new AbortController().signal,
    async append(bodies, { ifSeq } = {}) {
      activity.note();
      if (ending.error !== undefined) throw ending.error;
      if (progress.failing !== undefined) throw failNow(progress, progress.failing);
      for (let post = remaining.takePost(); post !== undefined; post = remaining.takePost())
        addEvent(progress, post, post.at);
      if (ifSeq === undefined || ifSeq === events.length) {
        const body = unknownIn(progress, bodies);
        if (body !== undefined) await new Promise((_, fail) => progress.unknownCommits.add({ body, fail }));
        for (const body of bodies) {
          const happened = follow(progress, body);
          addEvent(progress, happened, progress.lastAt);
        }
        stopAs(progress, remaining.dueStop());
        if (remaining.isPostDue()) tellOfPosts();
      }
      const news = events.slice(returned);
      returned = events.length;
      return news;
    },
    posted: (signal) =>
      new Promise((resolve) => {
        activity.note();
        const wake = (): void => {
          waiting.delete(wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener("abort", wake, { once: true });
      }),
    close: async () => {},
  };
}

function failNow(progress: Progress, error: Error): Error {
  progress.failing = undefined;
  return error;
}

/** The model, as the log knows it: it says what it said, whatever it is asked; that is compared. */
function claudeOf(progress: Progress): Claude {
  const { invocation, session, ending, controls } = progress;
  const ask: Claude = async (request, { signal, emit }) => {
    session.activity.note();
    const start = invocation.events[progress.asked];
    const state = start === undefined ? undefined : session.states.get(start.seq);
    if (start?.type !== "model.start" || state === undefined) throw depart(progress, "a call of the model");
    // How a summary was asked for stands in no log: of that its model, and how many messages it left, are compared as events.
    if (start.purpose === undefined) {
      const maxTokens = maxTokensThen(start, invocation.limits, controls.agent, request.max_tokens);
      session.departures.request(state, start, maxTokens, request);
    }
    const reply = replyAfter(invocation.events, progress.asked);
    switch (reply.type) {
      case "message": {
        const stream = eagerStreamOf(invocation.events, reply.index);
        if (stream.length === 0) return reply.message;
        const released = new Promise<void>((release) => {
          progress.releaseReply = release;
        });
        stream.forEach(emit);
        await Promise.race([released, ending.hold(signal)]).finally(() => {
          progress.releaseReply = undefined;
        });
        return reply.message;
      }
      case "error":
        throw reply.error;
      case "none":
        return ending.hold(signal);
    }
  };
  const countTokens = async (): Promise<number> => {
    session.activity.note();
    const count = progress.remaining.events.find(({ type }) => type === "prompt.count");
    if (count?.type !== "prompt.count") throw depart(progress, "a count of a prompt");
    return count.tokens;
  };
  return Object.assign(ask, { countTokens });
}

/** Time is what it was when the last event happened. */
function environmentOf(progress: Progress): Environment {
  const { invocation, remaining, sleeps, session } = progress;
  const { startedAt, at } = invocation.begin;
  return {
    now: () => startedAt + Math.max(progress.lastAt - at, timeUp(invocation, remaining.events[0])),
    random: () => 0,
    id: () => `replayed_${session.events.length}`,
    sleep: sleeps.sleep,
  };
}

/** How long the run had lasted at least if its time was up: that is known from its end alone, and from what limit it had. */
function timeUp({ begin, limits: { maxDurationMs = 0 } }: Invocation, next: AgentEvent | undefined): number {
  if (next?.type !== "run.end" || next.limit !== "maxDurationMs") return 0;
  // The store's clock may have stamped the beginning later than the run's own did.
  return Math.max(next.at - begin.at, maxDurationMs);
}

function endOf(
  { events }: Invocation,
  toolUseId: string,
): Extract<AgentEvent, { type: "tool.end" }> | undefined {
  const end = events.find((event) => event.type === "tool.end" && event.toolUseId === toolUseId);
  return end?.type === "tool.end" ? end : undefined;
}
