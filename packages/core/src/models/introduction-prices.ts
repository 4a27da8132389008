import { officialPrices, type PriceBook } from "./prices.js";

const source =
  "Introduction to the Claude API, pricing overview; cache rates, which it doesn't name, by the usual 1.25, 2 and 0.1 times input";

/**
 * The prices of the "Introduction to the Claude API", for who wants its figures. The official list differs for Opus 4.5 and Haiku 4.5,
 * and bills go by that: `officialPrices`. The introduction has no other models: their cost is unknown with it. Web searches and
 * batches, which it doesn't mention, cost what the official list says.
 */
export const introductionPrices: PriceBook = {
  ...officialPrices,
  terms: { batch: 0.5 },
  // Its own dated ids beside the aliases, so that any catalogue will do.
  prices: [
    {
      models: ["claude-opus-4-5", "claude-opus-4-5-20251101"],
      ...{ input: 15, cacheWrite5m: 18.75, cacheWrite1h: 30, cacheRead: 1.5, output: 75 },
      source,
    },
    {
      models: ["claude-sonnet-4-5", "claude-sonnet-4-5-20250929"],
      ...{ input: 3, cacheWrite5m: 3.75, cacheWrite1h: 6, cacheRead: 0.3, output: 15 },
      source,
    },
    {
      models: ["claude-haiku-4-5", "claude-haiku-4-5-20251001"],
      ...{ input: 0.25, cacheWrite5m: 0.3125, cacheWrite1h: 0.5, cacheRead: 0.025, output: 1.25 },
      source,
    },
  ],
};
