import { scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import {
  type Agent,
  type AgentEvent,
  approve,
  extendPrices,
  findModel,
  type Model,
  memoryStore,
  models,
  officialPrices,
  type PriceBook,
  type Result,
  type RunOptions,
  resume,
  run,
} from "../src/index.js";
import { handTool, virtualTime } from "./helpers.js";

/** A book that asks this much for a million tokens of input, and ten times that for output. */
function bookOf(model: string, input: number): PriceBook {
  const rates = { input, cacheWrite5m: input * 2, cacheWrite1h: input * 3, cacheRead: input / 2 };
  return extendPrices(officialPrices, [
    { models: [model], ...rates, output: input * 10, source: "a contract" },
  ]);
}

const used = { input_tokens: 100_000, output_tokens: 10_000 };
const look = handTool("look", () => "seen");
const asks = { content: [toolUse("look")], usage: used };
const answers = { content: "Seen.", usage: used };
const agent: Agent = { model: "claude-opus-5-5", tools: [look] };

/** What the events of a run said, and what it came to. */
async function watched(
  start: (options: RunOptions) => PromiseLike<Result>,
): Promise<{ result: Result; steps: unknown[]; ends: unknown[]; calls: unknown[] }> {
  const events: AgentEvent[] = [];
  const result = await start({
    environment: virtualTime(),
    onEvent: (event) => {
      if ("seq" in event) events.push(event);
    },
  });
  const costs = (type: string) =>
    events.flatMap((event) => (event.type === type && "cost" in event ? [event.cost] : []));
  return { result, steps: costs("step.end"), ends: costs("run.end"), calls: costs("model.end") };
}

describe("options.prices", () => {
  it("rule what every call, step and run says it cost, and the result", async () => {
    const prices = bookOf("claude-opus-5-5", 1);
    const { result, steps, ends, calls } = await watched((options) =>
      run(agent, "Look.", { ...options, claude: scripted([asks, answers]), prices }),
    );
    // 100,000 at 1 and 10,000 at 10 dollars a million, twice.
    expect(calls).toEqual([{ usd: 0.2 }, { usd: 0.2 }]);
    expect(steps).toEqual([{ usd: 0.2 }, { usd: 0.2 }]);
    expect(ends).toEqual([{ usd: 0.4 }]);
    expect(result.cost).toEqual({ usd: 0.4 });
  });

  it("are the official ones unless given", async () => {
    const { result } = await watched((options) =>
      run(agent, "Look.", { ...options, claude: scripted([asks, answers]) }),
    );
    // 100,000 at 4 and 10,000 at 20 dollars a million, twice.
    expect(result.cost).toEqual({ usd: 1.2 });
  });

  it("given to resume hold from there on; what was spent before keeps its price", async () => {
    const store = memoryStore();
    const careful: Agent = { ...agent, tools: [{ ...look, needsApproval: true }] };
    const waiting = await run(careful, "Look.", {
      ...{ store, session: "s", environment: virtualTime() },
      ...{ claude: scripted([asks]), prices: bookOf("claude-opus-5-5", 1) },
    });
    expect(waiting).toMatchObject({ status: "waiting", cost: { usd: 0.2 } });
    await approve(store, "s", "toolu_1", { approved: true });
    const { result, steps, ends } = await watched((options) =>
      resume(careful, "s", {
        ...options,
        store,
        claude: scripted([answers]),
        prices: bookOf("claude-opus-5-5", 5),
      }),
    );
    expect(steps).toEqual([{ usd: 0.2 }, { usd: 1 }]);
    expect(ends).toEqual([{ usd: 1.2 }]);
    expect(result.cost).toEqual({ usd: 1.2 });
  });

  it("without a price for the model make the cost of all that holds it unknown, never zero", async () => {
    const { result, steps, ends } = await watched((options) =>
      run(agent, "Look.", {
        ...options,
        claude: scripted([{ ...asks, model: "claude-of-tomorrow" }, answers]),
        prices: bookOf("claude-opus-5-5", 1),
      }),
    );
    const unknown = { usd: null, unpriced: ["claude-of-tomorrow"] };
    expect(steps).toEqual([unknown, { usd: 0.2 }]);
    expect(ends).toEqual([unknown]);
    expect(result.cost).toEqual(unknown);
  });

  it("find a model by the names that options.models gives it", async () => {
    const mine: Model = { ...findModel("claude-opus-5-5")!, id: "our-opus", aliases: ["our-opus-1"] };
    const { result } = await watched((options) =>
      run({ ...agent, model: "our-opus-1" }, "Look.", {
        ...options,
        claude: scripted([asks, answers]),
        ...{ prices: bookOf("our-opus", 1), models: [mine, ...models] },
      }),
    );
    expect(result.cost).toEqual({ usd: 0.4 });
  });

  it("charge what the request's inference_geo adds", async () => {
    const { result } = await watched((options) =>
      run({ ...agent, request: { inference_geo: "us" } }, "Look.", {
        ...options,
        claude: scripted([asks, answers]),
        prices: bookOf("claude-opus-5-5", 1),
      }),
    );
    expect(result.cost).toEqual({ usd: 0.44 });
  });
});
