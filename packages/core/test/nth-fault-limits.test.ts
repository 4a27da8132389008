import type { Claude, LimitName } from "@lockstitch/core";
import { streamEvents } from "@lockstitch/testing";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { realEnvironment } from "../src/environment.js";
import { noUsage, totalTokens } from "../src/usage.js";
import type { HandClock } from "./nth-fault/clock.js";
import { replies, replyTo } from "./nth-fault/conversation.js";
import { type Plan, type Played, play, sameAs } from "./nth-fault/stage.js";

// Thousands of plays: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let healthy: Played;
beforeAll(async () => {
  healthy = await play({});
});

/** Plays under these limits; the run must have ended by the named one after so many steps, or as if there were none. */
async function expectEnd(plan: Plan, limit: LimitName | undefined, steps: number): Promise<Played> {
  const played = await play(plan);
  const end = limit === undefined ? { reason: "end_turn", steps: 3 } : { reason: "limit", limit, steps };
  expect([plan.limits, ...played.problems]).toEqual([plan.limits]);
  expect([plan.limits, played.result]).toMatchObject([plan.limits, { status: "ended", ...end }]);
  return played;
}

const tick = 10;

/** The conversation by the clock: every event and every call takes a tick. */
function timed(): { readonly plan: Plan; clock(): HandClock } {
  let clock: HandClock | undefined;
  const theClock = (): HandClock => clock as HandClock;
  const claude: Claude = async (request, call) => {
    const message = replyTo(request);
    for (const event of streamEvents(message)) {
      await theClock().sleep(tick, call.signal);
      call.emit(event);
    }
    return message;
  };
  const plan: Plan = {
    claude,
    tools: {
      run: async (nth, { signal }) => {
        await theClock().sleep(tick, signal);
        return `result ${nth}`;
      },
    },
    started: (stage) => {
      clock = stage.clock;
    },
    live: (done, itsClock) => itsClock.live(done, 100_000, 20),
  };
  return { plan, clock: theClock };
}

describe("a limit of any size", () => {
  it("of steps ends the run after so many", async () => {
    for (let maxSteps = 1; maxSteps <= replies.length + 1; maxSteps++) {
      await expectEnd({ limits: { maxSteps } }, maxSteps < replies.length ? "maxSteps" : undefined, maxSteps);
    }
  });

  it("of tokens is never exceeded, and ends the run before the first call that might", async () => {
    const ends = new Set<string>();
    // Every reply is as long as it may be.
    const claude: Claude = async (request) => {
      const reply = replyTo(request);
      return { ...reply, usage: { ...reply.usage, output_tokens: request.max_tokens } };
    };
    for (let maxTotalTokens = 1; maxTotalTokens <= 60_000; maxTotalTokens += 487) {
      const played = await play({ claude, limits: { maxTotalTokens } });
      expect([maxTotalTokens, ...played.problems]).toEqual([maxTotalTokens]);
      expect([maxTotalTokens, totalTokens(played.result?.usage ?? noUsage) <= maxTotalTokens]).toEqual([
        maxTotalTokens,
        true,
      ]);
      expect(played.result).toMatchObject({ status: "ended" });
      if (played.result?.status === "ended") ends.add(`${played.result.reason} after ${played.result.steps}`);
    }
    expect([...ends].sort()).toEqual(["end_turn after 3", "limit after 0", "limit after 1", "limit after 2"]);
  });

  it("of calls repeated ends a run that asks for nothing else", async () => {
    let serial = 0;
    const stuck: Claude = async () =>
      JSON.parse(JSON.stringify(replies[0]).replaceAll("toolu_a", `toolu_${++serial}`));
    for (let maxRepeatedCalls = 1; maxRepeatedCalls <= 6; maxRepeatedCalls++) {
      await expectEnd({ claude: stuck, limits: { maxRepeatedCalls } }, "maxRepeatedCalls", maxRepeatedCalls);
    }
  });

  it("of tools side by side changes nothing of what comes out", async () => {
    for (let maxParallelTools = 1; maxParallelTools <= 3; maxParallelTools++) {
      const played = await play({ limits: { maxParallelTools } });
      expect([...played.problems, ...sameAs(healthy, played)]).toEqual([]);
    }
  });

  it("of time ends the run at that very moment, whatever is going on", async () => {
    const { plan, clock } = timed();
    let startedAt = 0;
    let tookMs = 0;
    const watched: Plan = {
      ...plan,
      onEvent: (nth) => {
        if (nth === 1) startedAt = clock().now();
      },
      settled: () => {
        tookMs = clock().now() - startedAt;
      },
    };
    await expectEnd(watched, undefined, 3);
    const healthyMs = tookMs;
    expect(healthyMs).toBeGreaterThan(30 * tick);

    for (let maxDurationMs = tick / 2; maxDurationMs < healthyMs + tick; maxDurationMs += tick / 2) {
      const played = await play({ ...watched, limits: { maxDurationMs } });
      const found = [...played.problems];
      const isOver = maxDurationMs < healthyMs;
      // At a tie either may come first.
      if (maxDurationMs !== healthyMs)
        expect([maxDurationMs, played.result]).toMatchObject([
          maxDurationMs,
          isOver ? { limit: "maxDurationMs" } : { reason: "end_turn" },
        ]);
      expect([maxDurationMs, tookMs, ...found]).toEqual([maxDurationMs, Math.min(maxDurationMs, healthyMs)]);
    }
  });

  it("of time may run out at every event, as it is shown", async () => {
    const maxDurationMs = 1_000_000;
    // Once the last step has ended, nothing is left that time could cut short.
    const last = healthy.shown.findLastIndex(({ type }) => type === "step.end");
    for (let nth = 1; nth <= last; nth++) {
      const plan: Plan = {
        limits: { maxDurationMs },
        onEvent: (index, _event, { clock }) => {
          if (index === nth) clock.advance(maxDurationMs);
        },
      };
      const played = await play(plan);
      expect([nth, ...played.problems]).toEqual([nth]);
      expect([nth, played.result]).toMatchObject([nth, { reason: "limit", limit: "maxDurationMs" }]);
    }
  });

  it.each([2 ** 31, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY])(
    "of %d milliseconds is longer than a timer of the real world takes, and ends nothing",
    async (milliseconds) => {
      const { result, problems } = await play({
        environment: realEnvironment,
        live: async (done) => done.then(() => true),
        limits: { maxDurationMs: milliseconds },
        // Long enough for a timer that could not be set, and so rings at once.
        tools: { run: () => realEnvironment.sleep(3), more: { timeoutMs: milliseconds } },
      });
      expect(problems).toEqual([]);
      expect(result).toMatchObject({ reason: "end_turn", text: "It is cold, and paid." });
      expect(JSON.stringify(result)).not.toContain("did not finish");
    },
  );
});
