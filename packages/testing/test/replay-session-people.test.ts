import { type AgentEvent, approve, type Claude, resume, run, steer } from "@lockstitch/core";
import { replaySession, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { agent, effects, getWeather, logOf, pay, weather, wordsOf } from "./replay-session-helpers.js";

describe("a session in which people took part", () => {
  it("follows people: approvals given and refused, moved on from, and words said on the way", async () => {
    const events = await logOf(
      [
        [
          toolUse("pay", { to: "a" }, "toolu_a"),
          toolUse("pay", { to: "b" }, "toolu_b"),
          toolUse("get_weather", {}, "toolu_w"),
        ],
        [toolUse("pay", { to: "c" }, "toolu_c")],
        "Well then.",
        [toolUse("pay", { to: "d" }, "toolu_d")],
        "Paid.",
      ],
      async (options) => {
        await run(agent, "Pay them.", options);
        await approve(options.store, "s", "toolu_a", { approved: true });
        await steer(options.store, "s", "Be quick.");
        await approve(options.store, "s", "toolu_b", { approved: false, reason: "no" });
        await resume(agent, "s", options);
        await run(agent, "Never mind.", options);
        const last = run(agent, "Pay once more.", {
          ...options,
          onEvent: (event) => {
            if (event.type === "approval.request") void last.approve("toolu_d", { approved: true });
          },
        });
        await last;
        await resume(agent, "s", options);
      },
    );
    expect(events.filter(({ type }) => type === "approval.response")).toHaveLength(4);
    const done = effects;
    expect(await replaySession(agent, events)).toMatchObject({ departures: [], runs: 2, toolCalls: 5 });
    expect(effects).toBe(done);
    const careless = { ...agent, tools: [getWeather, { ...pay, needsApproval: false }] };
    expect(wordsOf(await replaySession(careless, events))).toEqual([
      "run 1, step 1: the call of pay (toolu_a): expected ask (needsApproval), got allow",
    ]);
  });

  it("shows that it waits where the log goes on", async () => {
    const events = await logOf([[toolUse("pay", {}, "toolu_p")], "Paid."], async (options) => {
      const running = run(agent, "Pay.", {
        ...options,
        onEvent: (event) => {
          if (event.type === "approval.request") void running.approve("toolu_p", { approved: true });
        },
      });
      await running;
      await resume(agent, "s", options);
    });
    const unanswered = events.filter(({ type }) => type !== "approval.response");
    const [words] = wordsOf(await replaySession(agent, unanswered));
    expect(words).toMatch(/step 1: expected .*, got a run that waits for a person/);
  });

  it("tells what was said to a session that had just been taken up from what it was taken up with", async () => {
    const whole = await logOf([[toolUse("pay", {}, "toolu_p")], "Paid."], async (options) => {
      await run(agent, "Pay.", options);
      await approve(options.store, "s", "toolu_p", { approved: true });
      await steer(options.store, "s", "Quickly.");
      await resume(agent, "s", options);
    });
    // As if both had come a moment later: the call still waits when the session is taken up, and nobody has moved on.
    const types = whole.map(({ type }) => type);
    const [answer, words, taken] = ["approval.response", "input", "run.resume"].map((type) =>
      types.lastIndexOf(type as AgentEvent["type"]),
    ) as [number, number, number];
    const moved = [
      ...whole.slice(0, answer),
      whole[taken],
      whole[words],
      whole[answer],
      ...whole.slice(taken + 1),
    ];
    const events = moved.map((event, index) => ({ ...event, seq: index + 1 }) as AgentEvent);
    expect(events.map(({ type }) => type).slice(answer, answer + 3)).toEqual([
      "run.resume",
      "input",
      "approval.response",
    ]);
    expect(await replaySession(agent, events)).toMatchObject({ departures: [], toolCalls: 1 });
  });

  it("takes words up at the step in which they were taken up", async () => {
    const events = await logOf([...weather, "Rome too.", "And Bern."], async (options) => {
      let calls = 0;
      const claude: Claude = async (request, call) => {
        calls += 1;
        if (calls > 1 && calls < 4) await steer(options.store, "s", `Word ${calls}.`);
        return options.claude?.(request, call) as never;
      };
      await run(agent, "Weather?", { ...options, claude });
    });
    expect(await replaySession(agent, events)).toMatchObject({ departures: [], steps: 4 });
    const unheard = events.filter(
      (event) => event.type !== "input" || !JSON.stringify(event).includes("Word 2"),
    );
    // Without its word the run has nothing to go on for.
    expect(wordsOf(await replaySession(agent, unheard))[0]).toMatch(
      /step 2: expected step\.start 3, got run\.end \(end_turn\)/,
    );
  });
});
