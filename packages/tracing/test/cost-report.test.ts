import {
  type Agent,
  type AgentEvent,
  addCost,
  addUsage,
  approve,
  BrokenStreamError,
  type Claude,
  type Cost,
  type EventBody,
  fork,
  memoryStore,
  type Result,
  resume,
  run,
  type Store,
  type Tool,
  type Usage,
} from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createReader, type Step } from "../src/cost/reader.js";
import { type Seen, see } from "../src/cost/seen.js";
import { createSums, mostSessions, placeOf, tell } from "../src/cost/sums.js";
import { type CostFigures, createCostReport, createTracer } from "../src/index.js";
import { script, usage } from "./session-script.js";

const model = "claude-haiku-4-5";
const other = "claude-opus-5-5";

/** A reply that used a million tokens of input: one dollar by Haiku 4.5, four by Opus 5.5. */
const costly = (content: string | ReturnType<typeof toolUse>[]) => ({
  content,
  usage: { input_tokens: 1_000_000, output_tokens: 0 },
});

function tool(name: string, work: Tool["run"]): Tool {
  return { name, effects: "idempotent", parse: (input) => input, run: work };
}

const child: Agent = { name: "researcher", model: other };
const ask = tool("ask", async (_input, call) => (await call.run(child, "Find out.")).text);
const look = tool("look", () => "seen");

async function eventsOf(store: Store, session: string): Promise<AgentEvent[]> {
  const events: AgentEvent[] = [];
  for await (const event of store.read(session)) events.push(event);
  return events;
}

/** A run with a subagent and a second call beside it, in a store and seen live. */
async function team() {
  const store = memoryStore({ now: () => Date.UTC(2026, 10, 22, 12) });
  const report = createCostReport();
  const calls = [toolUse("ask", {}, "toolu_1"), toolUse("look", {}, "toolu_2")];
  const result = await run({ name: "boss", model, tools: [ask, look] }, "Go.", {
    ...{ store, session: "s", onEvent: report.onEvent },
    claude: scripted([costly(calls), costly("Found."), costly("Done.")]),
  });
  const logs = { parent: await eventsOf(store, "s"), child: await eventsOf(store, "s:toolu_1") };
  return { report, result, store, ...logs };
}

function totalOf({ usage, cost }: Pick<Result, "usage" | "cost">, calls: number) {
  return { usage, cost, calls };
}

function costs<Line extends { readonly cost: Cost }>(table: ReadonlyMap<string, Line>) {
  return Object.fromEntries([...table].map(([name, { cost }]) => [name, cost.usd]));
}

