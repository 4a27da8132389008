import { type Cost, toUsd } from "../cost.js";
import type { Usage } from "../usage.js";
import { findModel, type Model } from "./models.js";

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
  /** Ids or aliases. A row for one of a model's names is for all of them. */
  readonly models: readonly string[];
  /** The first day it holds, in UTC; left out: from the beginning. */
  readonly from?: string;
  /** Other rates for the whole call once its prompt (input, cache reads and writes) is longer than `promptTokens`. */
  readonly above?: Rates & { readonly promptTokens: number };
  /** Where these models' terms are not the book's. */
  readonly terms?: PriceTerms;
  /** Where the figures were read. */
  readonly source: string;
}

/** What a list price is multiplied by under other terms. Left out: as without them. */
export interface PriceTerms {
  /** The Message Batches API, on input and output. */
  readonly batch?: number;
  /** `inference_geo: "us"`. */
  readonly inferenceUs?: number;
  /** `speed: "fast"`. Left out: not offered, so its price is not known. */
  readonly fast?: number;
}

export interface PriceBook {
  /** The day the book was made. */
  readonly dated: string;
  readonly prices: readonly Price[];
  /** US dollars per web search. */
  readonly webSearch: number;
  readonly terms?: PriceTerms;
}

/** How a call was made, where that changes its price, and the catalogue that knows its model by other ids. */
export interface CallTerms {
  readonly catalogue?: readonly Model[];
  readonly batch?: boolean;
  /** Where the model ran, as the request or the reply's usage says. */
  readonly inferenceGeo?: string;
  /** It ran in fast mode. */
  readonly isFast?: boolean;
}

const pricingPage = "official pricing page, August 2026";
/** Where a model runs changes the price of Claude 4.6 and later only. */
const before46: PriceTerms = { batch: 0.5 };
/** Fast mode: $10 and $50 for Opus 5 and 4.8 (official pricing page, August 2026), $8 and $40 for Opus 5.5 (a price list of others). */
const withFast: PriceTerms = { batch: 0.5, inferenceUs: 1.1, fast: 2 };

/**
 * The official list prices of the first-party API as of November 2026. `webSearch`, `batch` and `inferenceUs` (Claude 4.6 and later):
 * official pricing page, August 2026. Not in it: hours of code execution beyond the free ones.
 */
export const officialPrices: PriceBook = {
  dated: "2026-11-22",
  webSearch: 0.01,
  terms: { batch: 0.5, inferenceUs: 1.1 },
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
      terms: withFast,
      source:
        "official model page, September 2026; cache writes by the usual multipliers; cache reads from three independent price lists",
    },
    {
      models: ["claude-opus-5", "claude-opus-4-8"],
      ...{ input: 5, cacheWrite5m: 6.25, cacheWrite1h: 10, cacheRead: 0.5, output: 25 },
      terms: withFast,
      source: pricingPage,
    },
    {
      models: ["claude-opus-4-7", "claude-opus-4-6"],
      ...{ input: 5, cacheWrite5m: 6.25, cacheWrite1h: 10, cacheRead: 0.5, output: 25 },
      source: pricingPage,
    },
    {
      models: ["claude-opus-4-5"],
      ...{ input: 5, cacheWrite5m: 6.25, cacheWrite1h: 10, cacheRead: 0.5, output: 25 },
      terms: before46,
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
      models: ["claude-sonnet-4-6"],
      ...{ input: 3, cacheWrite5m: 3.75, cacheWrite1h: 6, cacheRead: 0.3, output: 15 },
      source: pricingPage,
    },
    {
      models: ["claude-sonnet-4-5"],
      ...{ input: 3, cacheWrite5m: 3.75, cacheWrite1h: 6, cacheRead: 0.3, output: 15 },
      terms: before46,
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
      terms: before46,
      source: pricingPage,
    },
  ],
};

/** The row that holds for a model (id, alias or dated id) at a moment in milliseconds since 1970. */
export function findPrice(
  book: PriceBook,
  model: string,
  at: number,
  catalogue?: readonly Model[],
): Price | undefined {
  const names = namesOf(model, catalogue);
  const day = new Date(at).toISOString().slice(0, 10);
  const rows = book.prices.filter(
    (price) => (price.from ?? "") <= day && price.models.some((id) => names.has(id)),
  );
  return rows.reduce<Price | undefined>(
    (best, row) => (best === undefined || (row.from ?? "") >= (best.from ?? "") ? row : best),
    undefined,
  );
}

