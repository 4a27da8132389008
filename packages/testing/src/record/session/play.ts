import type { AgentEvent, EventBody, State } from "@lockstitch/core";
import { type Curtain, createCurtain } from "./curtain.js";
import type { Departures } from "./departures.js";
import { createFailure, type Failure } from "./failure.js";
import type { Life, Stop } from "./lives.js";
import { createSleepers, type Quiet, type Sleepers } from "./quiet.js";
import { createScore, type Score } from "./score.js";

/** What all lives of a session share, and the quiet of the one that is played. */
export interface Stage {
  /** The new log. */
  readonly events: AgentEvent[];
  readonly departures: Departures;
  /** The state that the old log tells, at each `model.start`, by its `seq`. */
  readonly states: ReadonlyMap<number, State>;
  readonly quiet: Quiet;
}

/** The means to stop a run from inside the process that runs it. */
export interface Controls {
  abort(): void;
  signal(): void;
  /** The run's `limits.maxDurationMs`. */
  readonly maxDurationMs: number | undefined;
}

/** One life that is played again, as far as it has come. */
export interface Play {
  readonly stage: Stage;
  readonly life: Life;
  readonly score: Score;
  readonly sleepers: Sleepers;
  readonly curtain: Curtain;
  readonly failure: Failure;
  readonly controls: Controls;
  /** When the last event happened, in the old log. */
  lastAt: number;
  /** The place of the last `model.start` in the life. */
  asked: number;
  /** The agent left the log's path. */
  parted: boolean;
  /** What the next commit fails with. */
  failing: Error | undefined;
}

export function createPlay(stage: Stage, life: Life, controls: Controls): Play {
  return {
    stage,
    life,
    score: createScore(life),
    sleepers: createSleepers(stage.quiet.touch),
    curtain: createCurtain(),
    failure: createFailure(life.events),
    controls,
    lastAt: life.head.at,
    asked: -1,
    parted: false,
    failing: undefined,
  };
}

/** The agent did `got` where the log goes on with something else. Gives the error that ends the life. */
export function part(play: Play, got: EventBody | string | undefined): Error {
  if (!play.parted) play.stage.departures.parted(play.score.left[0], got);
  return leave(play);
}

function leave(play: Play): Error {
  play.parted = true;
  return play.curtain.fall("The agent departs from its log.");
}

/** Takes an event of the agent's off the score and compares it. Throws what ends the life, or fails it as it had failed. */
export function take(play: Play, body: EventBody): void {
  const { score, life, stage } = play;
  const failure = play.failure.due(score.left, body);
  if (failure !== undefined) throw failure;
  const expected = score.match(body);
  if (expected === undefined) {
    // The end of a call that failed is not in every log: its process had died, or its disk was full.
    if (body.type === "model.end" && body.outcome !== "message") return;
    if (score.left.length === 0 && !life.ended) throw play.curtain.fall("The process died here.");
    throw part(play, body);
  }
  play.lastAt = expected.at;
  if (expected.type === "model.start") play.asked = life.events.indexOf(expected);
  if (!stage.departures.event(expected, body)) throw leave(play);
}

/** Stops the run as it was stopped. False where it can't be. */
export function stopLike({ controls, sleepers }: Play, how: Stop | undefined): boolean {
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
      return sleepers.wake(controls.maxDurationMs ?? -1);
  }
}

/** Adds an event to the new log. */
export function push({ stage, life }: Play, body: EventBody, at: number): void {
  const session = life.head.session;
  stage.events.push({ ...body, session, seq: stage.events.length + 1, at });
}
