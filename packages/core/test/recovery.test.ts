import {
  type Agent,
  type AgentEvent,
  abort,
  approve,
  type Claude,
  memoryStore,
  resume,
  run,
  steer,
  type Tool,
} from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { readLog, storeWith, upTo } from "./crash.js";
import { apiError, handTool, virtualTime } from "./helpers.js";

const replies = [
  [
    toolUse("look", { n: 1 }, "toolu_1"),
    toolUse("put", { n: 2 }, "toolu_2"),
    toolUse("pay", { n: 3 }, "toolu_3"),
  ],
  [toolUse("pay", { n: 4 }, "toolu_4")],
  "All done.",
];

/** An agent with a tool of every kind, and what its tools did to the world. */
function world(more: Partial<Tool> = {}) {
  const effects: string[] = [];
  const keys: string[] = [];
  const tool = (name: string, kind: Tool["effects"] & string) =>
    handTool(
      name,
      (input, { idempotencyKey }) => {
        effects.push(`${name} ${(input as { n: number }).n}`);
        keys.push(idempotencyKey);
        return `${name} did`;
      },
      { effects: kind, ...(kind === "once" ? more : {}) },
    );
  const agent: Agent = { tools: [tool("look", "none"), tool("put", "idempotent"), tool("pay", "once")] };
  return { agent, effects, keys };
}

async function healthyLog(): Promise<readonly AgentEvent[]> {
  const store = memoryStore();
  await run(world().agent, "Go.", { claude: scripted(replies), store, session: "s" });
  return readLog(store);
}

/** The replies that a log does not hold yet. */
const repliesAfter = (log: readonly AgentEvent[]) =>
  replies.slice(log.filter(({ type }) => type === "message").length);
const outcome = (log: readonly AgentEvent[], toolUseId: string) =>
  log.findLast((event) => event.type === "tool.end" && event.toolUseId === toolUseId);

describe("a process that dies right after any of its commits", () => {
  it("is gone on from by another, to the same end, and nothing that was finished or must happen once happens again", async () => {
    const log = await healthyLog();
    for (let length = 1; length < log.length; length++) {
      const before = log.slice(0, length);
      const done = new Set(before.flatMap((event) => (event.type === "tool.end" ? [event.toolUseId] : [])));
      const begun = new Set(
        before.flatMap((event) => (event.type === "tool.start" ? [event.toolUseId] : [])),
      );
      const { agent, effects } = world();
      const store = await storeWith(before);
      // A log that ends before the run has begun has nothing to resume: what was asked is asked again.
      const hasInput = before.some(({ type }) => type === "input");
      const claude = scripted(repliesAfter(before));
      const going = hasInput
        ? resume(agent, "s", { claude, store })
        : run(agent, "Go.", { claude, store, session: "s" });
      const result = await going;

      expect([length, result]).toMatchObject([
        length,
        { status: "ended", reason: "end_turn", text: "All done." },
      ]);
      claude.assertUsedUp();
      const after = await readLog(store);
      for (const [id, effect, once] of [
        ["toolu_1", "look 1", false],
        ["toolu_2", "put 2", false],
        ["toolu_3", "pay 3", true],
        ["toolu_4", "pay 4", true],
      ] as const) {
        const interrupted = begun.has(id) && !done.has(id);
        const again = effects.filter((it) => it === effect).length;
        expect([length, id, again]).toEqual([length, id, done.has(id) || (once && interrupted) ? 0 : 1]);
        expect([length, outcome(after, id)]).toMatchObject([
          length,
          { outcome: once && interrupted ? "unknown" : "ok" },
        ]);
      }
    }
  });

  it("has its calls run again under the same idempotency key", async () => {
    const log = upTo(await healthyLog(), "tool.start", 2);
    const { agent, keys } = world();
    await resume(agent, "s", { claude: scripted(repliesAfter(log)), store: await storeWith(log) });
    expect(keys).toContain("s:toolu_2");
  });

  it("counts its attempts on", async () => {
    const log = upTo(await healthyLog(), "model.start", 2);
    const store = await storeWith(log);
    await resume(world().agent, "s", { claude: scripted(repliesAfter(log)), store });
    const starts = (await readLog(store)).flatMap((event) =>
      event.type === "model.start" ? [event.attempt] : [],
    );
    expect(starts).toEqual([1, 1, 2, 1]);
  });
});

it("what a power cut must not undo is on disk before it matters: a start with effects, a question, a run's end", async () => {
  const store = memoryStore();
  const onDisk: string[] = [];
  const watched = {
    ...store,
    open: async (...given: Parameters<typeof store.open>) => {
      const log = await store.open(...given);
      return {
        ...log,
        append: (...[bodies, options]: Parameters<typeof log.append>) => {
          const names = bodies.map((body) => (body.type === "tool.start" ? `start ${body.name}` : body.type));
          if (options?.barrier === true) onDisk.push(...names);
          return log.append(bodies, options);
        },
      };
    },
  };
  const ask = handTool("ask", () => "asked", { needsApproval: true });
  const { agent } = world();
  const tools = [...(agent.tools ?? []), ask];
  const options = { store: watched, session: "s", claude: scripted([[toolUse("ask")], ...replies]) };
  await run({ tools, eager: false }, "Go.", options);
  expect(onDisk).toEqual(["approval.request"]);
  await run({ tools, eager: false }, "Never mind.", options);
  expect(onDisk.sort()).toEqual(["approval.request", "run.end", "start pay", "start pay", "start put"]);
});

