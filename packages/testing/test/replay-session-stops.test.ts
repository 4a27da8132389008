import { type Agent, type Claude, resume, run } from "@lockstitch/core";
import { replaySession, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { handTool } from "./recording-helpers.js";
import { agent, type Converse, logOf, weather, wordsOf } from "./replay-session-helpers.js";

describe("a session that was stopped, and is replayed", () => {
  it("stops where it was stopped: by its caller, by a signal, from outside, and by its time", async () => {
    const slow: Claude = (_request, { signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
      );
    const ways: Converse[] = [
      async (options) => {
        const running = run(agent, "Hi", { ...options, claude: slow });
        setImmediate(() => running.abort());
        await running;
      },
      async (options) => {
        const controller = new AbortController();
        setImmediate(() => controller.abort());
        await run(agent, "Hi", { ...options, claude: slow, signal: controller.signal });
      },
      async (options) => {
        const running = run(agent, "Hi", { ...options, claude: slow });
        setImmediate(() => void options.store.post("s", [{ type: "run.abort", by: "outside" }]));
        await running;
      },
      async (options) => {
        const tired = { ...agent, limits: { maxDurationMs: 50 } };
        await run(tired, "Hi", { ...options, claude: slow });
      },
    ];
    for (const [index, converse] of ways.entries()) {
      const events = await logOf(weather, async (options) => {
        await converse(options);
        await run(agent, "Weather?", options);
      });
      expect(events.some(({ type }) => type === "run.abort")).toBe(true);
      const replayed = await replaySession(
        index === 3 ? { ...agent, limits: { maxDurationMs: 50 } } : agent,
        events,
      );
      expect(replayed).toMatchObject({ departures: [], runs: 2 });
    }
  });

  it("stops where it was stopped between two things, and while tools were running", async () => {
    const endless = handTool("endless", () => new Promise(() => {}));
    const slow: Agent = { ...agent, tools: [...(agent.tools ?? []), endless] };
    const calls = [toolUse("endless", {}, "toolu_e"), toolUse("get_weather", {}, "toolu_w")];
    const events = await logOf([calls, "Hello."], async (options) => {
      const running = run(slow, "Hi", {
        ...options,
        onEvent: (event) => {
          if (event.type === "tool.end") running.abort();
        },
      });
      await running;
      await resume(slow, "s", options);
    });
    expect(await replaySession(slow, events)).toMatchObject({ departures: [], runs: 2, toolCalls: 2 });
  });

  it("gives a tool up where its time was up, without waiting for it", async () => {
    const late = handTool("late", () => new Promise(() => {}), { timeoutMs: 3_600_000 });
    const events = await logOf([[toolUse("late")], "Too late."], (options) =>
      run({ tools: [late] }, "Hi", options),
    );
    expect(events.find(({ type }) => type === "tool.end")).toMatchObject({ outcome: "timeout" });
    expect(await replaySession({ tools: [late] }, events)).toMatchObject({ departures: [], toolCalls: 1 });
    const patient = { tools: [{ ...late, timeoutMs: Number.POSITIVE_INFINITY }] };
    expect(wordsOf(await replaySession(patient, events))).toEqual([
      expect.stringMatching(/step 1: expected tool\.end of late \(toolu_1\), got nothing: it waits/),
    ]);
  });

  it("runs out of time before a tool does, where its own ends first by the log's clock", async () => {
    const late = handTool("late", () => new Promise(() => {}), { timeoutMs: 59_000, effects: "once" });
    const logged = await logOf([[toolUse("late")], "Too late."], (options) =>
      run({ tools: [late] }, "Hi", options),
    );
    const start = logged.findIndex(({ type }) => type === "tool.start");
    const events = logged.map((event, index) => ({
      ...event,
      at: index < start ? 0 : index === start ? 10_000 : 69_000,
    }));
    expect(wordsOf(await replaySession({ tools: [late] }, events))).toEqual([]);
    const hasty = { tools: [late], limits: { maxDurationMs: 60_000 } };
    expect(wordsOf(await replaySession(hasty, events))[0]).toMatch(
      /step 1: expected tool\.end of late \(toolu_1\), got run\.abort/,
    );
  });

  it("waits for the agent's own checks, however long they take", async () => {
    let length = 0;
    const takeTime = async () => {
      for (let turn = 0; turn < length; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
    };
    const slow = handTool("slow", () => "done", {
      parse: async (input) => {
        await takeTime();
        return input;
      },
      needsApproval: async () => {
        await takeTime();
        return false;
      },
    });
    const events = await logOf([[toolUse("slow")], "Done."], (options) =>
      run({ tools: [slow] }, "Hi", options),
    );
    // More turns than the replay gives to what stands still.
    length = 150;
    expect(await replaySession({ tools: [slow] }, events)).toMatchObject({ departures: [], toolCalls: 1 });
    // No time runs out on them either: that of the log did not.
    const limited = { tools: [slow], limits: { maxDurationMs: 60_000 } };
    expect(await replaySession(limited, events)).toMatchObject({ departures: [], toolCalls: 1 });
  });

  it("stops where it was stopped while a check never came to its end", async () => {
    const endless = handTool("endless", () => "done", { needsApproval: () => new Promise(() => {}) });
    const events = await logOf([[toolUse("endless")]], async (options) => {
      const running = run({ tools: [endless] }, "Hi", {
        ...options,
        onEvent: (event) => {
          if (event.type === "message") running.abort();
        },
      });
      await running;
    });
    expect(events.at(-1)).toMatchObject({ type: "run.end", reason: "aborted" });
    expect(await replaySession({ tools: [endless] }, events)).toMatchObject({ departures: [], runs: 1 });
  });
});
