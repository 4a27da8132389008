import type { AgentEvent, Claude, Environment, Log, Tool } from "@lockstitch/core";
import type { ResultOf } from "../recorded-results.js";
import type { Life } from "./lives.js";
import { replyAfter } from "./log-reply.js";
import { type Controls, createPlay, type Play, part, push, type Stage, stopLike, take } from "./play.js";

/** Leads one life of a session through its log: nothing happens that the log doesn't tell of, and all of it in its order. */
export interface Conductor {
  readonly log: Log;
  readonly claude: Claude;
  readonly environment: Environment;
  readonly resultOf: ResultOf;
  readonly reconcile: Tool["reconcile"];
  /** Nothing moves by itself any more: does what comes next. */
  nudge(): void;
  /** The run has settled: what it left out is a departure. False where the agent left the log's path. */
  finish(settled: string): boolean;
}

export function createConductor(life: Life, stage: Stage, controls: Controls): Conductor {
  const play = createPlay(stage, life, controls);
  const { score, sleepers, curtain } = play;
  const waiting = new Set<() => void>();
  const tellOfPosts = (): void => {
    for (const wake of [...waiting]) wake();
  };
  return {
    log: logOf(play, waiting, tellOfPosts),
    claude: claudeOf(play),
    environment: environmentOf(play),
    async resultOf(toolUseId) {
      stage.quiet.touch();
      const end = endOf(life, toolUseId);
      return end?.outcome === "ok" || end?.outcome === "error" ? end.result : curtain.hold();
    },
    // Not asked, for it may look into the world: a call is known to have come to an end where its log says so.
    reconcile(_input, { toolUseId }) {
      const { outcome = "unknown" } = endOf(life, toolUseId) ?? {};
      return { status: outcome === "unknown" ? "unknown" : "not_done" };
    },
    nudge() {
      if (curtain.fallen !== undefined) return controls.abort();
      if (score.isPostDue() && waiting.size > 0) return tellOfPosts();
      play.failing = waiting.size > 0 ? play.failure.due(score.left) : undefined;
      if (play.failing !== undefined) return tellOfPosts();
      if (score.left.length === 0 && !life.ended) return void curtain.fall("The process died here.");
      if (stopLike(play, score.waitedForStop())) return;
      // Code that is slow is not code that waits for ever, and no time may run out on it: the log knows of none.
      if (stage.quiet.isBusy() || sleepers.wakeNext()) return;
      part(play, "nothing: it waits for what never comes");
    },
    finish(settled) {
      if (curtain.fallen === undefined && score.left.length > 0) part(play, settled);
      curtain.fall("The run is over.");
      for (const post of score.takeRest()) push(play, post, post.at);
      return !play.parted;
    },
  };
}

/** The log that the agent writes to: every commit is held against the old one, and what came from outside comes with it. */
function logOf(play: Play, waiting: Set<() => void>, tellOfPosts: () => void): Log {
  const { score, curtain } = play;
  const { events, quiet } = play.stage;
  let returned = 0;
  return {
    fence: 1,
    lost: new AbortController().signal,
    async append(bodies, { ifSeq } = {}) {
      quiet.touch();
      if (curtain.fallen !== undefined) throw curtain.fallen;
      if (play.failing !== undefined) throw failNow(play, play.failing);
      for (let post = score.takePost(); post !== undefined; post = score.takePost())
        push(play, post, post.at);
      if (ifSeq === undefined || ifSeq === events.length) {
        for (const body of bodies) {
          take(play, body);
          push(play, body, play.lastAt);
        }
        stopLike(play, score.dueStop());
        if (score.isPostDue()) tellOfPosts();
      }
      const news = events.slice(returned);
      returned = events.length;
      return news;
    },
    posted: (signal) =>
      new Promise((resolve) => {
        quiet.touch();
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

function failNow(play: Play, error: Error): Error {
  play.failing = undefined;
  return error;
}

/** The model, as the log knows it: it says what it said, whatever it is asked; that is compared. */
function claudeOf(play: Play): Claude {
  const { life, stage, curtain } = play;
  return async (request, { signal }) => {
    stage.quiet.touch();
    const start = life.events[play.asked];
    const state = start === undefined ? undefined : stage.states.get(start.seq);
    if (start?.type !== "model.start" || state === undefined) throw part(play, "a call of the model");
    stage.departures.request(state, start.model, request, start.seq);
    const reply = replyAfter(life.events, play.asked);
    switch (reply.type) {
      case "message":
        return reply.message;
      case "error":
        throw reply.error;
      case "none":
        return curtain.hold(signal);
    }
  };
}

/** Time is what it was when the last event happened. */
function environmentOf(play: Play): Environment {
  const { life, score, sleepers, stage } = play;
  return {
    now: () => life.head.startedAt + (timeIsUp(score.left[0]) ?? play.lastAt) - life.head.at,
    random: () => 0,
    id: () => `replayed_${stage.events.length}`,
    sleep: sleepers.sleep,
  };
}

/** That a run's time was up is known from its end alone. */
function timeIsUp(next: AgentEvent | undefined): number | undefined {
  return next?.type === "run.end" && next.limit === "maxDurationMs" ? next.at : undefined;
}

function endOf({ events }: Life, toolUseId: string): Extract<AgentEvent, { type: "tool.end" }> | undefined {
  const end = events.find((event) => event.type === "tool.end" && event.toolUseId === toolUseId);
  return end?.type === "tool.end" ? end : undefined;
}
