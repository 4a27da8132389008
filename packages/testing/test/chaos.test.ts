import type { AgentEvent, EventBody, ModelRequest } from "@lockstitch/core";
import { chaos } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { findProblems } from "../src/chaos/checks.js";
import { createRandom } from "../src/chaos/random.js";
import { createWorld } from "../src/chaos/world.js";

describe("chaos()", () => {
  it("finds nothing in 2,000 games, and many of them recover from faults", async () => {
    const { runs, recovered, findings, ends } = await chaos({ seeds: 2_000 });
    expect(findings).toEqual([]);
    expect(runs).toBe(2_000);
    // A game that proves nothing is worth nothing: work must have been done in spite of faults, and runs must end in many ways.
    expect(recovered).toBeGreaterThan(200);
    expect(Object.keys(ends).length).toBeGreaterThan(12);
  }, 120_000);

  it.each([
    [{ seeds: Number.NaN }, /seeds is NaN. Give a whole number from 1/],
    [{ seeds: 0 }, /seeds is 0\. Give a whole number from 1/],
    [{ seeds: -5 }, /seeds is -5/],
    [{ seeds: 1.5 }, /seeds is 1\.5/],
    [{ seeds: Number.POSITIVE_INFINITY }, /seeds is Infinity/],
    [{ seeds: "30" as unknown as number }, /seeds is 30/],
    [{ seeds: 1, from: Number.NaN }, /from is NaN. Give a whole number from 0/],
    [{ seeds: 1, from: 2 ** 53 }, /from is 9007199254740992/],
  ])("refuses %o, which would play nothing or go on for ever", async (options, message) => {
    const played = chaos(options);
    await expect(played).rejects.toThrow(RangeError);
    await expect(played).rejects.toThrow(message);
  });

  it("plays the same game for the same seed", async () => {
    expect(await chaos({ seeds: 30, from: 500 })).toEqual(await chaos({ seeds: 30, from: 500 }));
  });
});

const log = (...bodies: EventBody[]): AgentEvent[] =>
  bodies.map((body, index) => ({ session: "s", seq: index + 1, at: 0, ...body }));
const asks = (id: string, stopReason = "tool_use"): EventBody => ({
  type: "message",
  id: "msg",
  stopReason,
  message: { role: "assistant", content: [{ type: "tool_use", id, name: "pay", input: {} }] },
});
const start = (toolUseId: string): EventBody => ({
  type: "tool.start",
  toolUseId,
  name: "pay",
  idempotencyKey: toolUseId,
});
const end = (toolUseId: string, outcome: "ok" | "not_run" = "ok"): EventBody => ({
  type: "tool.end",
  toolUseId,
  name: "pay",
  outcome,
  durationMs: 0,
  result: { content: "" },
});
const said: EventBody = { type: "input", messages: [{ role: "user", content: "Hi" }] };
const step: EventBody = { type: "step.start", step: 1 };
const runEnd = { type: "run.end", reason: "end_turn", steps: 1, cost: { usd: 0 } } as unknown as EventBody;
const paid = (toolUseId: string) => ({ tool: "pay", toolUseId, at: 0 });
const request = (...texts: string[]): ModelRequest => ({
  model: "m",
  max_tokens: 1,
  messages: [{ role: "user", content: texts.map((text) => ({ type: "text" as const, text })) }],
});

describe("what chaos() looks for", () => {
  it("is absent from a sound log", () => {
    const sound = log(said, step, asks("a"), start("a"), end("a"), runEnd);
    expect(findProblems(sound, [request("a"), request("a", "b")], [paid("a")])).toEqual([]);
  });

  it.each<[string, AgentEvent[], ModelRequest[], ReturnType<typeof paid>[], RegExp]>([
    ["a gap in the numbers", log(step, step).slice(1), [], [], /numbered/],
    ["an unanswered call", log(asks("a")), [], [], /never answered/],
    ["a call answered twice", log(asks("a"), start("a"), end("a"), end("a")), [], [], /answered twice/],
    ["an answer to no call", log(end("a", "not_run")), [], [], /never asked for/],
    ["a result without a start", log(asks("a"), end("a")), [], [], /without a start/],
    ["a call started twice", log(asks("a"), start("a"), start("a"), end("a")), [], [], /started twice/],
    ["an effect done twice", log(asks("a"), start("a"), end("a")), [], [paid("a"), paid("a")], /ran twice/],
    [
      "an effect without a committed start",
      log(asks("a"), end("a", "not_run")),
      [],
      [paid("a")],
      /without a committed start/,
    ],
    [
      "an effect of a reply that was cut off",
      log(asks("a", "max_tokens"), start("a"), end("a")),
      [],
      [paid("a")],
      /did not stop/,
    ],
    ["something said and never heard", log(step, said, runEnd), [], [], /something was said/],
    ["a request that changed the past", log(), [request("a"), request("b")], [], /changed what/],
  ])("is found: %s", (_what, events, requests, effects, words) => {
    expect(findProblems(events, requests, effects).join("\n")).toMatch(words);
  });
});

describe("the simulated world", () => {
  it("lets time pass only when nothing else can happen, and wakes sleepers in order", async () => {
    const world = createWorld(createRandom(1));
    const woken: string[] = [];
    const sleep = async (name: string, milliseconds: number) => {
      await world.environment.sleep(milliseconds);
      woken.push(`${name} at ${world.now() - begun}`);
    };
    const begun = world.now();
    expect(
      await world.live(Promise.all([sleep("late", 50), sleep("soon", 10), sleep("too", 10)]), 1_000),
    ).toBe(true);
    expect(woken).toEqual(["soon at 10", "too at 10", "late at 50"]);
    expect(world.sleeping()).toBe(0);
  });

  it("says so when nothing can happen any more", async () => {
    const world = createWorld(createRandom(1));
    expect(await world.live(new Promise(() => {}), 1_000)).toBe(false);
    expect(await world.live(world.environment.sleep(2_000), 1_000)).toBe(false);
  });
});
