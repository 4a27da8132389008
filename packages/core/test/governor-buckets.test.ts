import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Bucket,
  backlogMs,
  correct,
  createBucket,
  refilled,
  reserve,
  settle,
  waitFor,
} from "../src/claude/rate/bucket.js";
import { readRateHeaders } from "../src/claude/rate/headers.js";
import { rateClassName, tierLimitsOf } from "../src/claude/rate/tiers.js";
import { retryAfterIn } from "../src/claude/retry-after.js";
import { rateTiers } from "../src/index.js";

const limits = fc.integer({ min: 1, max: 100_000 });
const amounts = fc.integer({ min: 1, max: 200_000 });
const times = fc.integer({ min: 0, max: 120_000 });

/** A bucket that has seen some life, and the time. */
const lived: fc.Arbitrary<readonly [Bucket, number]> = fc
  .tuple(
    limits,
    fc.array(
      fc.tuple(fc.constantFrom("reserve", "settle", "spend"), fc.integer({ min: 1, max: 5_000 }), times),
    ),
  )
  .map(([limit, deeds]) => {
    let now = 0;
    let bucket = createBucket(limit, Infinity, now);
    const held: number[] = [];
    for (const [deed, amount, later] of deeds) {
      now += later;
      if (deed === "spend") bucket = settle(bucket, 0, amount, now);
      if (deed === "reserve") {
        held.push(amount);
        bucket = reserve(bucket, amount);
      }
      if (deed === "settle") bucket = settle(bucket, held.pop() ?? 0, amount, now);
    }
    return [bucket, now] as const;
  });

describe("a bucket", () => {
  it("never holds more than its limit, nor gains anything by how often one looks", () => {
    fc.assert(
      fc.property(lived, fc.array(times), ([bucket, start], steps) => {
        let now = start;
        let looked = refilled(bucket, start);
        for (const step of steps) {
          now += step;
          looked = refilled(looked, now);
          expect(looked.level).toBeLessThanOrEqual(bucket.limit);
        }
        expect(looked.level).toBeCloseTo(refilled(bucket, now).level, 3);
      }),
    );
  });

  it("has what is asked for after the wait that it tells, and not a little earlier", () => {
    fc.assert(
      fc.property(lived, amounts, ([bucket, now], amount) => {
        const wait = waitFor(bucket, amount, now);
        if (!Number.isFinite(wait)) {
          expect(bucket.reserved).toBeGreaterThan(0);
          return;
        }
        expect(waitFor(bucket, amount, now + wait)).toBe(0);
        if (wait > 1) expect(waitFor(bucket, amount, now + wait - 1)).toBeGreaterThan(0);
      }),
    );
  });

  it("lets through no more in any stretch of time than it held and what flowed in", () => {
    fc.assert(
      fc.property(
        limits,
        fc.array(fc.tuple(times, amounts), { minLength: 1, maxLength: 60 }),
        (limit, calls) => {
          let bucket = createBucket(limit, Infinity, 0);
          const taken: { at: number; amount: number }[] = [];
          let now = 0;
          for (const [later, wished] of calls) {
            const amount = Math.min(wished, limit);
            now += later;
            if (waitFor(bucket, amount, now) > 0) continue;
            bucket = settle(reserve(bucket, amount), amount, amount, now);
            taken.push({ at: now, amount });
          }
          for (const [index, first] of taken.entries()) {
            const since = taken.slice(index);
            const sum = since.reduce((total, { amount }) => total + amount, 0);
            const span = (since.at(-1)?.at ?? 0) - first.at;
            expect(sum).toBeLessThanOrEqual(limit + (span * limit) / 60_000 + 0.001);
          }
        },
      ),
    );
  });

  it("lets what is larger than itself through alone, when it is full", () => {
    fc.assert(
      fc.property(limits, (limit) => {
        const full = createBucket(limit, Infinity, 0);
        expect(waitFor(full, limit * 3, 0)).toBe(0);
        expect(waitFor(settle(full, 0, 1, 0), limit * 3, 0)).toBeCloseTo(60_000 / limit, 3);
        expect(waitFor(reserve(full, 1), limit * 3, 0)).toBe(Infinity);
        expect(backlogMs(reserve(full, limit), limit * 3, 0)).toBeCloseTo(180_000, 3);
      }),
    );
  });

  it("without a limit lets everything through, and still counts", () => {
    const open = settle(reserve(createBucket(Infinity, Infinity, 0), 5), 5, 7, 1);
    expect([waitFor(open, 1e9, 2), open.spent, open.reserved, refilled(open, 9).level]).toEqual([
      0,
      7,
      0,
      Infinity,
    ]);
  });
});

