import type { ModelRequest } from "../../claude-function.js";
import type { SteadyClock } from "../steady-clock.js";
import { countsTokens, type RateAmounts, type RateBuckets, waitBehind, waitForAmounts } from "./buckets.js";
import type { InputEstimate } from "./input-estimate.js";

/** All that is known of how fast one class of models may be called. Changed in place: many calls share it. */
export interface RateClass {
  readonly now: SteadyClock;
  readonly estimate: InputEstimate;
  buckets: RateBuckets;
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

export function createRateClass(
  buckets: RateBuckets,
  known: boolean,
  estimate: InputEstimate,
  now: SteadyClock,
): RateClass {
  return {
    now,
    estimate,
    buckets,
    known,
    underWay: 0,
    scoutingSince: Number.NEGATIVE_INFINITY,
    pausedUntil: Number.NEGATIVE_INFINITY,
    usualOutput: firstGuessOfOutput,
  };
}

/** What a call may be expected to take. Of its output the API counts what is written, not what `max_tokens` allows. */
export function expectedAmounts(
  rateClass: RateClass,
  request: ModelRequest,
  session: string | undefined,
): RateAmounts {
  // What nobody limits needn't be measured; where nothing is known yet it may turn out to be limited.
  const isCounted = !rateClass.known || countsTokens(rateClass.buckets);
  return {
    requests: 1,
    input: isCounted ? Math.max(1, rateClass.estimate.of(request, session, rateClass.now())) : 1,
    output: Math.max(1, Math.min(request.max_tokens, rateClass.usualOutput)),
  };
}

/** Milliseconds until a call may go, as far as time decides it; `Infinity`: not before another comes back. */
export function waitOf(rateClass: RateClass, amounts: RateAmounts): number {
  const now = rateClass.now();
  if (rateClass.pausedUntil > now) return rateClass.pausedUntil - now;
  if (rateClass.known) return waitForAmounts(rateClass.buckets, amounts, now);
  return rateClass.underWay < scouts ? 0 : Math.max(0, rateClass.scoutingSince + scoutMs - now);
}

/** Milliseconds that a call must expect to wait with all this before it, itself included; `undefined`: there is no telling yet. */
export function expectedWait(rateClass: RateClass, ahead: RateAmounts): number | undefined {
  const now = rateClass.now();
  const paused = Math.max(0, rateClass.pausedUntil - now);
  return rateClass.known || paused > 0
    ? Math.max(waitBehind(rateClass.buckets, ahead, now), paused, 1)
    : undefined;
}

export function pause(rateClass: RateClass, milliseconds: number): void {
  rateClass.pausedUntil = Math.max(
    rateClass.pausedUntil,
    rateClass.now() + Math.min(milliseconds, longestPauseMs),
  );
}
