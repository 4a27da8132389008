import type { ModelRequest } from "../claude-function.js";
import { type Account, countsTokens, type Load, waitBehind, waitForLoad } from "./rate-account.js";
import type { InputEstimate } from "./rate-estimate.js";
import type { SteadyClock } from "./steady-clock.js";

/** All that is known of how fast one class of models may be called. Changed in place: many calls share it. */
export interface Lane {
  readonly now: SteadyClock;
  readonly estimate: InputEstimate;
  account: Account;
  /** Whether its limits are, or that there are none. */
  known: boolean;
  underWay: number;
  scoutingSince: number;
  /** The API asked for this; milliseconds of the clock. */
  pausedUntil: number;
  /** Output tokens of a reply, of late. */
  usualOutput: number;
}

/** While nothing is known yet, only so many calls are under way: what their answers say, the others go by. */
const scouts = 4;
/** Nobody waits longer than this for a scout. */
const scoutMs = 5_000;
/** A longer pause is not taken on trust: after this a call goes and asks again. */
const longestPauseMs = 600_000;
/** As long as nothing is known of how long replies are. */
const firstGuessOfOutput = 500;

export function createLane(
  account: Account,
  known: boolean,
  estimate: InputEstimate,
  now: SteadyClock,
): Lane {
  return {
    now,
    estimate,
    account,
    known,
    underWay: 0,
    scoutingSince: Number.NEGATIVE_INFINITY,
    pausedUntil: Number.NEGATIVE_INFINITY,
    usualOutput: firstGuessOfOutput,
  };
}

/** What a call may be expected to take. Of its output the API counts what is written, not what `max_tokens` allows. */
export function loadOf(lane: Lane, request: ModelRequest, session: string | undefined): Load {
  // What nobody limits needn't be measured; where nothing is known yet it may turn out to be limited.
  const isCounted = !lane.known || countsTokens(lane.account);
  return {
    requests: 1,
    input: isCounted ? Math.max(1, lane.estimate.of(request, session, lane.now())) : 1,
    output: Math.max(1, Math.min(request.max_tokens, lane.usualOutput)),
  };
}

/** Milliseconds until a call may go, as far as time decides it; `Infinity`: not before another comes back. */
export function waitOf(lane: Lane, load: Load): number {
  const now = lane.now();
  if (lane.pausedUntil > now) return lane.pausedUntil - now;
  if (lane.known) return waitForLoad(lane.account, load, now);
  return lane.underWay < scouts ? 0 : Math.max(0, lane.scoutingSince + scoutMs - now);
}

/** Milliseconds that a call must expect to wait with all this before it, itself included; `undefined`: there is no telling yet. */
export function expectedWait(lane: Lane, ahead: Load): number | undefined {
  const now = lane.now();
  const paused = Math.max(0, lane.pausedUntil - now);
  return lane.known || paused > 0 ? Math.max(waitBehind(lane.account, ahead, now), paused, 1) : undefined;
}

export function pause(lane: Lane, milliseconds: number): void {
  lane.pausedUntil = Math.max(lane.pausedUntil, lane.now() + Math.min(milliseconds, longestPauseMs));
}
