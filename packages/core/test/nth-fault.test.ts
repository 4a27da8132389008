import { APIConnectionError } from "@lockstitch/core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { callers, settlesWithin } from "./nth-fault/aborts.js";
import {
  type EventFault,
  type Exchange,
  finalFaults,
  harmlessEvents,
  passingFaults,
  sendSome,
  startFaults,
} from "./nth-fault/http-faults.js";
import { type HttpPlayed, type HttpStage, httpStage, wired } from "./nth-fault/http-stage.js";
import { type Stage, sameAs } from "./nth-fault/stage.js";

// Thousands of plays: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let http: HttpStage;
let healthy: HttpPlayed;
beforeAll(async () => {
  http = await httpStage();
  healthy = await http.play({ reply: 0, after: 0 });
});
afterAll(() => http.close());

interface Place {
  readonly reply: number;
  /** Events of that reply before it. */
  readonly after: number;
  readonly count: number;
}

/** Every place in every reply: before its first event, before its second, …, after its last. */
const places: readonly Place[] = wired.flatMap((chunks, reply) =>
  Array.from({ length: chunks.length + 1 }, (_, after) => ({ reply, after, count: chunks.length })),
);

/** With a call without effects begun already, and the other one about to come. */
const inTheCalls: Place = { reply: 1, after: 9, count: wired[1]?.length ?? 0 };
const inTheAnswer: Place = { reply: 2, after: 3, count: wired[2]?.length ?? 0 };

/** How many attempts a reply takes in which the fault strikes there once. */
function attemptsWanted({ harmless }: EventFault, { after, count }: Place): readonly number[] {
  const isHarmless = harmless?.(after, count) ?? after >= count;
  return isHarmless === "either" ? [1, 2] : [isHarmless ? 1 : 2];
}

/** Nothing is wrong with it, and it came to the very same end as the healthy run. */
function expectRecovered(where: unknown, played: HttpPlayed): void {
  expect([where, ...played.problems, ...sameAs(healthy, played)]).toEqual([where]);
}

/** It failed with this, nothing else is wrong with it, and it was tried so often. */
function expectFailed(where: unknown, played: HttpPlayed, error: object, attempts: number): void {
  expect([where, ...played.problems]).toEqual([where]);
  expect([where, played.error]).toMatchObject([where, { ...error, attempts }]);
  expect([where, played.attempts]).toEqual([where, attempts]);
}

describe("the healthy conversation over HTTP", () => {
  it("is had as it was meant, so that what is measured by it counts for something", () => {
    expect(healthy.problems).toEqual([]);
    expect(healthy.result).toMatchObject({ reason: "end_turn", text: "It is cold, and paid.", steps: 3 });
    expect(healthy.toolRuns.map(({ tool }) => tool)).toEqual(["look", "look", "pay"]);
    expect(healthy.result?.messages.map(({ content }) => content)).toMatchObject([
      "Begin.",
      [{ type: "thinking" }, { type: "text" }, { id: "toolu_a" }],
      [{ tool_use_id: "toolu_a", content: "result 1" }],
      [{ type: "text" }, { id: "toolu_b" }, { id: "toolu_c" }],
      [
        { tool_use_id: "toolu_b", content: "result 2" },
        { tool_use_id: "toolu_c", content: "result 3" },
      ],
      [{ type: "thinking" }, { type: "text" }],
    ]);
    expect(places.length).toBeGreaterThan(40);
  });
});

describe("at the nth event of a reply", () => {
  it.each(Object.entries(passingFaults))("%s: the turn is sent again", async (_name, fault) => {
    for (const place of places) {
      const played = await http.play({ ...place, strike: fault.strike });
      expectRecovered(place, played);
      expect(played.struck).toBe(1);
      expect(attemptsWanted(fault, place), JSON.stringify(place)).toContain(played.attempts);
    }
  });

  it.each(Object.entries(passingFaults))("%s: so it is four times, and no more", async (_name, fault) => {
    for (const place of [inTheCalls, inTheAnswer]) {
      const played = await http.play({ ...place, strike: fault.strike, times: 4 });
      expectRecovered(place, played);
      expect(played.attempts).toBe(5);
      expectFailed(place, await http.play({ ...place, strike: fault.strike, times: 5 }), {}, 5);
    }
  });

  it.each(Object.entries(finalFaults))("the error %s: the run fails at once", async (type, fault) => {
    for (const place of places) {
      const played = await http.play({ ...place, strike: fault.strike });
      if (place.after >= place.count) expectRecovered(place, played);
      else expectFailed(place, played, { type, status: undefined }, 1);
    }
  });

  it.each(Object.entries(harmlessEvents))("%s: nothing comes of it", async (_name, fault) => {
    for (const place of places) {
      const played = await http.play({ ...place, strike: fault.strike });
      expectRecovered(place, played);
      expect(played.attempts).toBe(1);
    }
  });
});

describe("instead of a reply", () => {
  it.each(Object.entries(startFaults))("%s: the run recovers, or fails as it must", async (_name, fault) => {
    for (const reply of wired.keys()) {
      const { strike } = fault;
      if (fault.isFinal !== true) {
        const played = await http.play({ reply, after: 0, strike });
        expectRecovered(reply, played);
        expect(played.attempts).toBe(2);
      }
      const attempts = fault.isFinal ? 1 : 5;
      const failed = await http.play({ reply, after: 0, strike, times: attempts });
      expectFailed(reply, failed, fault.error ?? {}, attempts);
      expect(failed.error).toBeInstanceOf(fault.errorClass);
    }
  });

  it("a refused connection: the run recovers as long as there are attempts, then fails", async () => {
    for (let refusals = 1; refusals < 5; refusals++)
      expectRecovered(refusals, await http.play({ reply: 0, after: 0, refusals }));
    const failed = await http.play({ reply: 0, after: 0, refusals: 5 });
    expect(failed.problems).toEqual([]);
    expect(failed.error).toBeInstanceOf(APIConnectionError);
    expect(failed.error).toMatchObject({ attempts: 5 });
  });

  it("a wait that is too long is told to the caller", async () => {
    const { strike } = startFaults["status 429 with a wait of an hour"] ?? {};
    const { error } = await http.play({ reply: 0, after: 0, ...(strike && { strike }) });
    expect(error).toMatchObject({ retryAfterMs: 3_600_000 });
  });
});

describe("an abort over HTTP", () => {
  it.each(Object.entries(callers))(
    "by %s at the nth event of a reply settles the run at once, and closes its connection",
    async (_name, abort) => {
      for (const place of places) {
        // With the whole reply there, the run goes on, and is aborted in what comes next; after the last one there is nothing.
        if (place.after === place.count && place.reply === wired.length - 1) continue;
        let stage: Stage | undefined;
        let isAtOnce = false;
        const strike = async (exchange: Exchange): Promise<void> => {
          await sendSome(exchange);
          await exchange.read();
          if (stage !== undefined) isAtOnce = await settlesWithin(5, stage, abort);
        };
        const started = (its: Stage): void => {
          stage = its;
        };
        const played = await http.play({ ...place, strike }, { started });
        expect([place, ...played.problems]).toEqual([place]);
        expect([place, played.result]).toMatchObject([place, { status: "ended", reason: "aborted" }]);
        expect([place, isAtOnce]).toEqual([place, true]);
      }
    },
  );
});
