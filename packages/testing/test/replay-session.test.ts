import Anthropic from "@anthropic-ai/sdk";
import {
  type Agent,
  type AgentEvent,
  approve,
  BrokenStreamError,
  type Claude,
  memoryStore,
  type RunOptions,
  resume,
  run,
  type Store,
  steer,
} from "@lockstitch/core";
import {
  ReplayError,
  replaySession,
  type ScriptedReply,
  type SessionReplay,
  scripted,
  toolUse,
} from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { handTool, still } from "./recording-helpers.js";

type Play = (options: RunOptions & { store: Store; session: string }) => PromiseLike<unknown>;

/** The log of a session as it was played. */
async function logOf(replies: readonly ScriptedReply[], play: Play): Promise<readonly AgentEvent[]> {
  const store = memoryStore();
  const script = scripted(replies);
  await play({ claude: script, store, session: "s", environment: still() });
  script.assertUsedUp();
  const events: AgentEvent[] = [];
  for await (const event of store.read("s")) events.push(event);
  return JSON.parse(JSON.stringify(events));
}

const wordsOf = ({ departures }: SessionReplay) => departures.map(({ words }) => words);

/** A reply and the end of its call are committed together: no store keeps the one without the other. */
const isTorn = (events: readonly AgentEvent[], length: number) => events[length]?.type === "message";

let effects = 0;
const getWeather = handTool("get_weather", () => `3 °C ${++effects}`, { description: "Weather." });
const pay = handTool("pay", () => `paid ${++effects}`, { effects: "once", needsApproval: true });
const agent: Agent = { system: "Be brief.", tools: [getWeather, pay] };
const weather = [[toolUse("get_weather", { location: "Oslo" }, "toolu_w")], "Cold."];
const ask: Play = (options) => run(agent, "Weather?", options);

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

  it("stops where it was stopped: by its caller, by a signal, from outside, and by its time", async () => {
    const slow: Claude = (_request, { signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
      );
    const ways: Play[] = [
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
    for (const [index, play] of ways.entries()) {
      const events = await logOf(weather, async (options) => {
        await play(options);
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
