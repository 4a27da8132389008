import { type Bucket, backlogMs, correct, createBucket, reserve, settle, waitFor } from "./bucket.js";
import type { RateReport } from "./headers.js";
import { type RateKind, type RateLimits, rateKinds } from "./tiers.js";

/** The buckets of one class of models. Pure data. */
export type RateBuckets = Readonly<Record<RateKind, Bucket>>;

/** What a call takes, or may take. */
export interface RateAmounts {
  readonly requests: number;
  readonly input: number;
  readonly output: number;
}

export const noAmounts: RateAmounts = { requests: 0, input: 0, output: 0 };

export function addAmounts(a: RateAmounts, b: RateAmounts): RateAmounts {
  return { requests: a.requests + b.requests, input: a.input + b.input, output: a.output + b.output };
}

/** `a` without `b`. */
export function lessAmounts(a: RateAmounts, b: RateAmounts): RateAmounts {
  return { requests: a.requests - b.requests, input: a.input - b.input, output: a.output - b.output };
}

/**
 * @param limits what to begin with, until the API tells
 * @param caps what is never exceeded
 */
export function createBuckets(limits: RateLimits, caps: RateLimits, now: number): RateBuckets {
  return each((kind) => createBucket(limits[kind] ?? Infinity, caps[kind] ?? Infinity, now));
}

export function reserveAmounts(buckets: RateBuckets, amounts: RateAmounts): RateBuckets {
  return each((kind) => reserve(buckets[kind], amountOf(kind, amounts)));
}

/** What was held is let go, and what was taken instead is gone. */
export function settleAmounts(
  buckets: RateBuckets,
  held: RateAmounts,
  taken: RateAmounts,
  now: number,
): RateBuckets {
  return each((kind) => settle(buckets[kind], amountOf(kind, held), amountOf(kind, taken), now));
}

/** Milliseconds until a call may go; `Infinity`: not before another comes back. */
export function waitForAmounts(buckets: RateBuckets, amounts: RateAmounts, now: number): number {
  return Math.max(...rateKinds.map((kind) => waitFor(buckets[kind], amountOf(kind, amounts), now)));
}

/** Milliseconds until a call may be expected to go that has all this before it, itself included. */
export function waitBehind(buckets: RateBuckets, ahead: RateAmounts, now: number): number {
  return Math.max(...rateKinds.map((kind) => backlogMs(buckets[kind], amountOf(kind, ahead), now)));
}

/**
 * Learns from what a response told.
 * @param spentBefore what had been spent when its call was sent
 * @param own what of all that was spent since is this call's, and is in what it tells
 */
export function learn(
  buckets: RateBuckets,
  report: RateReport,
  call: { readonly sentAt: number; readonly spentBefore: RateTotals; readonly own: RateAmounts },
  now: number,
): RateBuckets {
  return each((kind) => {
    const [bucket, told] = [buckets[kind], report[kind]];
    if (told === undefined) return bucket;
    const others = bucket.spent - call.spentBefore[kind] - amountOf(kind, call.own);
    return correct(bucket, told, Math.max(0, others), now - call.sentAt, now);
  });
}

export type RateTotals = Readonly<Record<RateKind, number>>;

export function spentOf(buckets: RateBuckets): RateTotals {
  return each((kind) => buckets[kind].spent);
}

/** Whether it matters how many tokens a call takes. */
export function countsTokens({ tokens, inputTokens }: RateBuckets): boolean {
  return Number.isFinite(tokens.limit) || Number.isFinite(inputTokens.limit);
}

function amountOf(kind: RateKind, { requests, input, output }: RateAmounts): number {
  switch (kind) {
    case "requests":
      return requests;
    case "tokens":
      return input + output;
    case "inputTokens":
      return input;
    case "outputTokens":
      return output;
    default:
      return kind satisfies never;
  }
}

function each<Value>(value: (kind: RateKind) => Value): Readonly<Record<RateKind, Value>> {
  return {
    requests: value("requests"),
    tokens: value("tokens"),
    inputTokens: value("inputTokens"),
    outputTokens: value("outputTokens"),
  };
}