/** A server's bucket, the calls on their way to it and back, and our own idea of it. */
const journeys = fc.record({
  limit: fc.integer({ min: 5, max: 100 }),
  tier: fc.boolean(),
  calls: fc.array(
    fc.record({ pause: fc.integer({ min: 0, max: 4_000 }), there: times50(), back: times50() }),
    { minLength: 1, maxLength: 80 },
  ),
});

function times50(): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: 20_000 });
}

describe("what responses tell", () => {
  it("in whatever order they come, never makes anybody send what the server would refuse", () => {
    fc.assert(
      fc.property(journeys, ({ limit, tier, calls }) => {
        let server = createBucket(limit, Infinity, 0);
        let ours = tier ? createBucket(limit, Infinity, 0) : createBucket(Infinity, Infinity, 0);
        type Happening = { readonly at: number; readonly happen: () => void };
        const agenda: Happening[] = [];
        let sent = 0;
        const send = (now: number, { there, back }: { there: number; back: number }): void => {
          const spentBefore = ours.spent;
          ours = reserve(ours, 1);
          sent += 1;
          agenda.push({
            at: now + there,
            happen: () => {
              expect(waitFor(server, 1, now + there)).toBe(0);
              server = settle(server, 0, 1, now + there);
              const remaining = Math.floor(server.level + 1e-9);
              const answeredAt = now + there + back;
              agenda.push({
                at: answeredAt,
                happen: () => {
                  ours = settle(ours, 1, 1, answeredAt);
                  const told = { limit, atLeast: remaining, atMost: remaining + 1 };
                  ours = correct(ours, told, ours.spent - spentBefore - 1, answeredAt - now, answeredAt);
                },
              });
            },
          });
        };
        let now = 0;
        const liveUntil = (time: number): void => {
          for (;;) {
            agenda.sort((a, b) => a.at - b.at);
            if (agenda[0] === undefined || agenda[0].at > time) break;
            const next = agenda.shift();
            now = Math.max(now, next?.at ?? 0);
            next?.happen();
          }
          now = Math.max(now, time);
        };
        for (const call of calls) {
          liveUntil(now + call.pause);
          // As long as nothing is known, one goes ahead.
          const mayGo = Number.isFinite(ours.limit) ? waitFor(ours, 1, now) <= 0 : sent === 0;
          if (mayGo) send(now, call);
        }
        liveUntil(now + 1e6);
        expect([ours.reserved, ours.limit]).toEqual([0, limit]);
      }),
      { numRuns: 300 },
    );
  });

  it("that is old changes nothing", () => {
    // Sent at 0, answered when 40 of 50 were left; since then ten others have been answered, the last at 9,000.
    let bucket = createBucket(50, Infinity, 0);
    for (let call = 0; call < 20; call++) bucket = settle(bucket, 0, 1, 9_000);
    const before = refilled(bucket, 10_000).level;
    expect(correct(bucket, { limit: 50, atLeast: 40, atMost: 41 }, 20, 10_000, 10_000).level).toBe(before);
  });

  it("that is fresh is believed, whether it is less than was thought or more", () => {
    const half = settle(createBucket(50, Infinity, 0), 0, 25, 0);
    expect(correct(half, { limit: 50, atLeast: 3, atMost: 4 }, 0, 0, 0).level).toBe(4);
    expect(correct(half, { limit: 50, atLeast: 45, atMost: 46 }, 0, 0, 0).level).toBe(45);
    expect(correct(half, { limit: 1_000, atLeast: 999, atMost: 1_000 }, 0, 0, 0)).toMatchObject({
      limit: 1_000,
      level: 999,
    });
  });

  it("never lifts a limit of one's own, and lowers it where the API has less", () => {
    const own = settle(createBucket(Infinity, 10, 0), 0, 10, 0);
    expect(correct(own, { limit: 1_000, atLeast: 999, atMost: 1_000 }, 0, 0, 0)).toMatchObject({
      limit: 10,
      level: 0,
    });
    expect(correct(own, { limit: 5, atLeast: 4, atMost: 5 }, 0, 0, 0)).toMatchObject({ limit: 5, level: 4 });
  });

  it("leaves reserved what is under way", () => {
    const busy = reserve(createBucket(50, Infinity, 0), 30);
    const told = correct(busy, { limit: 50, atLeast: 30, atMost: 31 }, 0, 0, 0);
    expect([told.reserved, waitFor(told, 21, 0) > 0, waitFor(told, 20, 0)]).toEqual([30, true, 0]);
  });
});