describe("a report of live runs", () => {
  it("counts once what a subagent cost that had to wait for a person, and its call once", async () => {
    const store = memoryStore();
    const report = createCostReport();
    const pay: Tool = { ...look, name: "pay", needsApproval: true };
    const asks = tool(
      "ask",
      async (_input, call) => (await call.run({ ...child, tools: [pay] }, "Pay.")).text,
    );
    const agent: Agent = { name: "boss", model, tools: [asks] };
    const replies = [costly([toolUse("ask", {}, "toolu_1")]), costly([toolUse("pay", {}, "toolu_2")])];
    const options = { store, onEvent: report.onEvent };
    await run(agent, "Go.", { ...options, session: "s", claude: scripted(replies) });
    await approve(store, "s:toolu_1", "toolu_2", { approved: true });
    const claude = scripted([costly("Paid."), costly("Done.")]);
    const result = await resume(agent, "s", { ...options, claude });
    for (const session of ["s", "s:toolu_1"]) await report.add(store.read(session));
    const { totals, byTool } = report.figures();
    expect(totals).toEqual(totalOf(result, 4));
    expect(byTool.get("ask")).toMatchObject({ calls: 1, errors: 0, subagents: { usd: 8 } });
  });

  it("comes to what the run came to, by model, agent and day, subagents counted once", async () => {
    const { report, result } = await team();
    const { totals, byModel, byAgent, byDay, failed, untold } = report.figures();
    expect(result.cost).toEqual({ usd: 6 });
    expect(totals).toEqual(totalOf(result, 3));
    expect(costs(byModel)).toEqual({ [model]: 2, [other]: 4 });
    expect(costs(byAgent)).toEqual({ boss: 2, researcher: 4 });
    expect([byModel.get(model)?.calls, byAgent.get("researcher")?.calls]).toEqual([2, 1]);
    expect(costs(byDay)).toEqual({ "2026-11-22": 6 });
    expect([failed, untold]).toEqual([0, 0]);
  });

  it("gives each tool its calls and an equal share of the step that asked for them, and its subagents' cost", async () => {
    const { byTool } = (await team()).report.figures();
    expect(byTool.get("ask")).toMatchObject({
      ...{ calls: 1, errors: 0 },
      ...{ cost: { usd: 0.5 + 4 }, subagents: { usd: 4 } },
    });
    expect(byTool.get("look")).toMatchObject({ calls: 1, cost: { usd: 0.5 }, subagents: { usd: 0 } });
  });

  it("hears them through a tracer as well, and any number at once", async () => {
    const report = createCostReport();
    const tracer = createTracer({ sinks: [report.onEvent] });
    const results = await Promise.all(
      [1, 2, 3].map(() =>
        run({ model }, "Go.", { claude: scripted([costly("Done.")]), onEvent: tracer.onEvent }),
      ),
    );
    const cost = results.map((result) => result.cost).reduce(addCost);
    const all = results.map((result) => result.usage).reduce(addUsage);
    expect(report.figures().totals).toEqual({ cost, usage: all, calls: 3 });
  });

  it("counts attempts that broke off with what they said, and says how many said nothing", async () => {
    let attempts = 0;
    const whole = scripted([costly("Done.")]);
    const claude: Claude = (request, call) => {
      attempts++;
      if (attempts === 3) return whole(request, call);
      if (attempts === 1) {
        const message = {
          ...{ id: "msg_1", type: "message", role: "assistant", model, content: [] },
          ...{ stop_reason: null, stop_sequence: null },
          usage: { input_tokens: 500_000, output_tokens: 1 },
        };
        call.emit({ type: "message_start", message } as unknown as Parameters<typeof call.emit>[0]);
      }
      throw new BrokenStreamError("It broke off.");
    };
    const report = createCostReport();
    const environment = { ...timeless(), id: () => "s" };
    const result = await run({ model }, "Go.", { claude, onEvent: report.onEvent, environment });
    expect(result.cost.usd).toBeCloseTo(1.5, 4);
    expect(report.figures()).toMatchObject({ totals: totalOf(result, 3), failed: 2, untold: 1 });
  });
});

function timeless() {
  return { now: () => Date.UTC(2026, 10, 22), random: () => 0.5, sleep: async () => {} };
}

describe("a report of logs", () => {
  type Logs = Awaited<ReturnType<typeof team>>;
  const orders: readonly [string, (logs: Logs) => readonly AgentEvent[][]][] = [
    ["the parent's first", ({ parent, child }) => [parent, child]],
    ["the subagent's first", ({ parent, child }) => [child, parent]],
    ["each twice", ({ parent, child }) => [parent, child, child, parent]],
    ["the later half first", ({ parent, child }) => [parent.slice(9), child, parent.slice(0, 9)]],
  ];

  it.each(orders)("comes to the same as the live one: %s", async (_order, logsOf) => {
    const logs = await team();
    const report = createCostReport();
    for (const log of logsOf(logs)) await report.add(log);
    expect(report.figures().totals).toEqual(logs.report.figures().totals);
    expect(costs(report.figures().byModel)).toEqual(costs(logs.report.figures().byModel));
  });

  it("is the same, to the last figure, from the store", async () => {
    const { report: live, store } = await team();
    const report = createCostReport();
    for (const session of ["s", "s:toolu_1"]) await report.add(store.read(session));
    const sorted = ({ byModel, byAgent, byTool, byDay, ...sums }: CostFigures) => ({
      ...sums,
      tables: [byModel, byAgent, byTool, byDay].map((table) => Object.fromEntries<object>([...table])),
    });
    expect(sorted(report.figures())).toEqual(sorted(live.figures()));
  });

  it("that were seen live before, adds nothing", async () => {
    const { report, parent, child } = await team();
    const before = report.figures();
    await report.add(parent);
    await report.add(child);
    expect(report.figures()).toEqual(before);
  });

  it("takes a parent's word for subagents whose own calls it never saw, whatever their model was", async () => {
    const { result, parent } = await team();
    const report = createCostReport();
    await report.add(parent);
    const { totals, byModel, byAgent } = report.figures();
    expect(totals).toEqual(totalOf(result, 2));
    expect(costs(byModel)).toEqual({ [model]: 2, "(unknown)": 4 });
    expect(costs(byAgent)).toEqual({ boss: 2, researcher: 4 });
  });

  it("leaves what a fork has copied to the session that paid for it", async () => {
    const { store, parent } = await team();
    const end = parent.findLast(({ type }) => type === "step.end")!;
    await fork(store, "s", end.seq, { id: "branch" });
    const report = createCostReport();
    await report.add(store.read("branch"));
    const { totals, byTool, untold } = report.figures();
    expect([totals.cost.usd, totals.calls, untold, byTool.size]).toEqual([0, 0, 0, 0]);
    await report.add(parent);
    expect(report.figures().totals.cost.usd).toBe(6);
  });
});

