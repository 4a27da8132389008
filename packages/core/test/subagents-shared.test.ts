import Anthropic from "@anthropic-ai/sdk";
import {
  type Agent,
  type AgentEvent,
  claude,
  createGovernor,
  type Delta,
  type Governor,
  memoryStore,
  permitRules,
  type RunOptions,
  run,
  type Tool,
} from "@lockstitch/core";
import {
  createSimulator,
  type MessageReply,
  type Mind,
  type Simulator,
  type SimulatorOptions,
  scripted,
  toolUse,
} from "@lockstitch/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { readLog } from "./crash.js";
import { handTool } from "./helpers.js";
import { handClock } from "./nth-fault/clock.js";

const model = "claude-haiku-4-5";

/** An agent whose mind is found by its name. */
function member(name: string, tools: readonly Tool[] = [], more: Partial<Agent> = {}): Agent {
  return { name, model, system: name, maxTokens: 500, cache: false, tools, ...more };
}

const asks = (name: string, agent: Agent) =>
  handTool(name, async (_input, call) => (await call.run(agent, "Go.")).text, { effects: "idempotent" });

const calls = (...names: readonly string[]): MessageReply => ({
  content: names.map((name, index) => ({ type: "tool_use", name, id: `toolu_${name}_${index}`, input: {} })),
});

/** What each agent says, by how often it has spoken. */
function minds(replies: Readonly<Record<string, readonly (string | MessageReply | Mind)[]>>): Mind {
  return (request, context) => {
    const spoken = request.messages.filter(({ role }) => role === "assistant").length;
    const said = replies[String(request.system)]?.[spoken];
    return typeof said === "function" ? said(request, context) : said;
  };
}

/** A lead, whose helper has a clerk, whose tool is `look`: three sessions, one below the other. */
function team(work: Tool["run"] = () => "seen", limits: Agent["limits"] = {}) {
  const limitless = { maxSteps: 99, maxRepeatedCalls: 99 };
  const clerk = member("clerk", [handTool("look", work)], { limits: limitless });
  return member("lead", [asks("help", member("helper", [asks("file", clerk)]))], { limits });
}

const threeDeep = {
  lead: [calls("help"), "Done."],
  helper: [calls("file"), "Helped."],
  clerk: [calls("look"), "Filed."],
};

/** A counting governor in front of another. */
function counting(inner: Governor) {
  const sessions: (string | undefined)[] = [];
  const governor: Governor = {
    enter: (request, call) => {
      sessions.push(call.session);
      return inner.enter(request, call);
    },
  };
  return { governor, sessions };
}

interface Game {
  readonly mind: Mind;
  readonly governor?: Governor;
  readonly simulator?: SimulatorOptions;
  readonly options?: RunOptions;
}

/** Over real HTTP, with one way to the model for all. */
async function start(agent: Agent, { mind, governor, simulator: more, options }: Game) {
  const simulator = await createSimulator({ mind, ...more });
  onTestFinished(() => simulator.close());
  const client = new Anthropic({ apiKey: "key", baseURL: simulator.url, logLevel: "off" });
  const clock = handClock();
  const store = memoryStore();
  const events: AgentEvent[] = [];
  const deltas: Delta[] = [];
  const running = run(agent, "Go.", {
    claude: claude({
      client,
      clock: options?.environment ?? clock,
      ...(governor === undefined ? {} : { governor }),
    }),
    store,
    session: "s",
    environment: clock,
    onEvent: (event) => ("seq" in event ? events.push(event) : deltas.push(event)),
    ...options,
  });
  return { running, simulator, store, events, deltas };
}

async function play(agent: Agent, game: Game) {
  const { running, ...rest } = await start(agent, game);
  return { result: await running, ...rest };
}

/** The sessions in the order in which they began, the root first. */
const sessionsOf = (events: readonly AgentEvent[]): readonly string[] =>
  events.filter(({ type }) => type === "session.start").map(({ session }) => session);

const tokensOf = ({ requests }: Simulator) =>
  requests.reduce((sum, { usage }) => sum + (usage?.input_tokens ?? 0) + (usage?.output_tokens ?? 0), 0);