/**
 * A book in which `rows` stand in the place of all that it said of their models, whichever of its names a model goes by; where they all
 * begin on some day, of all that it said from that day on.
 * @param catalogue that knows those names. Default: `models`
 */
export function extendPrices(
  book: PriceBook,
  rows: readonly Price[],
  catalogue?: readonly Model[],
): PriceBook {
  const begins = new Map<string, string>();
  for (const { models, from = "" } of rows)
    for (const id of models.flatMap((name) => [...namesOf(name, catalogue)]))
      if (from <= (begins.get(id) ?? from)) begins.set(id, from);
  const isKept = (id: string, { from = "" }: Price) => from < (begins.get(id) ?? "\uffff");
  const kept = book.prices.map((row) => ({ ...row, models: row.models.filter((id) => isKept(id, row)) }));
  return { ...book, prices: [...kept.filter(({ models }) => models.length > 0), ...rows] };
}

function namesOf(id: string, catalogue: readonly Model[] | undefined): ReadonlySet<string> {
  const model = findModel(id, catalogue);
  return new Set(model === undefined ? [id] : [id, model.id, ...(model.aliases ?? [])]);
}

/** What a call cost. Unknown (`usd: null`) for a model, or a kind of token, that the book has no price for. */
export function costOf(
  book: PriceBook,
  model: string,
  usage: Usage,
  at: number,
  terms: CallTerms = {},
): Cost {
  const price = findPrice(book, model, at, terms.catalogue);
  if (price === undefined) return { usd: null, unpriced: [model] };
  const prompt = usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens;
  const rates = ratesFor(price, prompt);
  if (rates.cacheRead === null && usage.cache_read_input_tokens > 0) return { usd: null, unpriced: [model] };
  const oneHour = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  const perMillion =
    usage.input_tokens * rates.input +
    // Writes of unknown lifetime are five-minute ones.
    Math.max(0, usage.cache_creation_input_tokens - oneHour) * rates.cacheWrite5m +
    oneHour * rates.cacheWrite1h +
    usage.cache_read_input_tokens * (rates.cacheRead ?? 0) +
    usage.output_tokens * rates.output;
  const searches = (usage.server_tool_use?.web_search_requests ?? 0) * book.webSearch;
  const factor = factorOf(book, price, terms);
  if (factor === undefined) return { usd: null, unpriced: [`${model} (fast)`] };
  return { usd: toUsd((perMillion / 1_000_000) * factor + searches) };
}

/** US dollars a token of a prompt of at most `prompt` tokens and of its reply, at the dearest: all of it written to the cache. */
export function worstRates(
  book: PriceBook,
  model: string,
  prompt: number,
  at: number,
  terms: CallTerms = {},
): { readonly input: number; readonly output: number } | undefined {
  const price = findPrice(book, model, at, terms.catalogue);
  if (price === undefined) return undefined;
  // A shorter prompt than the bound may still be in the lower band, so the dearer of both holds.
  const bands = [price, ratesFor(price, prompt)];
  // A workspace may have set where its models run, and the request doesn't show it.
  const factor = factorOf(book, price, { ...terms, inferenceGeo: terms.inferenceGeo ?? "us" });
  if (factor === undefined) return undefined;
  const dearest = (of: (rates: Rates) => number) => (Math.max(...bands.map(of)) * factor) / 1_000_000;
  return {
    input: dearest((rates) =>
      Math.max(rates.input, rates.cacheWrite5m, rates.cacheWrite1h, rates.cacheRead ?? 0),
    ),
    output: dearest((rates) => rates.output),
  };
}

function ratesFor(price: Price, prompt: number): Rates {
  return price.above !== undefined && prompt > price.above.promptTokens ? price.above : price;
}

function factorOf(
  book: PriceBook,
  price: Price,
  { batch, inferenceGeo, isFast }: CallTerms,
): number | undefined {
  const terms = price.terms ?? book.terms;
  if (isFast === true && terms?.fast === undefined) return undefined;
  return (
    (batch === true ? (terms?.batch ?? 1) : 1) *
    (inferenceGeo === "us" ? (terms?.inferenceUs ?? 1) : 1) *
    (isFast === true ? (terms?.fast ?? 1) : 1)
  );
}