const { event } = script("s_1");
const asked = (names: readonly string[]): EventBody => ({
  type: "message",
  ...{ id: "msg_1", stopReason: "tool_use" },
  message: {
    role: "assistant",
    content: names.map((name, index) => ({ type: "tool_use", id: `toolu_${index}`, name, input: {} })),
  },
});
const ended = (cost: Cost, more: object = {}): EventBody => ({
  type: "model.end",
  ...{ attempt: 1, outcome: "message", model, usage: usage(1000, 10), durationMs: 1 },
  ...{ cost, ...more },
});
const started = (more: object = {}): EventBody => ({ type: "model.start", attempt: 1, model, ...more });

function figuresOf(...bodies: readonly EventBody[]): CostFigures {
  const report = createCostReport();
  const { event } = script("s_1");
  for (const body of bodies) report.onEvent(event(0, body));
  return report.figures();
}

describe("the figures", () => {
  it("keep summaries apart, and out of the share of the tools", () => {
    const { totals, compaction, byTool } = figuresOf(
      { type: "step.start", step: 1 },
      started({ purpose: "compaction" }),
      ended({ usd: 8 }),
      started(),
      ended({ usd: 1 }),
      asked(["look"]),
    );
    expect([totals.cost, totals.calls]).toEqual([{ usd: 9 }, 2]);
    expect(compaction).toMatchObject({
      usage: { input_tokens: 1000, output_tokens: 10 },
      ...{ cost: { usd: 8 }, calls: 1 },
    });
    expect(costs(byTool)).toEqual({ look: 1 });
  });

  it("never make an unknown cost zero, and name the models without a price", () => {
    const unknown: Cost = { usd: null, unpriced: ["mine"] };
    const { totals, byModel, byTool } = figuresOf(
      started(),
      ended(unknown, { model: "mine" }),
      asked(["look", "look"]),
      started(),
      ended({ usd: 1 }),
    );
    expect(totals.cost).toEqual(unknown);
    expect(costs(byModel)).toEqual({ mine: null, [model]: 1 });
    expect(byTool.get("look")?.cost).toEqual(unknown);
    const { cost: _cost, ...unsaid } = ended({ usd: 0 }) as Extract<EventBody, { type: "model.end" }>;
    expect(figuresOf(unsaid).totals.cost).toEqual({ usd: null, unpriced: [model] });
  });

  it("leave what a step without a reply has cost to no tool", () => {
    const { totals, byTool } = figuresOf(
      { type: "step.start", step: 1 },
      ended({ usd: 8 }, { outcome: "broken" }),
      { type: "step.start", step: 2 },
      ended({ usd: 1 }),
      asked(["look"]),
      { type: "step.start", step: 3 },
      ended({ usd: 2 }),
      asked(["look"]),
    );
    expect(totals.cost).toEqual({ usd: 11 });
    expect(costs(byTool)).toEqual({ look: 3 });
  });

  it("add up what is told of a subagent that was asked more than once", () => {
    const told = (usd: number): EventBody => ({
      type: "subagent.end",
      ...{ toolUseId: "toolu_0", child: "s_2", reason: "end_turn", usage: usage(1, 1) },
      ...{ cost: { usd }, charged: { usd, tokens: 2 } },
    });
    const { totals, byTool } = figuresOf(asked(["ask"]), told(1), told(2));
    expect([totals.cost, totals.usage.input_tokens]).toEqual([{ usd: 3 }, 2]);
    expect(byTool.get("ask")?.subagents).toEqual({ usd: 3 });
  });

  it("tell calls that the API refused from those that may have been billed", () => {
    const {
      usage: _usage,
      cost: _cost,
      ...none
    } = ended({ usd: 0 }) as Extract<EventBody, { type: "model.end" }>;
    const error = { name: "RateLimitError", message: "429", status: 429 };
    const { failed, untold, totals } = figuresOf(
      { ...none, outcome: "error", error },
      { ...none, outcome: "error", error: { name: "APIConnectionError", message: "gone" } },
      { ...none, outcome: "aborted" },
    );
    expect([failed, untold, totals.calls, totals.cost]).toEqual([3, 2, 3, { usd: 0 }]);
  });

  it("count an attempt that was lost with its process once it is tried again", () => {
    const lost = started({ model: other });
    expect(figuresOf(lost)).toMatchObject({ totals: { calls: 0 }, failed: 0 });
    const { totals, failed, untold, byModel } = figuresOf(lost, started(), ended({ usd: 1 }));
    expect([totals.calls, failed, untold, byModel.get(other)?.calls]).toEqual([2, 1, 1, 1]);
  });

  it("call a model by one name, whichever of its names a reply has", () => {
    const { byModel } = figuresOf(
      ended({ usd: 1 }, { model: "claude-haiku-4-5-20251001" }),
      ended({ usd: 1 }),
    );
    expect(costs(byModel)).toEqual({ [model]: 2 });
  });

  it("part a tool's errors, by whatever went wrong, from its successes", () => {
    const done = (outcome: string, result: object = { content: "" }): EventBody =>
      ({ type: "tool.end", toolUseId: "t", name: "look", outcome, result, durationMs: 7 }) as EventBody;
    const { byTool } = figuresOf(done("ok"), done("timeout"), done("ok", { content: "", is_error: true }));
    expect(byTool.get("look")).toMatchObject({ calls: 3, errors: 2, durationMs: 21 });
  });

  it("part days at midnight in UTC", () => {
    const report = createCostReport();
    const { event } = script("s_1");
    // The script's clock begins at midnight.
    for (const after of [-1, 0, 86_399_999]) report.onEvent(event(after, ended({ usd: 1 })));
    expect(costs(report.figures().byDay)).toEqual({ "2026-11-21": 1, "2026-11-22": 2 });
  });

  it("say so where nobody has told an agent's or a tool's name", () => {
    const { byAgent, byTool } = figuresOf(ended({ usd: 1 }), {
      type: "subagent.end",
      ...{ toolUseId: "toolu_9", child: "s_2", reason: "end_turn", usage: usage(1, 1) },
      ...{ cost: { usd: 2 }, charged: { usd: 2, tokens: 2 } },
    });
    expect(costs(byAgent)).toEqual({ "(unknown)": 3 });
    expect(costs(byTool)).toEqual({ "(unknown)": 2 });
  });

  it("are a copy: what was read stays as it was", () => {
    const report = createCostReport();
    report.onEvent(event(0, ended({ usd: 1 })));
    const before = report.figures();
    report.onEvent(event(0, ended({ usd: 1 })));
    expect([costs(before.byModel), before.totals.calls]).toEqual([{ [model]: 1 }, 1]);
    expect(costs(report.figures().byModel)).toEqual({ [model]: 2 });
  });
});

