import { scripted } from "@lockstitch/testing";
import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  addCost,
  type Cost,
  costOf,
  findPrice,
  introductionPrices,
  officialPrices,
  type PriceBook,
  type Result,
  run,
} from "../src/index.js";
import { virtualTime } from "./helpers.js";

/** The introduction's `class CostTracker`, line by line. */
function costTracker() {
  const pricing: Readonly<Record<string, { readonly input: number; readonly output: number }>> = {
    "claude-opus-4-5-20251101": { input: 15.0, output: 75.0 },
    "claude-sonnet-4-5-20250929": { input: 3.0, output: 15.0 },
    "claude-haiku-4-5-20251001": { input: 0.25, output: 1.25 },
  };
  const usage: Record<string, { input: number; output: number }> = {};
  return {
    record(model: string, inputTokens: number, outputTokens: number) {
      usage[model] ??= { input: 0, output: 0 };
      usage[model].input += inputTokens;
      usage[model].output += outputTokens;
    },
    getCost() {
      let total = 0;
      for (const [model, used] of Object.entries(usage)) {
        const prices = pricing[model] ?? { input: 0, output: 0 };
        total += (used.input / 1_000_000) * prices.input;
        total += (used.output / 1_000_000) * prices.output;
      }
      return total;
    },
  };
}

beforeEach(() => {
  // Sonnet 4.5 is about to be retired, which a run says.
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

interface Call {
  readonly model: string;
  readonly input: number;
  readonly output: number;
}

/** One run, whose reply says that it used this much. */
async function spend({ model, input, output }: Call, prices: PriceBook): Promise<Result> {
  const usage = { input_tokens: input, output_tokens: output };
  const claude = scripted([{ content: "fine", usage }]);
  return run({ model }, "Hello", { claude, prices, environment: virtualTime() });
}

async function total(calls: readonly Call[], prices: PriceBook): Promise<Cost> {
  const results = await Promise.all(calls.map((call) => spend(call, prices)));
  return results.map(({ cost }) => cost).reduce(addCost, { usd: 0 });
}

const worked: readonly Call[] = [
  { model: "claude-opus-4-5-20251101", input: 120_000, output: 30_000 },
  { model: "claude-sonnet-4-5-20250929", input: 500_000, output: 80_000 },
  { model: "claude-haiku-4-5-20251001", input: 2_000_000, output: 400_000 },
  { model: "claude-haiku-4-5-20251001", input: 345_678, output: 9_012 },
];

describe("the introduction's cost tracker", () => {
  it("is reproduced by runs with the introduction's prices, to the cent and beyond", async () => {
    const tracker = costTracker();
    for (const { model, input, output } of worked) tracker.record(model, input, output);
    const { usd } = await total(worked, introductionPrices);
    expect(usd).toBeCloseTo(tracker.getCost(), 10);
    // 1.80 + 2.25 for Opus, 1.50 + 1.20 for Sonnet, 0.50 + 0.50 and 0.0977 for Haiku.
    expect(usd?.toFixed(2)).toBe("7.85");
  });

  it("is wrong by the official list, which is the default: Opus costs a third of it, Haiku four times as much", async () => {
    const { usd } = await total(worked, officialPrices);
    // 0.60 + 0.75, 1.50 + 1.20, 2.00 + 2.00 and 0.3907.
    expect(usd?.toFixed(2)).toBe("8.44");
    const [opus, sonnet, haiku] = worked;
    const both = async (call: Call) => [
      (await total([call], introductionPrices)).usd,
      (await total([call], officialPrices)).usd,
    ];
    expect(await both(opus!)).toEqual([4.05, 1.35]);
    expect(await both(sonnet!)).toEqual([2.7, 2.7]);
    expect(await both(haiku!)).toEqual([1, 4]);
    const byDefault = await run({ model: haiku!.model }, "Hello", {
      claude: scripted([{ content: "fine", usage: { input_tokens: 2_000_000, output_tokens: 400_000 } }]),
      environment: virtualTime(),
    });
    expect(byDefault.cost).toEqual({ usd: 4 });
  });

  it("counts a model that it doesn't know as free; here its cost is unknown, and so is the sum", async () => {
    const unknown: Call = { model: "claude-opus-5-5", input: 1000, output: 1000 };
    const tracker = costTracker();
    tracker.record(unknown.model, unknown.input, unknown.output);
    expect(tracker.getCost()).toBe(0);
    expect(await total([...worked, unknown], introductionPrices)).toEqual({
      usd: null,
      unpriced: ["claude-opus-5-5"],
    });
  });
});

describe("the introduction's prices", () => {
  const today = Date.parse("2026-11-22T12:00:00Z");

  it.each([
    ["claude-opus-4-5", "claude-opus-4-5-20251101", 15, 75],
    ["claude-sonnet-4-5", "claude-sonnet-4-5-20250929", 3, 15],
    ["claude-haiku-4-5", "claude-haiku-4-5-20251001", 0.25, 1.25],
  ])("are those of its table, by alias and by dated id: %s", (alias, dated, input, output) => {
    for (const id of [alias, dated])
      for (const catalogue of [undefined, []])
        expect(findPrice(introductionPrices, id, today, catalogue)).toMatchObject({ input, output });
  });

  it("have the usual rates for the cache, and say so", () => {
    for (const { input, cacheWrite5m, cacheWrite1h, cacheRead, source } of introductionPrices.prices) {
      expect([cacheWrite5m, cacheWrite1h]).toEqual([1.25 * input, 2 * input]);
      expect(cacheRead).toBeCloseTo(0.1 * input, 12);
      expect(source).toMatch(/cache rates.*by the usual 1\.25, 2 and 0\.1 times input/);
    }
  });

  it("price what the tracker leaves out: what was read from the cache and written to it", () => {
    const usage = {
      ...{ input_tokens: 0, output_tokens: 0 },
      cache_creation_input_tokens: 1_000_000,
      cache_read_input_tokens: 1_000_000,
    };
    expect(costOf(introductionPrices, "claude-opus-4-5", usage, today).usd).toBe(18.75 + 1.5);
  });
});
