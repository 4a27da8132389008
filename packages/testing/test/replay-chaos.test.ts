import { replaySession } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { sessionOf } from "./replay-chaotic-session.js";

/** The first hundred, and those that once departed falsely: a store that failed beside a tool, an eager call that took a place,
 * a clock that was late. */
const seeds = [
  ...Array.from({ length: 100 }, (_, seed) => seed),
  ...[568, 1031, 1041, 1065, 1372, 1434, 1456, 1635, 1688, 1804, 1899, 1989, 3606, 6070, 6552],
];

describe("a session in which anything may have happened", () => {
  it("is replayed without a departure and without an effect, whatever the seed", async () => {
    let steps = 0;
    const departures: string[] = [];
    for (const seed of seeds) {
      const { agent, events, effects } = await sessionOf(seed);
      if (!events.some(({ type }) => type === "run.start")) continue;
      const done = effects.length;
      const replayed = await replaySession(agent, events);
      expect(effects.length, `seed ${seed}`).toBe(done);
      departures.push(
        ...replayed.departures.map(({ words, seq }) => `seed ${seed}: ${words} [event ${seq}]`),
      );
      steps += replayed.steps;
    }
    expect(departures).toEqual([]);
    expect(steps).toBeGreaterThan(100);
  }, 300_000);
});