describe("whatever a tree of agents did, and in whatever order its logs come", () => {
  interface Node {
    readonly own: readonly number[];
    readonly below: readonly Node[];
  }
  const nodes = (depth: number): fc.Arbitrary<Node> =>
    fc.record({
      own: fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 3 }),
      below: depth === 0 ? fc.constant([]) : fc.array(nodes(depth - 1), { maxLength: 2 }),
    });
  const tree = nodes(3);

  /** Logs of a node and all below it, the node's own first. */
  function logsOf(node: Node, id: string): { logs: AgentEvent[][]; cost: Cost; usage: Usage } {
    const { event } = script(id);
    const log: AgentEvent[] = [event(0, { type: "session.start", agent: id, tools: [], fingerprint: "f" })];
    let [cost, used]: [Cost, Usage] = [{ usd: 0 }, usage(0, 0)];
    const add = (more: Cost, tokens: Usage) => {
      cost = addCost(cost, more);
      used = addUsage(used, tokens);
    };
    for (const cents of node.own) {
      const spent: Cost = cents === 0 ? { usd: null, unpriced: [`m${id}`] } : { usd: cents / 100 };
      log.push(event(0, ended(spent, { usage: usage(cents, 1) })));
      add(spent, usage(cents, 1));
    }
    const logs = [log];
    for (const [index, below] of node.below.entries()) {
      const child = `${id}.${index}`;
      const under = logsOf(below, child);
      log.push(
        event(0, {
          type: "subagent.end",
          ...{ toolUseId: "t", child, reason: "end_turn", usage: under.usage, cost: under.cost },
          charged: { usd: 0, tokens: 0 },
        }),
      );
      logs.push(...under.logs);
      add(under.cost, under.usage);
    }
    return { logs, cost, usage: used };
  }

  const bare = ({ input_tokens, output_tokens }: Usage) => ({ input_tokens, output_tokens });
  const names = (cost: Cost) => (cost.usd === null ? [...cost.unpriced].sort() : cost.usd);

  it("every call is counted once", async () => {
    await fc.assert(
      fc.asyncProperty(tree, fc.infiniteStream(fc.nat()), fc.boolean(), async (node, chance, twice) => {
        const { logs, cost, usage: used } = logsOf(node, "0");
        const report = createCostReport();
        const order = [...logs, ...(twice ? logs : [])]
          .map((log) => ({ log, at: chance.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at);
        for (const { log } of order) await report.add(log);
        const { totals, byModel, byAgent, byDay } = report.figures();
        expect(names(totals.cost)).toEqual(names(cost));
        expect(bare(totals.usage)).toEqual(bare(used));
        for (const table of [byModel, byAgent, byDay]) {
          const lines = [...table.values()];
          expect(names(lines.map((line) => line.cost).reduce(addCost))).toEqual(names(cost));
          expect(bare(lines.map((line) => line.usage).reduce(addUsage))).toEqual(bare(used));
        }
      }),
      { numRuns: 200 },
    );
  });

  it("the root's log alone tells the same", async () => {
    await fc.assert(
      fc.asyncProperty(tree, async (node) => {
        const { logs, cost, usage: used } = logsOf(node, "0");
        const report = createCostReport();
        await report.add(logs[0]!);
        expect(names(report.figures().totals.cost)).toEqual(names(cost));
        expect(bare(report.figures().totals.usage)).toEqual(bare(used));
      }),
      { numRuns: 100 },
    );
  });

  it("an event is new once, however its log was cut and shuffled", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 200 }), (numbers) => {
        const seen: Seen = [];
        const before = new Set<number>();
        for (const number of numbers) {
          expect(see(seen, number)).toBe(!before.has(number));
          before.add(number);
        }
        for (const [index, [from, to]] of seen.entries()) {
          expect(from).toBeLessThanOrEqual(to);
          if (index > 0) expect(from).toBeGreaterThan((seen[index - 1]?.[1] ?? 0) + 1);
        }
      }),
    );
  });
});