describe("a call that must happen once and was interrupted", () => {
  const interrupted = async () => upTo(await healthyLog(), "tool.start", 4);
  const go = async (more: Partial<Tool>, agentMore: Partial<Agent> = {}) => {
    const log = await interrupted();
    const { agent, effects } = world(more);
    const store = await storeWith(log);
    const result = await resume({ ...agent, ...agentMore }, "s", {
      claude: scripted(repliesAfter(log)),
      store,
    });
    return {
      result,
      effects,
      end: outcome(await readLog(store), "toolu_4"),
      store,
      agent: { ...agent, ...agentMore },
    };
  };

  it("is told to the model as of unknown outcome, and not run again", async () => {
    const { effects, end } = await go({});
    expect(effects).toEqual([]);
    expect(end).toMatchObject({
      outcome: "unknown",
      result: { is_error: true, content: expect.stringMatching(/its outcome is unknown/) },
    });
  });

  it("is finished from what reconcile finds", async () => {
    const { effects, end } = await go({
      reconcile: async (input) => ({ status: "done", output: { receipt: input } }),
    });
    expect(effects).toEqual([]);
    expect(end).toMatchObject({ outcome: "ok", result: { content: '{"receipt":{"n":4}}' } });
  });

  it("is finished with the error that reconcile finds, and asks nobody whether to run again", async () => {
    const { effects, end } = await go(
      { reconcile: () => ({ status: "done", output: new Error("The card was declined.") }) },
      { unknownOutcome: "ask" },
    );
    expect(effects).toEqual([]);
    expect(end).toMatchObject({
      outcome: "error",
      result: { is_error: true, content: "The card was declined." },
    });
  });

  it("runs where reconcile finds that it has not happened", async () => {
    const { effects, end } = await go({ reconcile: () => ({ status: "not_done" }) });
    expect(effects).toEqual(["pay 4"]);
    expect(end).toMatchObject({ outcome: "ok" });
  });

  it.each<[string, Tool["reconcile"]]>([
    ["doesn't know", () => ({ status: "unknown" })],
    [
      "fails",
      () => {
        throw new Error("no connection");
      },
    ],
    ["gives nonsense", () => "maybe" as never],
  ])("stays unknown where reconcile %s", async (_what, reconcile) => {
    const { effects, end } = await go({ reconcile: reconcile as NonNullable<Tool["reconcile"]> });
    expect(effects).toEqual([]);
    expect(end).toMatchObject({ outcome: "unknown" });
  });

  it("is put before a person where the agent says so, and runs again only if that person says yes", async () => {
    for (const approved of [true, false]) {
      const { result, store, agent, effects } = await go({}, { unknownOutcome: "ask" });
      expect(result).toMatchObject({ status: "waiting", approvals: [{ toolUseId: "toolu_4", tool: "pay" }] });
      expect(effects).toEqual([]);
      await approve(store, "s", "toolu_4", { approved });
      await resume(agent, "s", { claude: scripted(["All done."]), store });
      expect(effects).toEqual(approved ? ["pay 4"] : []);
      expect(outcome(await readLog(store), "toolu_4")).toMatchObject({
        outcome: approved ? "ok" : "unknown",
      });
    }
  });

  it.each<[string, Partial<Tool>, Partial<Agent>]>([
    ["is forbidden now", {}, { permit: () => "deny" }],
    [
      "can't be parsed any more",
      {
        parse: () => {
          throw new Error("the schema is not there");
        },
      },
      {},
    ],
  ])(
    "is of unknown outcome where it %s: that it can't run again doesn't mean that it never ran",
    async (_why, more, agentMore) => {
      const { effects, end } = await go(more, agentMore);
      expect(effects).toEqual([]);
      expect(end).toMatchObject({ outcome: "unknown", result: { content: /its outcome is unknown/ } });
    },
  );

  it("is finished from what reconcile finds even where it is forbidden now", async () => {
    const permit = () => "deny" as const;
    const happened = await go({ reconcile: () => ({ status: "done", output: "paid" }) }, { permit });
    expect(happened.end).toMatchObject({ outcome: "ok", result: { content: "paid" } });
    const not = await go({ reconcile: () => ({ status: "not_done" }) }, { permit });
    expect(not.effects).toEqual([]);
    expect(not.end).toMatchObject({ outcome: "denied" });
  });

  it("is of unknown outcome where the run is aborted after a person had let it start again", async () => {
    const { store } = await go({}, { unknownOutcome: "ask" });
    await approve(store, "s", "toolu_4", { approved: true });
    await abort(store, "s");
    expect(outcome(await readLog(store), "toolu_4")).toMatchObject({
      outcome: "aborted",
      result: { content: /its outcome is unknown/ },
    });
  });
});

it("what was steered while the answer came is asked about again where that call failed", async () => {
  const store = memoryStore();
  const options = { store, session: "s", environment: virtualTime() };
  const late: Claude = async (request, call) => {
    if (request.messages.length === 1) await steer(store, "s", "And Bergen?");
    const reply = request.messages.length === 1 ? "Rain." : apiError(400, "invalid_request_error");
    return scripted([reply])(request, call);
  };
  await expect(run({}, "Oslo?", { ...options, claude: late })).rejects.toMatchObject({ status: 400 });
  const claude = scripted(["Sun."]);
  expect(await resume({}, "s", { ...options, claude })).toMatchObject({ text: "Sun." });
  expect(JSON.stringify(claude.requests[0]?.messages.at(-1))).toContain("And Bergen?");
});
