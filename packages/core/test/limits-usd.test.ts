import {
  type Agent,
  extendPrices,
  type ModelRequest,
  memoryStore,
  officialPrices,
  run,
} from "@lockstitch/core";
import { type ScriptedReply, scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { prepareAgent } from "../src/prepare-agent.js";
import { planCall } from "../src/pure/budget/budget.js";
import { promptBound } from "../src/pure/budget/prompt-bound.js";
import { apply, emptyState } from "../src/pure/fold/apply.js";
import { readLog } from "./crash.js";
import { apiError, handTool, virtualTime } from "./helpers.js";

const model = "claude-haiku-4-5";
// Per million: 1 in, 2 for the dearest cache write, 5 out.
const search = { type: "web_search_20260318", name: "web_search" } as const;
const look = handTool("look", () => "seen");

async function play(agent: Agent, replies: readonly ScriptedReply[]) {
  const claude = scripted(replies);
  const store = memoryStore();
  const environment = virtualTime();
  const result = await run({ model, ...agent }, "Go.", { claude, store, session: "s", environment });
  return { result, requests: claude.requests as readonly ModelRequest[], events: await readLog(store) };
}

describe("limits.usd", () => {
  it("reserves a call's worst case, the prompt at the dearest rate and the whole of the reply, before it is made", async () => {
    const { events } = await play({ limits: { usd: 1 }, maxTokens: 2_000 }, ["Done."]);
    const start = events.find((event) => event.type === "model.start");
    const prompt = (start?.reserved?.tokens ?? 0) - 2_000;
    expect(prompt).toBeGreaterThan(3);
    expect(start?.reserved?.usd).toBeCloseTo((prompt * 2 + 2_000 * 5) / 1e6, 12);
    expect(start).not.toHaveProperty("maxTokens");
  });

  it("asks for a shorter reply where the whole doesn't fit, and says so in the log", async () => {
    const { requests, result, events } = await play({ limits: { usd: 0.01 }, maxTokens: 8_000 }, ["Done."]);
    const [{ max_tokens: granted } = { max_tokens: 0 }] = requests;
    expect(granted).toBeGreaterThan(1_000);
    expect(granted).toBeLessThan(2_000);
    expect(events.find(({ type }) => type === "model.start")).toMatchObject({ maxTokens: granted });
    expect(result).toMatchObject({ status: "ended", reason: "end_turn" });
  });

  it("ends the run before it spends where not even a short reply fits", async () => {
    const { requests, result } = await play({ limits: { usd: 0.005 }, maxTokens: 8_000 }, []);
    expect(requests).toEqual([]);
    expect(result).toMatchObject({
      status: "ended",
      reason: "limit",
      limit: "usd",
      cost: { usd: 0 },
      steps: 0,
    });
  });

  it("takes a reply that is short by the agent's own wish", async () => {
    const { requests } = await play({ limits: { usd: 0.002 }, maxTokens: 100 }, ["Done."]);
    expect(requests).toMatchObject([{ max_tokens: 100 }]);
  });

  it("leaves manual thinking the room that the API wants for it", () => {
    const request = { thinking: { type: "enabled", budget_tokens: 3_000 } } as const;
    const plan = (usd: number) =>
      planCall(
        apply(emptyState("s"), {
          session: "s",
          seq: 1,
          at: 0,
          type: "run.start",
          model,
          limits: {},
          startedAt: 0,
        }),
        prepareAgent({ model, request, maxTokens: 8_000, limits: { usd } }),
        0,
      );
    expect(plan(0.02)).toMatchObject({ type: "call" });
    expect(plan(0.015)).toEqual({ type: "over", limit: "usd" });
  });

  it("counts what was spent, and ends with a legal history between two steps", async () => {
    const usage = { input_tokens: 100, output_tokens: 1_500 };
    const { result, requests } = await play({ limits: { usd: 0.0128 }, maxTokens: 1_500, tools: [look] }, [
      { content: [toolUse("look")], usage },
    ]);
    expect(requests).toHaveLength(1);
    expect(result).toMatchObject({ reason: "limit", limit: "usd", steps: 1 });
    expect(result.messages.at(-1)).toMatchObject({ role: "user", content: [{ type: "tool_result" }] });
    expect(result.cost.usd).toBeCloseTo((100 + 1_500 * 5) / 1e6, 12);
  });

  it("pays nothing for what the API refused, and all that it may have cost for what broke", async () => {
    const charged = async (error: Error) => {
      const { events } = await play({ limits: { usd: 1 }, maxTokens: 2_000 }, [error, "Done."]);
      const [start, end] = ["model.start", "model.end"].map((type) =>
        events.find((event) => event.type === type),
      );
      return {
        reserved: start?.type === "model.start" && start.reserved,
        charged: end?.type === "model.end" && end.charged,
      };
    };
    expect(await charged(apiError(529, "overloaded_error"))).toMatchObject({
      charged: { usd: 0, tokens: 0 },
    });
    const broken = await charged(Object.assign(apiError(500, "api_error"), { status: undefined }));
    expect(broken.charged).toEqual(broken.reserved);
  });

  it("needs a price, and says how to give it", () => {
    const prepare = (agent: Agent) => () => prepareAgent(agent);
    expect(prepare({ model: "claude-of-tomorrow", limits: { usd: 1 } })).toThrow(
      /needs the price.*options\.prices/,
    );
    expect(prepare({ model: "claude-of-tomorrow" })).not.toThrow();
    const prices = {
      ...officialPrices,
      prices: [{ ...officialPrices.prices[0], models: ["claude-of-tomorrow"] }],
    };
    expect(() =>
      prepareAgent(
        { model: "claude-of-tomorrow", limits: { usd: 1 } },
        { prices: prices as typeof officialPrices },
      ),
    ).not.toThrow();
  });

  it("needs the price of the day on which it runs, and a book that can be counted by", async () => {
    const row = {
      models: [model],
      input: 1,
      output: 5,
      cacheWrite5m: 1,
      cacheWrite1h: 2,
      cacheRead: 0.1,
      source: "ours",
    };
    const later = extendPrices({ ...officialPrices, prices: [] }, [{ ...row, from: "2030-01-01" }]);
    const options = { claude: scripted(["Done."]), environment: virtualTime() };
    const agent = { model, limits: { usd: 1 } };
    await expect(run(agent, "Go.", { ...options, prices: later })).rejects.toThrow(/none for this day/);
    const both = extendPrices(officialPrices, [{ ...row, input: 9, from: "2030-01-01" }]);
    expect(await run(agent, "Go.", { ...options, prices: both })).toMatchObject({ text: "Done." });
    for (const wrong of [
      { input: Number.NaN },
      { cacheWrite1h: undefined },
      { output: -1 },
      { cacheRead: "0" },
    ]) {
      const prices = { ...officialPrices, prices: [{ ...row, ...wrong } as unknown as typeof row] };
      await expect(run(agent, "Go.", { ...options, prices })).rejects.toThrow(/that can be counted by/);
    }
  });

  it("prices fast mode and where a model ran as the reply says, and refuses what has no price", async () => {
    const usage = { input_tokens: 10_000, output_tokens: 1_000 };
    const costOfReply = async (more: object, agent: Agent) => {
      const { result } = await play(agent, [
        { content: "Done.", usage: { ...usage, ...more } } as ScriptedReply,
      ]);
      return result.cost.usd;
    };
    const opus = { model: "claude-opus-5" };
    expect(await costOfReply({}, opus)).toBeCloseTo(0.075, 9);
    expect(await costOfReply({ speed: "fast" }, opus)).toBeCloseTo(0.15, 9);
    expect(await costOfReply({ inference_geo: "us" }, opus)).toBeCloseTo(0.0825, 9);
    expect(await costOfReply({ speed: "fast" }, { model: "claude-sonnet-5-5" })).toBeNull();
    const request = { speed: "fast" } as const;
    expect(() => prepareAgent({ model: "claude-sonnet-5-5", request, limits: { usd: 1 } })).toThrow(
      /request.speed/,
    );
    const reservedBy = async (agent: Agent) => {
      const { events } = await play({ ...agent, limits: { usd: 10 }, maxTokens: 1_000 }, ["Done."]);
      const start = events.find((event) => event.type === "model.start");
      return start?.type === "model.start" ? (start.reserved?.usd ?? 0) : 0;
    };
    expect((await reservedBy({ ...opus, request })) / (await reservedBy(opus))).toBeGreaterThan(1.9);
  });

  it("refuses what makes the API call more models than it is asked for", () => {
    const request = { fallbacks: [{ model: "claude-opus-5" }] } as unknown as NonNullable<Agent["request"]>;
    expect(() => prepareAgent({ model, request, limits: { usd: 1 } })).toThrow(/request.fallbacks/);
    expect(() => prepareAgent({ model, request, limits: { usd: 1, softCap: true } })).not.toThrow();
  });

  it("refuses the API's own tools, unless the caller takes a soft cap", () => {
    const prepare = (agent: Agent) => () => prepareAgent({ model, ...agent });
    expect(prepare({ tools: [search], limits: { usd: 1 } })).toThrow(/bills by itself.*softCap/);
    expect(prepare({ tools: [search], limits: { usd: 1, softCap: true } })).not.toThrow();
    expect(prepare({ tools: [search], limits: { maxTotalTokens: 1 } })).not.toThrow();
    const memory = { type: "memory_20250818", name: "memory" } as const;
    expect(prepare({ tools: [memory], limits: { usd: 1 } })).not.toThrow();
    expect(prepare({ limits: { softCap: 1 as unknown as boolean } })).toThrow(
      "limits.softCap is 1; it is true or false.",
    );
  });

  it("has what it reserved on disk before it asks", async () => {
    const barriers: string[] = [];
    const inner = memoryStore();
    const store: typeof inner = {
      ...inner,
      open: async (session, owner) => {
        const log = await inner.open(session, owner);
        return {
          ...log,
          append: (bodies, options) => {
            if (options?.barrier) barriers.push(...bodies.map(({ type }) => type));
            return log.append(bodies, options);
          },
        };
      },
    };
    const options = { claude: scripted(["Done."]), store, session: "s" };
    await run({ model, limits: { usd: 1 } }, "Go.", options);
    expect(barriers).toContain("model.start");
    barriers.length = 0;
    const tokens = { ...options, claude: scripted(["Done."]), session: "u" };
    await run({ model, limits: { maxTotalTokens: 50_000 } }, "Go.", tokens);
    expect(barriers).toContain("model.start");
    barriers.length = 0;
    await run({ model }, "Go.", { ...options, claude: scripted(["Done."]), session: "t" });
    expect(barriers).not.toContain("model.start");
  });
});

describe("the bound of a prompt", () => {
  const prepared = prepareAgent({ model });
  const events = [
    { type: "session.start", agent: "a", tools: [], fingerprint: "f" },
    { type: "run.start", model, limits: {}, startedAt: 0 },
    { type: "input", messages: [{ role: "user", content: "Grüße" }] },
  ] as const;
  const state = events.reduce(
    (before, body, index) => apply(before, { session: "s", seq: index + 1, at: 0, ...body } as never),
    emptyState("s"),
  );

  it("takes each byte of UTF-8 for a token", () => {
    const longer = apply(state, {
      session: "s",
      seq: 4,
      at: 0,
      type: "input",
      messages: [{ role: "user", content: "ü€𝄞a" }],
    });
    const more = promptBound(longer, prepared, 1e6) - promptBound(state, prepared, 1e6);
    expect(more).toBeGreaterThanOrEqual(2 + 3 + 4 + 1 + 16);
    expect(more).toBeLessThan(40);
  });

  it("is never more than the window holds, whatever a document may hide", () => {
    const source = { type: "url", url: "https://example.com/a.pdf" } as const;
    const document = { role: "user", content: [{ type: "document", source }] } as const;
    expect(promptBound(state, prepared, 200_000, [document as never])).toBe(200_000);
  });
});
