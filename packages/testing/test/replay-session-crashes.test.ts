import Anthropic from "@anthropic-ai/sdk";
import {
  type Agent,
  type AgentEvent,
  BrokenStreamError,
  type Claude,
  memoryStore,
  resume,
  run,
  type Store,
} from "@lockstitch/core";
import { replaySession, scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { handTool, still } from "./recording-helpers.js";
import {
  agent,
  ask,
  effects,
  getWeather,
  isTorn,
  logOf,
  pay,
  weather,
  wordsOf,
} from "./replay-session-helpers.js";

describe("a session whose process died, or whose model or store failed", () => {
  it("fails where the model failed, and tries again where it was tried again", async () => {
    const failure = (status: number) =>
      Anthropic.APIError.generate(
        status,
        { type: "error", error: { type: "api_error", message: "No." } },
        undefined,
        new Headers(),
      );
    const events = await logOf(
      [
        failure(529),
        new BrokenStreamError("Cut."),
        new Anthropic.APIConnectionError({}),
        ...weather.slice(0, 1),
        failure(500),
        failure(503),
        failure(400),
        "Hello again.",
      ],
      async (options) => {
        await run(agent, "Weather?", options).catch(() => {});
        await resume(agent, "s", options);
      },
    );
    expect(await replaySession(agent, events)).toMatchObject({ departures: [], runs: 2, steps: 3 });
    const spent = await logOf([failure(529), failure(529), "Hello."], async (options) => {
      await run(agent, "Weather?", { ...options, retry: { attempts: 2 } }).catch(() => {});
      await resume(agent, "s", options);
    });
    expect(await replaySession(agent, spent)).toMatchObject({ departures: [], runs: 2 });
  });

  it("dies wherever its process died, and goes on from there", async () => {
    const agents: Agent[] = [agent, { ...agent, tools: [getWeather, { ...pay, needsApproval: false }] }];
    const replies = [[toolUse("get_weather", {}, "toolu_w"), toolUse("pay", {}, "toolu_p")], "Done."];
    for (const one of agents) {
      const whole = await logOf(one === agent ? replies.slice(0, 1) : replies, (options) =>
        run(one, "Hi", options),
      );
      for (let length = 3; length < whole.length; length++) {
        if (isTorn(whole, length)) continue;
        const store = memoryStore();
        const log = await store.open("s", "the one who died");
        await log.append(
          whole.slice(0, length).map(({ session: _session, seq: _seq, at: _at, ...body }) => body as never),
        );
        await log.close();
        const model: Claude = (request, call) =>
          scripted([request.messages.length === 1 ? (replies[0] as never) : "Done."])(request, call);
        await resume(one, "s", { store, session: "s", claude: model, environment: still() });
        const events: AgentEvent[] = [];
        for await (const event of store.read("s")) events.push(event);
        const done = effects;
        expect(wordsOf(await replaySession(one, events)), `killed after ${length} events`).toEqual([]);
        expect(effects).toBe(done);
      }
    }
  });

  it("dies in the middle of a check that never comes to its end, and goes on without it", async () => {
    const replies = [[toolUse("checked", {}, "toolu_c")], "Done."];
    let hangs = false;
    const needsApproval = () => {
      const answer = hangs ? new Promise<boolean>(() => {}) : false;
      hangs = false;
      return answer;
    };
    const one = { tools: [handTool("checked", () => "done", { needsApproval })] };
    const whole = await logOf(replies, (options) => run(one, "Hi", options));
    const store = memoryStore();
    const log = await store.open("s", "the one who died");
    const length = whole.findIndex(({ type }) => type === "tool.check");
    await log.append(
      whole.slice(0, length).map(({ session: _session, seq: _seq, at: _at, ...body }) => body as never),
    );
    await log.close();
    const claude = scripted([new BrokenStreamError("The stream ended early."), "Done."]);
    await resume(one, "s", { store, session: "s", claude, environment: still() });
    const events: AgentEvent[] = [];
    for await (const event of store.read("s")) events.push(event);
    hangs = true;
    expect(await replaySession(one, events)).toMatchObject({ departures: [], toolCalls: 1 });
  });

  it("asks nobody what became of a call that a crash interrupted: the log says it", async () => {
    let asked = 0;
    const book = handTool("book", () => "booked", {
      effects: "once",
      reconcile: () => ({ status: "done", output: `was booked ${++asked}` }),
    });
    const events = await logOf([[toolUse("book")], "Booked."], async (options) => {
      const dying: Store = {
        ...options.store,
        open: async (session, owner) => {
          const log = await options.store.open(session, owner);
          let dead = false;
          return {
            ...log,
            lost: log.lost,
            append: async (bodies, how) => {
              if (dead) throw new Error("killed");
              dead = bodies.some(({ type }) => type === "tool.start");
              return log.append(bodies, how);
            },
          };
        },
      };
      await run({ tools: [book] }, "Hi", { ...options, store: dying }).catch(() => {});
      await resume({ tools: [book] }, "s", options);
    });
    expect(asked).toBe(1);
    expect(await replaySession({ tools: [book] }, events)).toMatchObject({ departures: [] });
    expect(asked).toBe(1);
  });

  it("goes through a run that failed at its store", async () => {
    const events = await logOf(weather.slice(0, 1), async (options) => {
      let appends = 0;
      const failing: Store = {
        ...options.store,
        open: async (session, owner) => {
          const log = await options.store.open(session, owner);
          return {
            ...log,
            lost: log.lost,
            append: async (bodies, how) => {
              if (bodies.length > 0 && ++appends === 6) throw new Error("The disk is full.");
              return log.append(bodies, how);
            },
          };
        },
      };
      await run(agent, "Weather?", { ...options, store: failing }).catch(() => {});
    });
    expect(events.at(-1)).toMatchObject({ type: "run.end", reason: "error" });
    expect(await replaySession(agent, events)).toMatchObject({ departures: [] });
  });

  it("replays what there is of a log that is not at its end", async () => {
    const events = await logOf(weather, ask);
    for (let length = 3; length <= events.length; length++)
      if (!isTorn(events, length))
        expect(wordsOf(await replaySession(agent, events.slice(0, length)))).toEqual([]);
  });
});
