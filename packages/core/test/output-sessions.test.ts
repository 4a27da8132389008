import { type Agent, type AgentEvent, memoryStore, resume, run } from "@lockstitch/core";
import { replaySession, scripted } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readLog, storeWith } from "./crash.js";
import { virtualTime } from "./helpers.js";
import { agent, lastOf, oslo, outputOf, tooHot } from "./output-helpers.js";

describe("a session whose agent has an output", () => {
  const logOf = async (replies: Parameters<typeof scripted>[0], more: Partial<Agent> = {}) => {
    const store = memoryStore();
    await run({ ...agent, ...more }, "Weather?", {
      claude: scripted(replies),
      store,
      session: "s",
      environment: virtualTime(),
    });
    return { store, log: JSON.parse(JSON.stringify(await readLog(store))) as AgentEvent[] };
  };

  it("goes on from a crash at any event, and comes to the same answer", async () => {
    const { log } = await logOf([tooHot, "cold", oslo]);
    for (let length = 3; length < log.length; length++) {
      const kept = log.slice(0, length);
      const replies = kept.filter(({ type }) => type === "message").length;
      const store = await storeWith(kept);
      const result = await run(agent, "Weather?", {
        claude: scripted([tooHot, "cold", oslo].slice(replies)),
        store,
        session: "s",
        ifExists: "resume",
      });
      expect(outputOf(result), `after ${kept.at(-1)?.type}`).toMatchObject({ city: "Oslo" });
      expect(result.steps).toBe(3);
    }
  });

  it("gives the answer again where it is resumed after its end, without asking", async () => {
    const { store } = await logOf([tooHot, oslo]);
    const result = await resume(agent, "s", { store, claude: scripted([]) });
    expect(outputOf(result)).toMatchObject({ city: "Oslo", day: new Date("2026-12-24") });
  });

  it("asks again where it is resumed after the limit", async () => {
    const { store } = await logOf([tooHot], { limits: { maxOutputRetries: 0 } });
    const script = scripted([oslo]);
    const result = await resume(agent, "s", { store, claude: script });
    expect(lastOf(script.requests[0])).toContain("celsius");
    expect(outputOf(result)).toMatchObject({ city: "Oslo" });
  });

  it("is replayed without a departure, and departs where the schema has changed", async () => {
    const { log } = await logOf([tooHot, "cold", oslo]);
    expect(await replaySession(agent, log)).toMatchObject({ departures: [], steps: 3 });
    const changed = await replaySession({ output: z.object({ city: z.string() }) }, log);
    expect(changed.departures.length).toBeGreaterThan(0);
  });

  it("departs in its replay where a check that no JSON Schema can say has changed", async () => {
    const upTo = (most: number): Agent => ({ output: z.object({ n: z.int().refine((n) => n <= most) }) });
    const { log } = await logOf(['{"n":300}', '{"n":3}'], upTo(100));
    expect((await replaySession(upTo(100), log)).departures).toEqual([]);
    expect((await replaySession(upTo(1_000), log)).departures).toMatchObject([
      { words: "run 1, step 1: expected input, got run.end (end_turn)" },
    ]);
  });

  it("counts what the run said itself in a replay from a crash too", async () => {
    const strict = { ...agent, limits: { maxOutputRetries: 0 } };
    const { log } = await logOf([tooHot], strict);
    const store = await storeWith(log.slice(0, log.findIndex(({ type }) => type === "step.end") + 1));
    const result = await resume(strict, "s", { store, claude: scripted([]) });
    expect(result).toMatchObject({ limit: "maxOutputRetries" });
    const again = JSON.parse(JSON.stringify(await readLog(store))) as AgentEvent[];
    expect((await replaySession(strict, again)).departures).toEqual([]);
  });

  it("is replayed from where it crashed: what the run said itself is not taken for a person's words", async () => {
    const { log } = await logOf([tooHot, oslo]);
    const store = await storeWith(log.slice(0, log.findIndex(({ type }) => type === "step.end") + 1));
    await resume(agent, "s", { store, claude: scripted([oslo]) });
    const again = JSON.parse(JSON.stringify(await readLog(store))) as AgentEvent[];
    expect(again.some(({ type }) => type === "run.resume")).toBe(true);
    expect((await replaySession(agent, again)).departures).toEqual([]);
  });
});
