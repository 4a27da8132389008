import { type Cost, toUsd } from "../cost.js";
import type { Usage } from "../usage.js";
import { findModel } from "./models.js";

/** US dollars per million tokens. `null`: not published, so a cost that needs it is unknown. */
export interface Rates {
  readonly input: number;
  /** Writes that live five minutes. */
  readonly cacheWrite5m: number;
  /** Writes that live one hour. */
  readonly cacheWrite1h: number;
  readonly cacheRead: number | null;
  readonly output: number;
}

/** A row of a price book: what some models cost from a day on. */
export interface Price extends Rates {
  /** Ids of the catalogue. */
  readonly models: readonly string[];
  /** The first day it holds, in UTC; left out: from the beginning. */
  readonly from?: string;
  /** Other rates for the whole call once its prompt (input, cache reads and writes) is longer than `promptTokens`. */
  readonly above?: Rates & { readonly promptTokens: number };
  /** Where the figures were read. */
  readonly source: string;
}

export interface PriceBook {
  /** The day the book was made. */
  readonly dated: string;
  readonly prices: readonly Price[];
  /** US dollars per web search. */
  readonly webSearch: number;
}

const pricingPage = "official pricing page, August 2026";

/** The official list prices as of November 2026, first-party API, no batch or regional terms. */
export const officialPrices: PriceBook = {
  dated: "2026-11-22",
  webSearch: 0.01,
  prices: [
    {
      models: ["claude-fable-5-2", "claude-mythos-5-2"],
      ...{ input: 8, cacheWrite5m: 10, cacheWrite1h: 16, cacheRead: null, output: 40 },
      source:
        "release notes of 2026-11-09; cache writes by the usual 1.25 and 2 times input; cache reads not published",
    },
    {
      models: ["claude-fable-5-1", "claude-mythos-5-1"],
      ...{ input: 10, cacheWrite5m: 12.5, cacheWrite1h: 20, cacheRead: 0.25, output: 50 },
      source: "official pricing page and release notes of 2026-09-01",
    },
    {
      models: ["claude-fable-5", "claude-mythos-5"],
      ...{ input: 10, cacheWrite5m: 12.5, cacheWrite1h: 20, cacheRead: 1, output: 50 },
      source: pricingPage,
    },
    {
      models: ["claude-opus-5-5"],
      ...{ input: 4, cacheWrite5m: 5, cacheWrite1h: 8, cacheRead: 0.2, output: 20 },
      source:
        "official model page, September 2026; cache writes by the usual multipliers; cache reads from three independent price lists",
    },
    {
      models: ["claude-opus-5", "claude-opus-4-8", "claude-opus-4-7", "claude-opus-4-6", "claude-opus-4-5"],
      ...{ input: 5, cacheWrite5m: 6.25, cacheWrite1h: 10, cacheRead: 0.5, output: 25 },
      source: pricingPage,
    },
    {
      models: ["claude-sonnet-5-5"],
      ...{ input: 2, cacheWrite5m: 2.5, cacheWrite1h: 4, cacheRead: 0.2, output: 10 },
      source:
        "official model page, September 2026; cache reads at the usual 0.1 times input until 2026-10-07",
    },
    {
      models: ["claude-sonnet-5-5"],
      from: "2026-10-07",
      ...{ input: 2, cacheWrite5m: 2.5, cacheWrite1h: 4, cacheRead: 0.1, output: 10 },
      source: "official model page, September 2026; cache reads from two independent price lists",
    },
    {
      models: ["claude-sonnet-5"],
      ...{ input: 2, cacheWrite5m: 2.5, cacheWrite1h: 4, cacheRead: 0.2, output: 10 },
      source: pricingPage,
    },
    {
      models: ["claude-sonnet-4-6", "claude-sonnet-4-5"],
      ...{ input: 3, cacheWrite5m: 3.75, cacheWrite1h: 6, cacheRead: 0.3, output: 15 },
      source: pricingPage,
    },
    {
      models: ["claude-haiku-5-5"],
      ...{ input: 0.1, cacheWrite5m: 0.125, cacheWrite1h: 0.2, cacheRead: 0.01, output: 0.5 },
      above: {
        promptTokens: 100_000,
        input: 0.5,
        cacheWrite5m: 0.625,
        cacheWrite1h: 1,
        cacheRead: 0.05,
        output: 2.5,
      },
      source:
        "official model page, October 2026 (from $0.10 and $0.50); the band above 100,000 tokens from three independent price lists",
    },
    {
      models: ["claude-haiku-4-5"],
      ...{ input: 1, cacheWrite5m: 1.25, cacheWrite1h: 2, cacheRead: 0.1, output: 5 },
      source: pricingPage,
    },
  ],
};

/** The row that holds for a model (id, alias or dated id) at a moment in milliseconds since 1970. */
export function findPrice(book: PriceBook, model: string, at: number): Price | undefined {
  const id = findModel(model)?.id ?? model;
  const day = new Date(at).toISOString().slice(0, 10);
  const rows = book.prices.filter((price) => price.models.includes(id) && (price.from ?? "") <= day);
  return rows.reduce<Price | undefined>(
    (best, row) => (best === undefined || (row.from ?? "") >= (best.from ?? "") ? row : best),
    undefined,
  );
}

/** What a call cost. Unknown (`usd: null`) for a model, or a kind of token, that the book has no price for. */
export function costOf(book: PriceBook, model: string, usage: Usage, at: number): Cost {
  const price = findPrice(book, model, at);
  if (price === undefined) return { usd: null, unpriced: [model] };
  const prompt = usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens;
  const rates: Rates = price.above !== undefined && prompt > price.above.promptTokens ? price.above : price;
  if (rates.cacheRead === null && usage.cache_read_input_tokens > 0) return { usd: null, unpriced: [model] };
  const perMillion =
    usage.input_tokens * rates.input +
    (usage.cache_creation?.ephemeral_5m_input_tokens ?? 0) * rates.cacheWrite5m +
    (usage.cache_creation?.ephemeral_1h_input_tokens ?? 0) * rates.cacheWrite1h +
    usage.cache_read_input_tokens * (rates.cacheRead ?? 0) +
    usage.output_tokens * rates.output;
  return {
    usd: toUsd(perMillion / 1_000_000 + (usage.server_tool_use?.web_search_requests ?? 0) * book.webSearch),
  };
}