describe("what a report remembers", () => {
  it("doesn't grow with the events of a session", () => {
    const sums = createSums();
    const read = createReader(sums);
    const { event } = script("s_1");
    const sizes = [100, 10_000].map((events) => {
      for (let index = 0; index < events; index++) {
        read(event(index, started()));
        read(event(index, ended({ usd: 0.01 })));
        read(event(index, asked(["look"])));
      }
      return JSON.stringify({ ...sums, sessions: [...sums.sessions], byTool: [...sums.byTool] }).length;
    });
    expect(sums.totals.calls).toBe(10_100);
    expect(sizes[1]! - sizes[0]!).toBeLessThan(100);
  });

  it("is less once a run has ended", () => {
    const steps = new Map<string, Step>();
    const read = createReader(createSums(), steps);
    const { event } = script("s_1");
    read(event(0, started()));
    expect(steps.size).toBe(1);
    const end = {
      type: "run.end",
      reason: "end_turn",
      steps: 1,
      usage: usage(1, 1),
      cost: { usd: 1 },
    } as const;
    read(event(0, end));
    expect(steps.size).toBe(0);
  });

  it("has a bound in sessions, in subagents it has only been told of, in names and in gaps", () => {
    const sums = createSums();
    const steps = new Map<string, Step>();
    const read = createReader(sums, steps);
    for (let index = 0; index < mostSessions + 500; index++) {
      const { event } = script(`s_${index}`);
      read(event(0, ended({ usd: 1 })));
      tell(sums, `child_${index}`, placeOf("m", "a", 0), { usage: usage(1, 1), cost: { usd: 1 }, calls: 0 });
      if (index < 2000) {
        const done = { type: "tool.end", toolUseId: "t", name: `made_up_${index}`, outcome: "unknown_tool" };
        read(event(0, { ...done, result: { content: "" }, durationMs: 0 } as unknown as EventBody));
      }
    }
    expect(sums.sessions.size).toBe(mostSessions);
    expect(steps.size).toBe(mostSessions);
    expect(sums.told.size).toBe(mostSessions);
    expect(sums.totals.cost).toEqual({ usd: mostSessions + 1000 });
    expect(sums.byTool.size).toBe(1001);
    expect(sums.byTool.get("(others)")?.calls).toBe(1000);
    const seen: Seen = [];
    for (let seq = 1; seq < 10_000; seq += 2) expect(see(seen, seq)).toBe(true);
    expect(seen).toHaveLength(64);
  });
});

