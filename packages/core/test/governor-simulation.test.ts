import Anthropic from "@anthropic-ai/sdk";
import { claude, createGovernor, type Governor, type GovernorOptions, run } from "@lockstitch/core";
import { createSimulator, type SimulatedRateLimits, type SimulatorOptions } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { type HandClock, handClock, turns } from "./nth-fault/clock.js";

interface Played {
  /** Answered requests and refused ones, and what they used of each limit, as parts of all that there was to use. */
  readonly answered: number;
  readonly refused: number;
  readonly used: { readonly requests: number; readonly input: number; readonly output: number };
  readonly minutes: number;
}

interface Game {
  readonly runs: number;
  readonly rateLimits: SimulatedRateLimits;
  readonly governor?: GovernorOptions;
  readonly simulator?: SimulatorOptions;
  readonly prompt?: string;
}

/** Real HTTP, but one clock for the runs, the governor and the server, which moves on as soon as nothing else can happen. */
async function play({ runs, rateLimits, governor, simulator: more, prompt = "Hi" }: Game): Promise<Played> {
  const clock = handClock();
  let asleep = 0;
  const simulator = await createSimulator({
    mind: () => ({ content: "Yes." }),
    now: clock.now,
    sleep: (milliseconds, signal) => {
      asleep += 1;
      return clock.sleep(milliseconds, signal).finally(() => {
        asleep -= 1;
      });
    },
    rateLimits,
    ...more,
  });
  try {
    const counted = counting(createGovernor({ clock, ...governor }));
    const client = new Anthropic({ apiKey: "key", baseURL: simulator.url, logLevel: "off" });
    const ask = claude({ client, clock, governor: counted.governor });
    const all = Promise.all(
      Array.from({ length: runs }, async (_, index) => {
        const options = { claude: ask, environment: clock };
        return run({ maxTokens: 1_000, cache: false }, `${prompt} ${index}`, options);
      }),
    );
    await live(clock, all, () => counted.underWay() > asleep);
    for (const result of await all) expect(result).toMatchObject({ status: "ended", reason: "end_turn" });
    expect(counted.underWay()).toBe(0);
    return figures(simulator.requests, rateLimits);
  } finally {
    await simulator.close();
  }
}

/** A governor, and how many calls it has let in that are not over. */
function counting(inner: Governor): { readonly governor: Governor; underWay(): number } {
  const open = new Set<object>();
  const governor: Governor = {
    async enter(request, call) {
      const admission = await inner.enter(request, call);
      open.add(admission);
      const leave: typeof admission.leave = (usage) => {
        admission.leave(usage);
        open.delete(admission);
      };
      return { ...admission, leave };
    },
  };
  return { governor, underWay: () => open.size };
}

/** Lets time pass whenever all is quiet: no request on its way, but those that the server lets wait. */
async function live(clock: HandClock, all: Promise<unknown>, isBusy: () => boolean): Promise<void> {
  let over = false;
  const end = (): void => {
    over = true;
  };
  all.then(end, end);
  for (let quiet = 0; !over; ) {
    await turns(1);
    quiet = isBusy() ? 0 : quiet + 1;
    if (quiet < 3) continue;
    quiet = 0;
    if (!clock.wakeNext(Infinity)) throw new Error("nothing is left that could ever happen");
  }
}

type Requests = Awaited<ReturnType<typeof createSimulator>>["requests"];

function figures(requests: Requests, limits: SimulatedRateLimits): Played {
  const good = requests.filter(({ status }) => status === 200);
  const sum = (of: (usage: NonNullable<Requests[number]["usage"]>) => number): number =>
    good.reduce((total, { usage }) => total + (usage === undefined ? 0 : of(usage)), 0);
  const lastAt = Math.max(...good.map(({ at }) => at));
  const minutes = (lastAt - (good[0]?.at ?? 0)) / 60_000;
  // A bucket is full at the beginning.
  const share = (used: number, limit: number): number => used / (limit * (1 + minutes));
  return {
    answered: good.length,
    refused: requests.filter(({ status }) => status === 429).length,
    used: {
      requests: share(good.length, limits.requests),
      input: share(
        sum(({ input_tokens }) => input_tokens),
        limits.inputTokens,
      ),
      output: share(
        sum(({ output_tokens }) => output_tokens),
        limits.outputTokens,
      ),
    },
    minutes,
  };
}

function print(name: string, { answered, refused, used, minutes }: Played): void {
  const percent = Object.entries(used).map(([kind, part]) => `${kind} ${(part * 100).toFixed(1)} %`);
  console.info(
    `${name}: ${answered} answered, ${refused} refused, ${minutes.toFixed(2)} minutes, ${percent.join(", ")}`,
  );
}

const plenty = 1_000_000_000;

/** By the real clock, on a machine that others use too. */
const timeout = 120_000;

describe("a thousand runs at fifty requests a minute", { timeout }, () => {
  it("all end, none is ever refused, and at least 90 % of the limit is used, though nothing is known at first", async () => {
    const played = await play({
      runs: 1_000,
      rateLimits: { requests: 50, inputTokens: plenty, outputTokens: plenty },
    });
    print("1,000 runs, 50 requests a minute", played);
    expect([played.answered, played.refused]).toEqual([1_000, 0]);
    expect(played.used.requests).toBeGreaterThan(0.9);
    expect(played.used.requests).toBeLessThanOrEqual(1);
  });

  it("go on in the same way where replies take their time", async () => {
    const played = await play({
      runs: 100,
      rateLimits: { requests: 50, inputTokens: plenty, outputTokens: plenty },
      simulator: { pace: { timeToFirstTokenMs: 3_000, tokensPerSecond: 1 } },
    });
    print("100 runs, 50 requests a minute, slow", played);
    expect([played.answered, played.refused]).toEqual([100, 0]);
    expect(played.used.requests).toBeGreaterThan(0.9);
  });
});

describe("runs that are held back by their tokens", { timeout }, () => {
  it("of input use at least 90 % of it, and are not refused", async () => {
    const played = await play({
      runs: 100,
      rateLimits: { requests: 10_000, inputTokens: 40_000, outputTokens: plenty },
      prompt: "word ".repeat(700),
    });
    print("100 runs, 40,000 input tokens a minute", played);
    expect([played.answered, played.refused]).toEqual([100, 0]);
    expect(played.used.input).toBeGreaterThan(0.9);
  });

  it("of output use at least 90 % of it, and are not refused", async () => {
    const played = await play({
      runs: 100,
      rateLimits: { requests: 10_000, inputTokens: plenty, outputTokens: 8_000 },
      simulator: { mind: () => ({ content: "Yes, indeed. ".repeat(100) }) },
    });
    print("100 runs, 8,000 output tokens a minute", played);
    expect([played.answered, played.refused]).toEqual([100, 0]);
    expect(played.used.output).toBeGreaterThan(0.9);
  });
});
