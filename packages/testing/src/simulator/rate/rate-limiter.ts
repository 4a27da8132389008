import type { Usage } from "@anthropic-ai/sdk/resources/messages";
import type { ErrorReply } from "../mind.js";
import { type Bucket, createBucket } from "./bucket.js";
import type { SimulatedRateLimits } from "./tiers.js";

/** The limits of every API key, each with buckets of its own. */
export interface RateLimiter {
  /**
   * Lets a request of this key in, or tells why not. Nobody knows yet how much it will take, so it comes in wherever there is
   * anything left, and may leave a bucket overdrawn: the next has to wait for that.
   */
  admit(key: string): ErrorReply | undefined;
  spendInput(key: string, usage: Usage): void;
  spendOutput(key: string, usage: Usage): void;
  /** How things stand, in the headers of the API. */
  headers(key: string): Record<string, string>;
}

type Buckets = Readonly<Record<keyof SimulatedRateLimits, Bucket>>;

const words: readonly (readonly [keyof SimulatedRateLimits, string])[] = [
  ["requests", "requests"],
  ["inputTokens", "input tokens"],
  ["outputTokens", "output tokens"],
];

export function createRateLimiter(limits: SimulatedRateLimits, now: () => number): RateLimiter {
  const keys = new Map<string, Buckets>();
  const bucketsOf = (key: string): Buckets => {
    const found = keys.get(key) ?? createBuckets(limits, now());
    keys.set(key, found);
    return found;
  };
  return {
    admit(key) {
      const buckets = bucketsOf(key);
      const refusal = refuse(buckets, now());
      if (!refusal) buckets.requests.spend(1, now());
      return refusal;
    },
    spendInput(key, usage) {
      bucketsOf(key).inputTokens.spend(usage.input_tokens + (usage.cache_creation_input_tokens ?? 0), now());
    },
    spendOutput(key, usage) {
      bucketsOf(key).outputTokens.spend(usage.output_tokens, now());
    },
    headers: (key) => rateHeaders(bucketsOf(key), now()),
  };
}

function createBuckets({ requests, inputTokens, outputTokens }: SimulatedRateLimits, now: number): Buckets {
  return {
    requests: createBucket(requests, now),
    inputTokens: createBucket(inputTokens, now),
    outputTokens: createBucket(outputTokens, now),
  };
}

function refuse(buckets: Buckets, now: number): ErrorReply | undefined {
  const empty = words.filter(([name]) => buckets[name].waitFor(1, now) > 0);
  const [first] = empty;
  if (first === undefined) return undefined;
  const [name, unit] = first;
  const wait = Math.max(...empty.map(([each]) => buckets[each].waitFor(1, now)));
  const limit = buckets[name].limit.toLocaleString("en-US");
  return {
    status: 429,
    error: {
      type: "rate_limit_error",
      message: `This request would exceed your rate limit of ${limit} ${unit} per minute. Please try again later.`,
    },
    headers: { ...rateHeaders(buckets, now), "retry-after": String(Math.ceil(wait / 1_000)) },
  };
}

/** In recorded answers `tokens` is the sum of both kinds, tokens left are rounded to thousands, and times to seconds. */
function rateHeaders({ requests, inputTokens, outputTokens }: Buckets, now: number): Record<string, string> {
  const kinds: readonly (readonly [string, readonly Bucket[], number])[] = [
    ["requests", [requests], 1],
    ["tokens", [inputTokens, outputTokens], 1_000],
    ["input-tokens", [inputTokens], 1_000],
    ["output-tokens", [outputTokens], 1_000],
  ];
  const headers: Record<string, string> = {};
  for (const [kind, buckets, unit] of kinds) {
    const left = sum(buckets.map((bucket) => Math.max(0, bucket.level(now))));
    const remaining = unit === 1 ? Math.floor(left) : Math.round(left / unit) * unit;
    const fullIn = Math.max(...buckets.map((bucket) => bucket.waitFor(bucket.limit, now)));
    headers[`anthropic-ratelimit-${kind}-limit`] = String(sum(buckets.map(({ limit }) => limit)));
    headers[`anthropic-ratelimit-${kind}-remaining`] = String(remaining);
    headers[`anthropic-ratelimit-${kind}-reset`] = timestamp(now + fullIn);
  }
  return headers;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** RFC 3339 in whole seconds, rounded up: nobody comes back too early. */
function timestamp(milliseconds: number): string {
  return new Date(Math.ceil(milliseconds / 1_000) * 1_000).toISOString().replace(".000Z", "Z");
}
