import {
  type Agent,
  type AgentEvent,
  memoryStore,
  type RunOptions,
  run,
  type Store,
  type Tool,
} from "@lockstitch/core";
import { replaySession, type ScriptedReply, scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { handTool, still } from "./recording-helpers.js";
import { wordsOf } from "./replay-session-helpers.js";

const model = "claude-haiku-4-5";
const usage = { input_tokens: 100_000, output_tokens: 1_000 };
const child: Agent = { name: "child", model, system: "You are below." };
const other: Agent = { name: "other", model };
let asked = 0;

function asking(agents: readonly Agent[], more: Partial<Tool> = {}): Tool {
  const ask: Tool["run"] = async (_input, call) => {
    asked += 1;
    const results = await Promise.all(agents.map((agent) => call.run(agent, `Go, ${agent.name}.`)));
    return results.map(({ text }) => text).join(" and ");
  };
  return handTool("ask", ask, { effects: "idempotent", ...more });
}

const call = { content: [toolUse("ask", {}, "toolu_1")], usage };
const calls = { content: [toolUse("ask", {}, "toolu_1"), toolUse("ask", {}, "toolu_2")], usage };
const says = (text: string) => ({ content: text, usage });

async function play(agent: Agent, replies: readonly ScriptedReply[], more: RunOptions = {}): Promise<Store> {
  const store = memoryStore();
  const options = { claude: scripted(replies), store, session: "s", environment: still(), ...more };
  await run(agent, "Go.", options).catch(() => {});
  return store;
}

async function eventsOf(store: Store, session = "s"): Promise<readonly AgentEvent[]> {
  const events: AgentEvent[] = [];
  for await (const event of store.read(session)) events.push(event);
  return JSON.parse(JSON.stringify(events));
}

const typesOf = (events: readonly AgentEvent[]) => events.map(({ type }) => type);

describe("a session whose tools have run agents of their own", () => {
  it.each<[string, Agent, readonly ScriptedReply[], number]>([
    ["one", { tools: [asking([child])] }, [call, says("Below."), says("Done.")], 1],
    [
      "two of one call",
      { tools: [asking([child, other])] },
      [call, says("One."), says("Two."), says("Done.")],
      2,
    ],
    [
      "two calls beside each other, within limits",
      { tools: [asking([child])], limits: { usd: 10, maxTotalTokens: 5_000_000 } },
      [calls, says("One."), says("Two."), says("Done.")],
      2,
    ],
    [
      "a call that starts early",
      { tools: [asking([child], { effects: "none" })] },
      [call, says("Below."), says("Done.")],
      1,
    ],
    ["one that fails", { tools: [asking([child])] }, [call, new Error("no way below"), says("Done.")], 1],
    [
      "one that could not begin",
      { tools: [asking([{ ...child, model: "claude-unheard-of", limits: { usd: 1 } }])] },
      [call, says("Done.")],
      1,
    ],
    ["one that can't be meant", { tools: [asking([{ ...child, maxTokens: -1 }])] }, [call, says("Done.")], 0],
  ])(
    "is replayed with what came of them, and none of them runs: %s",
    async (_what, given, replies, count) => {
      const agent = { model, ...given };
      const events = await eventsOf(await play(agent, replies));
      expect(typesOf(events).filter((type) => type === "subagent.end")).toHaveLength(count);
      const before = asked;
      expect(await replaySession(agent, events)).toMatchObject({ departures: [], runs: 1, steps: 2 });
      expect(asked).toBe(before);
    },
  );

  it("is replayed where what its subagents came to has ended it by its limit", async () => {
    const agent: Agent = { model, tools: [asking([child])], limits: { maxTotalTokens: 302_000 } };
    const events = await eventsOf(await play(agent, [call, says("Below.")]));
    expect(events.at(-1)).toMatchObject({ type: "run.end", limit: "maxTotalTokens" });
    expect(await replaySession(agent, events)).toMatchObject({ departures: [], steps: 1 });
  });

  it("is replayed from every place where its process may have died", async () => {
    const agent: Agent = { model, tools: [asking([child])] };
    const whole = await eventsOf(await play(agent, [call, says("Below."), says("Done.")]));
    const begun = whole.findIndex(({ type }) => type === "tool.start") + 1;
    for (let length = begun; length < whole.length; length++) {
      if (whole[length]?.type === "message") continue;
      expect([length, (await replaySession(agent, whole.slice(0, length))).departures]).toEqual([length, []]);
    }
    expect(whole.length - begun).toBeGreaterThan(5);
  });

  it("is replayed where it was aborted while one was at work", async () => {
    const hangs: Agent = { ...child, tools: [handTool("hang", () => new Promise(() => {}))] };
    const agent: Agent = { model, tools: [asking([hangs])] };
    const store = memoryStore();
    const claude = scripted([call, [toolUse("hang", {}, "toolu_h")]]);
    const running = run(agent, "Go.", {
      claude,
      store,
      session: "s",
      onEvent: (event) => event.type === "tool.start" && event.name === "hang" && running.abort(),
    });
    await running;
    expect(await replaySession(agent, await eventsOf(store))).toMatchObject({ departures: [], steps: 1 });
  });

  it("still shows where the agent itself departs, before and behind them", async () => {
    const agent: Agent = { model, system: "Be brief.", tools: [asking([child])] };
    const events = await eventsOf(await play(agent, [call, says("Below."), says("Done.")]));
    expect(wordsOf(await replaySession({ ...agent, system: "Be long." }, events))).toEqual([
      'run 1, step 1: system, block 0: expected "Be brief.", got "Be long."',
    ]);
    const denied = await replaySession({ ...agent, permit: () => "deny" }, events);
    expect(wordsOf(denied)).toEqual([
      "run 1, step 1: the call of ask (toolu_1): expected allow, got deny (permit)",
    ]);
    expect(wordsOf(await replaySession({ ...agent, limits: { maxSteps: 1 } }, events))).toEqual([
      "run 1, step 1: expected step.start 2, got run.end (maxSteps)",
    ]);
  });

  it("has a session for each of them, which is replayed with its own agent and within what it was granted", async () => {
    const agent: Agent = { model, tools: [asking([child])], limits: { maxTotalTokens: 110_000 } };
    const store = await play(agent, [call, "Below."]);
    const events = await eventsOf(store, "s:toolu_1");
    expect(events.find(({ type }) => type === "run.start")).toMatchObject({
      limits: { maxTotalTokens: expect.any(Number) },
    });
    expect(events.find(({ type }) => type === "model.start")).toHaveProperty("maxTokens");
    expect(await replaySession(child, events)).toMatchObject({ departures: [], runs: 1, steps: 1 });
    expect(wordsOf(await replaySession({ ...child, system: "No." }, events))).toEqual([
      'run 1, step 1: system, block 0: expected "You are below.", got "No."',
    ]);
  });
});
