import type { LimitReport } from "./headers.js";

/**
 * What is left of one rate limit, as the API keeps it: a bucket that holds a minute's worth and fills up evenly. Pure data;
 * times in milliseconds of one clock that never goes back.
 */
export interface Bucket {
  /** What flows in each minute, and the most that it holds. `Infinity`: not known, or none. */
  readonly limit: number;
  /** The limit that it keeps to, whatever the API would allow. */
  readonly cap: number;
  /** What is in it, with nothing taken out yet for calls under way; below zero where more was spent than it held. */
  readonly level: number;
  readonly at: number;
  /** Held for calls under way, until it is known what they took. */
  readonly reserved: number;
  /** All that was ever spent. */
  readonly spent: number;
}

const minute = 60_000;
/** Sums of fractions are never quite what they should be. */
const tiny = 1e-6;

/** Full. */
export function createBucket(limit: number, cap: number, now: number): Bucket {
  const held = Math.min(limit, cap);
  return { limit: held, cap, level: held, at: now, reserved: 0, spent: 0 };
}

export function refilled(bucket: Bucket, now: number): Bucket {
  const { limit, level, at } = bucket;
  if (!Number.isFinite(limit)) return { ...bucket, at: now };
  return { ...bucket, level: Math.min(limit, level + (Math.max(0, now - at) * limit) / minute), at: now };
}

export function reserve(bucket: Bucket, amount: number): Bucket {
  return { ...bucket, reserved: bucket.reserved + amount };
}

/** What was held for a call is let go, and what it took is gone. Less than nothing was taken where more had been taken for spent. */
export function settle(bucket: Bucket, held: number, amount: number, now: number): Bucket {
  const { level, limit, reserved, spent, ...rest } = refilled(bucket, now);
  return {
    ...rest,
    limit,
    level: Math.min(limit, level - amount),
    reserved: Math.max(0, reserved - held),
    spent: spent + amount,
  };
}

/**
 * Milliseconds until `amount` may be taken. `Infinity`: time alone won't do, something under way must come back first.
 * What is more than the bucket ever holds may be taken when it is full and nothing is under way.
 */
export function waitFor(bucket: Bucket, amount: number, now: number): number {
  if (!Number.isFinite(bucket.limit)) return 0;
  const needed = Math.min(amount, bucket.limit) + bucket.reserved;
  return needed > bucket.limit + tiny ? Number.POSITIVE_INFINITY : waitForLevel(bucket, needed, now);
}

/** Milliseconds until all that is under way and `ahead` besides can have been taken out; however much that is. */
export function backlogMs(bucket: Bucket, ahead: number, now: number): number {
  return Number.isFinite(bucket.limit) ? waitForLevel(bucket, ahead + bucket.reserved, now) : 0;
}

function waitForLevel(bucket: Bucket, wanted: number, now: number): number {
  const missing = wanted - refilled(bucket, now).level;
  return missing <= tiny ? 0 : (missing * minute) / bucket.limit;
}

/**
 * Puts right what is known by what a response told. The API said it at some moment of the call's flight, so it bounds the truth from
 * both sides: since then others' spending may have come off, and time may have flowed in. The longer ago and the busier, the wider the
 * bounds: a response that comes late can't undo what is known by now. Calls under way stay reserved.
 * @param othersSpent what was spent on other calls during this one's flight
 */
export function correct(
  bucket: Bucket,
  told: LimitReport,
  othersSpent: number,
  flightMs: number,
  now: number,
): Bucket {
  const before = refilled(bucket, now);
  const limit = Math.min(before.cap, told.limit);
  const wasKnown = Number.isFinite(before.limit);
  // With a limit of one's own, which is lower, that more is left of the API's says nothing.
  const isOurs = before.cap < told.limit;
  const least = isOurs ? Number.NEGATIVE_INFINITY : told.atLeast - othersSpent;
  const most = told.atMost + (flightMs * told.limit) / minute + before.reserved;
  // The first that is heard of it: the worst that it may mean.
  const first = Number.isFinite(least) ? least : 0;
  const level = wasKnown ? Math.max(least, Math.min(most, before.level)) : first;
  return { ...before, limit, level: Math.min(limit, level) };
}