describe("rate headers", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  const read = (values: Record<string, string>) =>
    readRateHeaders(
      new Headers(Object.entries(values).map(([name, value]) => [`anthropic-ratelimit-${name}`, value])),
      now,
    );

  it("bound what is left: requests are cut off, tokens rounded to thousands, and nothing may be less than nothing", () => {
    expect(
      read({
        "requests-limit": "50",
        "requests-remaining": "49",
        "tokens-limit": "48000",
        "tokens-remaining": "4321",
        "input-tokens-limit": "40000",
        "input-tokens-remaining": "7000",
        "output-tokens-limit": "8000",
        "output-tokens-remaining": "0",
        "output-tokens-reset": "2026-11-22T12:02:00Z",
      }),
    ).toEqual({
      requests: { limit: 50, atLeast: 49, atMost: 50 },
      tokens: { limit: 48_000, atLeast: 4_321, atMost: 4_322 },
      inputTokens: { limit: 40_000, atLeast: 6_500, atMost: 7_500 },
      outputTokens: { limit: 8_000, atLeast: -8_000, atMost: 500 },
    });
    expect(read({ "tokens-limit": "9000", "tokens-remaining": "0" }).tokens?.atLeast).toBe(-Infinity);
  });

  it("that say nothing whole say nothing", () => {
    expect(read({ "requests-limit": "50", "tokens-limit": "many", "tokens-remaining": "0" })).toEqual({});
  });

  const recordings = new URL("../../../../shared/recordings/http-exchanges.jsonl", import.meta.url);
  it.skipIf(!existsSync(recordings))(
    "of all recorded answers are understood, and their limits are those of a tier's kind",
    () => {
      const heads = readFileSync(recordings, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { status: number; headers?: Record<string, string> })
        .map(({ status, headers }) => ({ status, headers: new Headers(headers ?? {}) }))
        .filter(({ headers }) => [...headers.keys()].some((name) => name.startsWith("anthropic-ratelimit-")));
      expect(heads.length).toBeGreaterThanOrEqual(191);
      let asksToWait = 0;
      for (const { status, headers } of heads) {
        const news = readRateHeaders(headers, now);
        const told = [...headers.keys()].filter((name) => /^anthropic-ratelimit-.*-limit$/.test(name));
        expect(Object.keys(news)).toHaveLength(told.length);
        for (const { limit, atLeast, atMost } of Object.values(news)) {
          expect(limit).toBeGreaterThan(0);
          expect(atLeast).toBeLessThanOrEqual(limit);
          expect(atMost).toBeGreaterThan(atLeast);
        }
        const { inputTokens, outputTokens } = news;
        if (inputTokens && outputTokens)
          expect(news.tokens?.limit).toBe(inputTokens.limit + outputTokens.limit);
        if (status === 200 && retryAfterIn(headers, now) !== undefined) asksToWait += 1;
      }
      // Good answers carry it too: it is no refusal.
      expect(asksToWait).toBeGreaterThan(0);
    },
  );
});

describe("tiers", () => {
  it("are those of the introduction and of the API, whose Fable models have less", () => {
    expect(rateTiers.introductionFree).toEqual({ requests: 5, tokens: 20_000 });
    expect(rateTiers.introductionBuild).toEqual({ requests: 50, tokens: 40_000 });
    expect(rateTiers.introductionScale).toEqual({ requests: 1_000, tokens: 400_000 });
    expect(tierLimitsOf("build", "claude-opus-5-5")).toEqual({
      requests: 5_000,
      inputTokens: 5_000_000,
      outputTokens: 1_000_000,
    });
    expect(tierLimitsOf("start", "claude-fable-5-2")).toMatchObject({
      requests: 1_000,
      inputTokens: 500_000,
    });
    expect(tierLimitsOf("scale", "claude-fable-5")).toMatchObject({
      requests: 4_000,
      inputTokens: 4_000_000,
    });
    expect(tierLimitsOf("scale", "a-model-of-tomorrow")).toMatchObject({ requests: 10_000 });
  });

  it("are counted by class: the fourth generation of a family together, all Fable 5 together, every other model alone", () => {
    expect(
      [
        "claude-opus-4-8",
        "claude-opus-4-5-20251101",
        "claude-fable-5",
        "claude-fable-5-2",
        "claude-opus-5",
        "claude-opus-5-5",
        "claude-haiku-4-5",
        "gateway/some-model",
      ].map(rateClassName),
    ).toEqual([
      "claude-opus-4",
      "claude-opus-4",
      "claude-fable-5",
      "claude-fable-5",
      "claude-opus-5",
      "claude-opus-5-5",
      "claude-haiku-4",
      "gateway/some-model",
    ]);
  });
});
