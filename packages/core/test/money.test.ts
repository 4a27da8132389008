import { type Agent, approve, memoryStore, type Result, run } from "@lockstitch/core";
import { describe, expect, it, vi } from "vitest";
import { readLog } from "./crash.js";
import { handTool, virtualTime } from "./helpers.js";
import { type Bill, billingApi, conversation, createDraw, type Draw } from "./money/api.js";
import { mortalStore } from "./money/mortal-store.js";

// Hundreds of plays: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000 });

const look = handTool("look", () => "seen ".repeat(100));
/** Its agents wait for a person, and keep what they were granted meanwhile. */
const sign = handTool("sign", () => "signed", { effects: "once", needsApproval: true });

/** Tools that stand in no prompt until a result refers to them: then the API puts their definitions there. */
const deferred = [1, 2, 3].map((size) =>
  handTool(`deferred_${size}`, () => "done", {
    definition: { defer_loading: true },
    description: "What it does. 何をするか ".repeat(size * 30),
  }),
);
const find = handTool("find", () =>
  [...deferred, ...deferred, ...deferred, ...deferred].map(({ name }) => ({
    type: "tool_reference" as const,
    tool_name: name,
  })),
);

/** Agents that ask each other, two deep, one or two at a time. */
function family(draw: Draw, limits: Agent["limits"]): Agent {
  const model = ["claude-haiku-4-5", "claude-sonnet-5-5", "claude-haiku-5-5"][Math.floor(draw(3))] ?? "";
  const parts = {
    model,
    system: "You look. ".repeat(1 + draw(50)),
    maxTokens: 500 + Math.floor(draw(4_000)),
  };
  const child: Agent = { ...parts, name: "child", tools: [look, sign], limits: { maxSteps: 4 } };
  const middle: Agent = { ...child, name: "middle", tools: [look, asking("ask", [child])] };
  const tools = [look, asking("ask", [child]), asking("ask_both", [middle, child])];
  return { ...parts, name: "parent", tools, limits: { ...limits, maxSteps: 6 } };
}

function asking(name: string, agents: readonly Agent[]) {
  return handTool(
    name,
    async (_input, call) => {
      const results = await Promise.allSettled(agents.map((agent) => call.run(agent, "Look at it.")));
      return results.map((result) =>
        result.status === "fulfilled" ? result.value.text.slice(0, 200) : "failed",
      );
    },
    { effects: "idempotent" },
  );
}

interface Game {
  readonly bill: Bill;
  readonly cap: { readonly usd: number; readonly tokens: number };
  readonly result: Result | undefined;
  readonly deaths: number;
  readonly waits: number;
}

/** One run under a cap, through the deaths of its processes, until it has ended. */
async function play(seed: number): Promise<Game> {
  const draw = createDraw(seed);
  const bill: Bill = { usd: 0, tokens: 0, calls: 0 };
  const claude = billingApi(draw, bill);
  const cap = { usd: 0.002 + draw(1) ** 3 * 2, tokens: 3_000 + Math.floor(draw(1) ** 2 * 200_000) };
  const limits = {
    ...(draw(3) < 2 ? { usd: cap.usd } : {}),
    ...(draw(3) < 2 ? { maxTotalTokens: cap.tokens } : {}),
  };
  const agent = family(draw, limits);
  const input = draw(2) < 1 ? "Go." : conversation(draw);
  const store = memoryStore();
  const common = { claude, environment: virtualTime(), retry: { attempts: 3 } };
  let deaths = 0;
  let waits = 0;
  let result: Result | undefined;
  for (let life = 0; life < 30 && result === undefined; life++) {
    const lasts = deaths < 7 && draw(3) < 2;
    const mortal = mortalStore(
      store,
      lasts ? 1 + Math.floor(draw(30)) : Number.POSITIVE_INFINITY,
      draw(2) < 1,
    );
    const options = { ...common, store: mortal, session: "s" };
    const running = run(agent, input, { ...options, ifExists: "resume" });
    if (draw(12) < 1) running.abort();
    result = await running.then(
      (it) => it,
      () => undefined,
    );
    if (result === undefined) deaths += 1;
    for (const log of mortal.logs) await log.close();
    if (result?.status === "waiting") {
      waits += 1;
      // Whatever waits for a part of the limits waits for somebody who can be answered.
      expect({ seed, approvals: result.approvals.length }).not.toMatchObject({ approvals: 0 });
      for (const { session, toolUseId } of result.approvals)
        await approve(store, session, toolUseId, { approved: draw(2) < 1 });
      result = undefined;
    }
    // One that failed for good has ended too: what is resumed then is another run, with a cap of its own.
    const events = await readLog(store);
    if (events.some(({ type }) => type === "run.end")) break;
  }
  return {
    bill,
    cap: { usd: limits.usd ?? Infinity, tokens: limits.maxTotalTokens ?? Infinity },
    result,
    deaths,
    waits,
  };
}

/** `SEEDS=5000` searches longer. */
const seeds = Number(process.env.SEEDS ?? 200);

describe("a cap on money or tokens", () => {
  it("is never exceeded by any sequence of replies, retries, subagents and crashes", async () => {
    const seen = { limits: 0, deaths: 0, waits: 0, most: 0, calls: 0 };
    for (let seed = 1; seed <= seeds; seed++) {
      const { bill, cap, result, deaths, waits } = await play(seed);
      expect({ seed, over: bill.usd > cap.usd || bill.tokens > cap.tokens, bill, cap }).toMatchObject({
        over: false,
      });
      if (result?.status === "ended" && (result.limit === "usd" || result.limit === "maxTotalTokens"))
        seen.limits += 1;
      seen.deaths += deaths;
      seen.waits += waits;
      seen.calls += bill.calls;
      seen.most = Math.max(seen.most, bill.usd / cap.usd);
    }
    // Or nothing would have been tried.
    expect(seen.limits).toBeGreaterThan(40);
    expect(seen.deaths).toBeGreaterThan(80);
    expect(seen.waits).toBeGreaterThan(20);
    expect(seen.calls).toBeGreaterThan(800);
    expect(seen.most).toBeGreaterThan(0.5);
  });

  it("is not exceeded by what results refer to, either, which the API puts into the prompt", async () => {
    let most = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const draw = createDraw(seed);
      const bill: Bill = { usd: 0, tokens: 0, calls: 0 };
      const cap = 10_000 + Math.floor(draw(200_000));
      const agent: Agent = {
        model: "claude-haiku-4-5",
        maxTokens: 1_000,
        tools: [look, find, ...deferred],
        limits: { maxTotalTokens: cap, maxSteps: 8 },
      };
      const options = { claude: billingApi(draw, bill), environment: virtualTime(), retry: { attempts: 3 } };
      await run(agent, "Go.", options).catch(() => {});
      expect({ seed, over: bill.tokens > cap, bill, cap }).toMatchObject({ over: false });
      most = Math.max(most, bill.tokens / cap);
    }
    expect(most).toBeGreaterThan(0.7);
  });
});
