import { type Agent, run } from "@lockstitch/core";
import { ReplayError, replaySession, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { agent, ask, effects, getWeather, logOf, pay, weather, wordsOf } from "./replay-session-helpers.js";

describe("a session that is replayed", () => {
  it("is done again by the same agent, without any effect, and the log is left as it was", async () => {
    const events = await logOf([...weather, ...weather], async (options) => {
      await run(agent, "Weather?", options);
      await run(agent, "And tomorrow?", options);
    });
    const before = [JSON.stringify(events), effects];
    expect(await replaySession(agent, events)).toEqual({
      session: "s",
      runs: 2,
      steps: 4,
      toolCalls: 2,
      departures: [],
    });
    expect([JSON.stringify(events), effects]).toEqual(before);
  });

  it.each<[string, Agent, string[]]>([
    [
      "the system prompt",
      { ...agent, system: "Be long." },
      ['run 1, step 1: system, block 0: expected "Be brief.", got "Be long."'],
    ],
    [
      "the tools",
      { ...agent, tools: [getWeather] },
      ['run 1, step 1: tools: expected ["get_weather","pay"], got ["get_weather"]'],
    ],
    [
      "a tool's description",
      { ...agent, tools: [{ ...getWeather, description: "Rain." }, pay] },
      ['run 1, step 1: tools.0 (get_weather), description: expected "Weather.", got "Rain."'],
    ],
    [
      "the model",
      { ...agent, model: "claude-opus-5-5" },
      [
        'run 1: run.start, model: expected "claude-sonnet-5-5", got "claude-opus-5-5"',
        'run 1, step 1: model.start, model: expected "claude-sonnet-5-5", got "claude-opus-5-5"',
        'run 1, step 1: model: expected "claude-sonnet-5-5", got "claude-opus-5-5"',
      ],
    ],
    [
      "system prompt and tools, each once however many steps there are",
      { ...agent, system: "", tools: [getWeather] },
      [
        'run 1, step 1: system: expected [{"type":"text","text":"Be brief."}], got nothing',
        'run 1, step 1: tools: expected ["get_weather","pay"], got ["get_weather"]',
      ],
    ],
  ])("shows where its requests depart in %s, and goes on to the end", async (_what, changed, words) => {
    const replayed = await replaySession(changed, await logOf(weather, ask));
    expect(wordsOf(replayed)).toEqual(words);
    expect(replayed.steps).toBe(2);
  });

  it("shows a tool that takes other input now: in what it is told, and in the message that tells the model", async () => {
    const events = await logOf([[toolUse("get_weather", { location: 7 }, "toolu_w")], "Sorry."], (options) =>
      run({ tools: [refusing("a location must be text")] }, "Weather?", options),
    );
    const { departures } = await replaySession({ tools: [refusing("location: give a city")] }, events);
    expect(departures).toMatchObject([
      { kind: "event", part: "tool.end", run: 1, step: 1 },
      {
        kind: "request",
        part: "messages",
        words:
          'run 1, step 2: messages.2, block 0 (tool_result of get_weather): expected "a location must be text", got "location: give a city"',
      },
    ]);
  });

  it.each<[string, Agent, RegExp]>([
    [
      "denies what was allowed",
      { ...agent, permit: () => "deny" },
      /the call of get_weather \(toolu_w\): expected allow, got deny \(permit\)/,
    ],
    [
      "asks a person where none was asked",
      { ...agent, tools: [{ ...getWeather, needsApproval: () => true }, pay] },
      /expected allow, got ask \(needsApproval\)/,
    ],
    [
      "refuses input that was taken",
      { ...agent, tools: [refusing("no"), pay] },
      /expected allow, got deny \(invalid_input\)/,
    ],
  ])("shows that it %s, and stops there", async (_what, changed, words) => {
    const replayed = await replaySession(changed, await logOf(weather, ask));
    expect(replayed.departures.at(-1)).toMatchObject({
      kind: "verdict",
      step: 1,
      words: expect.stringMatching(words),
    });
    expect(replayed.steps).toBe(1);
  });

  it("shows that it ends sooner, and that it would go on for longer", async () => {
    const events = await logOf(weather, ask);
    expect(wordsOf(await replaySession({ ...agent, limits: { maxSteps: 1 } }, events))).toEqual([
      "run 1, step 1: expected step.start 2, got run.end (maxSteps)",
    ]);
    const limited = await logOf(weather.slice(0, 1), (options) =>
      run({ ...agent, limits: { maxSteps: 1 } }, "Weather?", options),
    );
    expect(wordsOf(await replaySession(agent, limited))).toEqual([
      "run 1, step 1: expected run.end (maxSteps), got step.start 2",
    ]);
  });

  it("rejects where there is nothing to replay, and for an agent that can't be run", async () => {
    await expect(replaySession(agent, [])).rejects.toThrow(ReplayError);
    const events = await logOf(weather, ask);
    await expect(replaySession({ ...agent, maxTokens: -1 }, events)).rejects.toMatchObject({
      reason: "agent",
    });
  });
});

function refusing(words: string) {
  return {
    ...getWeather,
    parse: () => {
      throw new Error(words);
    },
  };
}
