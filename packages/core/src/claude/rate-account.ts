import { type Bucket, backlogMs, correct, createBucket, reserve, settle, waitFor } from "./rate-bucket.js";
import type { RateNews } from "./rate-headers.js";
import { type RateKind, type RateLimits, rateKinds } from "./rate-tiers.js";

/** The buckets of one class of models. Pure data. */
export type Account = Readonly<Record<RateKind, Bucket>>;

/** What a call takes, or may take. */
export interface Load {
  readonly requests: number;
  readonly input: number;
  readonly output: number;
}

export const noLoad: Load = { requests: 0, input: 0, output: 0 };

export function addLoad(a: Load, b: Load): Load {
  return { requests: a.requests + b.requests, input: a.input + b.input, output: a.output + b.output };
}

/** `a` without `b`. */
export function lessLoad(a: Load, b: Load): Load {
  return { requests: a.requests - b.requests, input: a.input - b.input, output: a.output - b.output };
}

/**
 * @param limits what to begin with, until the API tells
 * @param caps what is never exceeded
 */
export function createAccount(limits: RateLimits, caps: RateLimits, now: number): Account {
  return each((kind) => createBucket(limits[kind] ?? Infinity, caps[kind] ?? Infinity, now));
}

export function reserveLoad(account: Account, load: Load): Account {
  return each((kind) => reserve(account[kind], amountOf(kind, load)));
}

/** What was held is let go, and what was taken instead is gone. */
export function settleLoad(account: Account, held: Load, taken: Load, now: number): Account {
  return each((kind) => settle(account[kind], amountOf(kind, held), amountOf(kind, taken), now));
}

/** Milliseconds until a call may go; `Infinity`: not before another comes back. */
export function waitForLoad(account: Account, load: Load, now: number): number {
  return Math.max(...rateKinds.map((kind) => waitFor(account[kind], amountOf(kind, load), now)));
}

/** Milliseconds until a call may be expected to go that has all this before it, itself included. */
export function waitBehind(account: Account, ahead: Load, now: number): number {
  return Math.max(...rateKinds.map((kind) => backlogMs(account[kind], amountOf(kind, ahead), now)));
}

/**
 * Learns from what a response told.
 * @param spentBefore what had been spent when its call was sent
 * @param own what of all that was spent since is this call's, and is in what it tells
 */
export function learn(
  account: Account,
  news: RateNews,
  call: { readonly sentAt: number; readonly spentBefore: Spent; readonly own: Load },
  now: number,
): Account {
  return each((kind) => {
    const [bucket, told] = [account[kind], news[kind]];
    if (told === undefined) return bucket;
    const others = bucket.spent - call.spentBefore[kind] - amountOf(kind, call.own);
    return correct(bucket, told, Math.max(0, others), now - call.sentAt, now);
  });
}

export type Spent = Readonly<Record<RateKind, number>>;

export function spentOf(account: Account): Spent {
  return each((kind) => account[kind].spent);
}

/** Whether it matters how many tokens a call takes. */
export function countsTokens({ tokens, inputTokens }: Account): boolean {
  return Number.isFinite(tokens.limit) || Number.isFinite(inputTokens.limit);
}

function amountOf(kind: RateKind, { requests, input, output }: Load): number {
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