describe("the text", () => {
  it("is a table, the dearest first, days in order, and safe to print", async () => {
    const report = createCostReport();
    const { event } = script("s_1");
    const bodies: readonly [number, EventBody][] = [
      [0, { type: "session.start", agent: "boss\u001b[2J", tools: [], fingerprint: "f" }],
      [86_400_000, ended({ usd: 0.25 }, { usage: usage(1500, 20, 500) })],
      [0, asked(["look", "look_longer"])],
      [0, ended({ usd: 1.5 }, { model: other })],
      [0, ended({ usd: 0 }, { outcome: "broken" })],
      [0, { type: "tool.end", toolUseId: "t", name: "look", outcome: "error", result: {}, durationMs: 1500 }],
    ];
    for (const [after, body] of bodies) report.onEvent(event(after, body));
    const text = report.toString();
    expect(text).not.toContain("\u001b");
    expect(text.replace(/^ {2}boss\S*/m, "  boss").split("\n")).toEqual([
      "total  $1.75  3 calls  4,000 in (500 cached)  40 out",
      "1 call brought no reply; 0 of them never said what they used",
      "",
      "by model",
      "  claude-opus-5-5     $1.50   1 call               1,000 in  10 out",
      "  claude-haiku-4-5  $0.2500  2 calls  3,000 in (500 cached)  30 out",
      "",
      "by agent",
      "  boss  $1.75  3 calls  4,000 in (500 cached)  40 out",
      "",
      "by tool",
      "  look         $0.1250   1 call   1 error  1.5 s",
      "  look_longer  $0.1250  0 calls  0 errors   0 ms",
      "",
      "by day",
      "  2026-11-22    $1.50  2 calls               2,000 in  20 out",
      "  2026-11-23  $0.2500   1 call  2,000 in (500 cached)  20 out",
    ]);
  });

  it("names the models without a price, subagents and summaries, and of nothing says nothing", async () => {
    const report = createCostReport();
    expect(report.toString()).toBe("total  $0  0 calls  0 in  0 out");
    const { event } = script("s_1");
    report.onEvent(event(0, started({ purpose: "compaction" })));
    report.onEvent(event(0, ended({ usd: null, unpriced: ["mine"] })));
    expect(report.toString().split("\n").slice(0, 3)).toEqual([
      "total  cost unknown  1 call  1,000 in  10 out",
      "no price is known for mine",
      "of it summaries  cost unknown  1 call  1,000 in  10 out",
    ]);
    const { report: live } = await team();
    expect(`${live}`).toContain("$4.50  1 call  0 errors");
    expect(`${live}`).toContain("$4.00 by subagents");
  });
});
