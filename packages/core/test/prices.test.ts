import {
  costOf,
  defaultModel,
  findModel,
  findPrice,
  models,
  officialPrices,
  type Usage,
} from "@lockstitch/core";
import { describe, expect, it } from "vitest";

const day = (date: string) => Date.parse(`${date}T12:00:00Z`);
const today = day("2026-11-22");
const usage = (more: Partial<Usage>): Usage => ({
  input_tokens: 0,
  output_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  server_tool_use: { web_search_requests: 0 },
  ...more,
});
const million = 1_000_000;

describe("the catalogue", () => {
  it("has one row for every id and alias", () => {
    const ids = models.flatMap(({ id, aliases = [] }) => [id, ...aliases]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("finds a model by id, by alias and by an unlisted dated id, and no other", () => {
    expect(findModel("claude-haiku-4-5")?.id).toBe("claude-haiku-4-5");
    expect(findModel("claude-haiku-4-5-20251001")?.id).toBe("claude-haiku-4-5");
    expect(findModel("claude-haiku-5-5-20261007")?.id).toBe("claude-haiku-5-5");
    expect(findModel("claude-of-tomorrow")).toBeUndefined();
    expect(findModel("constructor")).toBeUndefined();
  });

  it("knows the default model, which is current", () => {
    expect(findModel(defaultModel)).toMatchObject({ family: "sonnet" });
    expect(findModel(defaultModel)?.retires).toBeUndefined();
  });
});

describe("the price book", () => {
  it("has a price and its source for every model of the catalogue", () => {
    for (const { id } of models)
      expect(findPrice(officialPrices, id, today), id).toMatchObject({
        source: expect.stringMatching(/\w{5}/),
      });
  });

  it("follows the official list where the introduction differs", () => {
    expect(findPrice(officialPrices, "claude-opus-4-5-20251101", today)).toMatchObject({
      input: 5,
      output: 25,
    });
    expect(findPrice(officialPrices, "claude-sonnet-4-5-20250929", today)).toMatchObject({
      input: 3,
      output: 15,
    });
    expect(findPrice(officialPrices, "claude-haiku-4-5-20251001", today)).toMatchObject({
      input: 1,
      output: 5,
    });
  });

  it("uses the row that held on the day", () => {
    expect(findPrice(officialPrices, "claude-sonnet-5-5", day("2026-10-06"))?.cacheRead).toBe(0.2);
    expect(findPrice(officialPrices, "claude-sonnet-5-5", day("2026-10-07"))?.cacheRead).toBe(0.1);
  });

  it("prices every kind of token at its own rate", () => {
    const all = usage({
      input_tokens: million,
      output_tokens: million,
      cache_creation_input_tokens: 2 * million,
      cache_creation: { ephemeral_5m_input_tokens: million, ephemeral_1h_input_tokens: million },
      cache_read_input_tokens: million,
      server_tool_use: { web_search_requests: 100 },
    });
    expect(costOf(officialPrices, "claude-sonnet-4-6", all, today).usd).toBeCloseTo(
      3 + 15 + 3.75 + 6 + 0.3 + 1,
      10,
    );
  });

  it("charges the whole call at the higher band once its prompt is long, cache included", () => {
    const short = usage({ input_tokens: 100_000, output_tokens: million });
    const long = usage({ input_tokens: 1, cache_read_input_tokens: 100_000, output_tokens: million });
    expect(costOf(officialPrices, "claude-haiku-5-5", short, today).usd).toBeCloseTo(0.01 + 0.5, 10);
    expect(costOf(officialPrices, "claude-haiku-5-5", long, today).usd).toBeCloseTo(
      0.0000005 + 0.005 + 2.5,
      10,
    );
  });

  it("doesn't know the cost of an unknown model, or of tokens whose price was not published; it is never zero", () => {
    expect(costOf(officialPrices, "claude-of-tomorrow", usage({}), today)).toEqual({
      usd: null,
      unpriced: ["claude-of-tomorrow"],
    });
    expect(
      costOf(officialPrices, "claude-fable-5-2", usage({ cache_read_input_tokens: 1 }), today).usd,
    ).toBeNull();
    expect(costOf(officialPrices, "claude-fable-5-2", usage({ input_tokens: million }), today).usd).toBe(8);
  });
});