describe("an agent and its subagents, over HTTP, share", () => {
  it("one store: each has its log there, with who it works for", async () => {
    const { store, events } = await play(team(), { mind: minds(threeDeep) });
    const sessions = sessionsOf(events);
    expect(sessions).toHaveLength(3);
    const starts = await Promise.all(sessions.map(async (session) => (await readLog(store, session))[0]));
    expect(starts).toMatchObject([
      { agent: "lead" },
      { agent: "helper", parent: { session: "s", toolUseId: "toolu_help_0" } },
      { agent: "clerk", parent: { session: sessions[1], toolUseId: "toolu_file_0" } },
    ]);
    expect(starts[0]).not.toHaveProperty("parent");
  });

  it("one budget: what those below use is used up above, and none of them asks beyond it", async () => {
    const costly = (content: string | MessageReply): MessageReply => ({
      content: typeof content === "string" ? content : content.content,
      usage: { input_tokens: 3_000, output_tokens: 100 },
    });
    const unending: Mind = () => costly(calls("look"));
    const mind = minds({
      lead: [costly(calls("help")), costly("Done.")],
      helper: [costly(calls("file")), costly("Helped.")],
      clerk: Array.from({ length: 99 }, () => unending),
    });
    const whole = await play(team(), { mind: minds(threeDeep) });
    expect(whole.result.usage.input_tokens + whole.result.usage.output_tokens).toBe(
      tokensOf(whole.simulator),
    );
    const { result, simulator, events } = await play(
      team(() => "seen", { maxTotalTokens: 60_000 }),
      {
        mind,
      },
    );
    expect(tokensOf(simulator)).toBe(result.usage.input_tokens + result.usage.output_tokens);
    expect(tokensOf(simulator)).toBeLessThanOrEqual(60_000);
    expect(simulator.requests.length).toBeGreaterThan(8);
    const [, , clerk] = sessionsOf(events);
    expect(events.find(({ type, session }) => type === "run.end" && session === clerk)).toMatchObject({
      reason: "limit",
      limit: "maxTotalTokens",
    });
  });

  it.each([
    ["below nothing", { usd: -5 }],
    ["that are no number", { maxTotalTokens: Number.NaN }],
  ])(
    "one budget, of which a subagent with limits %s gets nothing, and takes nothing from the others",
    async (_what, limits) => {
      const grants: unknown[] = [];
      const both = handTool("both", async (_input, call) => {
        const broken = call.run({ limits }, "Go.").catch((error: Error) => error.message);
        const sound = call.run({ name: "sound" }, "Go.").then(({ text }) => text);
        return Promise.all([broken, sound]);
      });
      const lead = { tools: [both], limits: { usd: 1, maxTotalTokens: 100_000 } };
      const result = await run(lead, "Go.", {
        claude: scripted([[toolUse("both")], "Found.", "Done."]),
        onEvent: (event) => {
          if (event.type === "subagent.start") grants.push(event.granted);
        },
      });
      expect(JSON.stringify(result.messages[2])).toMatch(/limits\.(usd|maxTotalTokens).*Found\./);
      expect(grants).toEqual([{ usd: expect.any(Number), tokens: expect.any(Number) }]);
      expect((grants as { usd: number }[])[0]?.usd).toBeLessThan(1);
    },
  );

  it("one governor: the one that the way to the model was given lets each request in, by whose it is", async () => {
    const { governor, sessions } = counting(createGovernor({ clock: handClock() }));
    const { simulator, events } = await play(team(), { mind: minds(threeDeep), governor });
    const [lead, helper, clerk] = sessionsOf(events);
    expect(sessions).toEqual([lead, helper, clerk, clerk, helper, lead]);
    expect(simulator.requests.map(({ status }) => status)).toEqual(Array(6).fill(200));
  });

  it.each([
    ["a governor with limits", true],
    ["the governor that every client has", false],
  ])(
    "one governor: with %s subagents wait for each other's requests, and the API refuses none",
    async (_what, isGiven) => {
      const clock = handClock();
      const rateLimits = { requests: 4, inputTokens: 1_000_000, outputTokens: 1_000_000 };
      const helper = member("helper");
      const names = Array.from({ length: 8 }, (_, index) => `help_${index}`);
      const lead = member(
        "lead",
        names.map((name) => asks(name, helper)),
        { limits: { maxParallelTools: 8 } },
      );
      const given = isGiven ? { governor: createGovernor({ clock, limits: { requests: 4 } }) } : {};
      const { running, simulator, deltas, events } = await start(lead, {
        ...{ mind: minds({ lead: [calls(...names), "Done."], helper: ["Helped."] }), ...given },
        simulator: { rateLimits, now: clock.now, sleep: clock.sleep },
        options: { environment: clock },
      });
      expect(
        await clock.live(
          running.finally(() => {}),
          600_000,
        ),
      ).toBe(true);
      expect(await running).toMatchObject({ text: "Done." });
      expect(simulator.requests.map(({ status }) => status)).toEqual(Array(10).fill(200));
      const waited = deltas.flatMap((delta) => (delta.type === "wait" ? [delta] : []));
      expect(new Set(waited.map(({ reason }) => reason))).toEqual(new Set(["rate_limit"]));
      const below = sessionsOf(events).filter((session) => session !== "s");
      expect(waited.some(({ session }) => below.includes(session))).toBe(true);
      // Ten requests at four a minute, of which four are there at the beginning.
      expect(clock.now() - 1_800_000_000_000).toBeGreaterThanOrEqual(90_000);
    },
  );

  it("one permission: what is denied above is denied at the bottom, whatever those below say", async () => {
    const looked: unknown[] = [];
    const lead = team((input) => looked.push(input));
    const permit = permitRules({ deny: [{ tool: "look", why: "nobody looks" }], otherwise: "allow" });
    const { simulator, store, events } = await play({ ...lead, permit }, { mind: minds(threeDeep) });
    expect(looked).toEqual([]);
    const [, , clerk] = sessionsOf(events);
    expect((await readLog(store, clerk as string)).find(({ type }) => type === "tool.check")).toMatchObject({
      verdict: "deny",
      rule: "nobody looks",
    });
    expect(JSON.stringify(simulator.requests[3]?.body)).toContain("The rule: nobody looks.");
    const free = await play(lead, { mind: minds(threeDeep) });
    expect([looked, free.result.text]).toEqual([[{}], "Done."]);
  });

  it("one abort: a request at the bottom is broken off, and all of them end", async () => {
    let stop = () => {};
    let isGone = () => {};
    const gone = new Promise<void>((resolve) => {
      isGone = resolve;
    });
    const hangs: Mind = (_request, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          isGone();
          reject(signal.reason);
        });
        stop();
      });
    const mind = minds({ ...threeDeep, clerk: [hangs] });
    const { running, store, events } = await start(team(), { mind });
    stop = () => running.abort();
    const result = await running;
    await gone;
    expect(result).toMatchObject({ reason: "aborted" });
    for (const session of sessionsOf(events))
      expect((await readLog(store, session)).at(-1)).toMatchObject({ type: "run.end", reason: "aborted" });
  });

  it("one trace: whoever watches the run hears all of them, each within the call that it works for", async () => {
    const { store, events, deltas } = await play(team(), { mind: minds(threeDeep) });
    const sessions = sessionsOf(events);
    for (const session of sessions)
      expect(events.filter((event) => event.session === session)).toEqual(await readLog(store, session));
    expect(new Set(deltas.map(({ session }) => session))).toEqual(new Set(sessions));
    const indexOf = (type: AgentEvent["type"], toolUseId: string) =>
      events.findIndex(
        (event) => event.type === type && "toolUseId" in event && event.toolUseId === toolUseId,
      );
    for (const [child, toolUseId] of [
      [sessions[1], "toolu_help_0"],
      [sessions[2], "toolu_file_0"],
    ] as const) {
      const places = events.flatMap(({ session }, index) => (session === child ? [index] : []));
      expect(places[0]).toBeGreaterThan(indexOf("subagent.start", toolUseId));
      expect(indexOf("subagent.start", toolUseId)).toBeGreaterThan(indexOf("tool.start", toolUseId));
      expect(places.at(-1)).toBeLessThan(indexOf("subagent.end", toolUseId));
      expect(indexOf("subagent.end", toolUseId)).toBeLessThan(indexOf("tool.end", toolUseId));
    }
  });
});
