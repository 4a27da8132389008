import {
  costOf,
  defaultModel,
  extendPrices,
  findModel,
  findPrice,
  models,
  officialPrices,
  type Price,
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

/** A million tokens of every kind. */
const all = usage({
  input_tokens: million,
  output_tokens: million,
  cache_creation_input_tokens: 2 * million,
  cache_creation: { ephemeral_5m_input_tokens: million, ephemeral_1h_input_tokens: million },
  cache_read_input_tokens: million,
  server_tool_use: { web_search_requests: 100 },
});

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

  it("prices cache writes of unknown lifetime as five-minute ones, not as nothing", () => {
    const { cache_creation: _lifetimes, ...written } = usage({ cache_creation_input_tokens: million });
    expect(costOf(officialPrices, "claude-sonnet-4-6", written, today).usd).toBe(3.75);
  });

  it("has a source in every row", () => {
    for (const { models: ids, source } of officialPrices.prices)
      expect(source, ids.join()).toMatch(/official (pricing|model) page|release notes/);
  });

  it("says where a cache rate is not the usual multiple of the input's", () => {
    for (const {
      models: ids,
      input,
      cacheWrite5m,
      cacheWrite1h,
      cacheRead,
      source,
    } of officialPrices.prices) {
      expect(cacheWrite5m, ids.join()).toBeCloseTo(1.25 * input, 12);
      expect(cacheWrite1h, ids.join()).toBeCloseTo(2 * input, 12);
      const isUsual = cacheRead !== null && Math.abs(cacheRead - 0.1 * input) < 1e-12;
      if (!isUsual) expect(source, ids.join()).not.toBe("official pricing page, August 2026");
    }
  });

  const tokensOfAll = 3 + 15 + 3.75 + 6 + 0.3;

  it("halves every token of a batch, and no web search", () => {
    expect(costOf(officialPrices, "claude-sonnet-4-6", all, today, { batch: true }).usd).toBeCloseTo(
      tokensOfAll / 2 + 1,
      10,
    );
    expect(costOf(officialPrices, "claude-sonnet-4-6", all, today, { batch: false }).usd).toBeCloseTo(
      tokensOfAll + 1,
      10,
    );
  });

  it("charges a tenth more for a model kept in the US, on every token, from 4.6 on", () => {
    const us = { inferenceGeo: "us" };
    expect(costOf(officialPrices, "claude-sonnet-4-6", all, today, us).usd).toBeCloseTo(
      tokensOfAll * 1.1 + 1,
      10,
    );
    expect(costOf(officialPrices, "claude-sonnet-4-6", all, today, { ...us, batch: true }).usd).toBeCloseTo(
      tokensOfAll * 0.55 + 1,
      10,
    );
    expect(
      costOf(officialPrices, "claude-sonnet-4-6", all, today, { inferenceGeo: "global" }).usd,
    ).toBeCloseTo(tokensOfAll + 1, 10);
    for (const id of ["claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5"]) {
      expect(costOf(officialPrices, id, all, today, us), id).toEqual(costOf(officialPrices, id, all, today));
      expect(costOf(officialPrices, id, all, today, { batch: true }).usd, id).toBeLessThan(
        costOf(officialPrices, id, all, today).usd ?? 0,
      );
    }
  });

  it("doesn't know what a model cost before its first row", () => {
    const rows: readonly Price[] = [{ ...row, models: ["mine"], from: "2026-11-01" }];
    const book = { ...officialPrices, prices: rows };
    expect(costOf(book, "mine", usage({ input_tokens: million }), day("2026-10-31")).usd).toBeNull();
    expect(costOf(book, "mine", usage({ input_tokens: million }), day("2026-11-01")).usd).toBe(7);
  });
});

const row: Price = {
  models: [],
  ...{ input: 7, cacheWrite5m: 8.75, cacheWrite1h: 14, cacheRead: 0.7, output: 35 },
  source: "a contract",
};

describe("a price book of one's own", () => {
  const extended = (...ids: readonly string[]) => extendPrices(officialPrices, [{ ...row, models: ids }]);

  it("puts its rows in the place of all that was said of their models, and leaves the others", () => {
    const book = extended("claude-sonnet-5-5", "mine");
    expect(findPrice(book, "claude-sonnet-5-5", today)?.input).toBe(7);
    // The official book has a row for them that begins later.
    expect(findPrice(book, "claude-sonnet-5-5", day("2030-01-01"))?.cacheRead).toBe(0.7);
    expect(findPrice(book, "mine", today)?.input).toBe(7);
    expect(findPrice(book, "claude-opus-5-5", today)?.input).toBe(4);
    expect(findPrice(officialPrices, "claude-sonnet-5-5", today)?.input).toBe(2);
  });

  it.each(["claude-haiku-4-5", "claude-haiku-4-5-20251001"])(
    "is for every name of a model, whichever it is given: %s",
    (name) => {
      const book = extended(name);
      for (const id of ["claude-haiku-4-5", "claude-haiku-4-5-20251001"])
        expect(findPrice(book, id, today)?.input, id).toBe(7);
    },
  );

  it("knows the names of a catalogue of one's own", () => {
    const mine = { ...findModel("claude-haiku-4-5")!, id: "mine", aliases: ["my-alias"] };
    const book = extendPrices(extended("mine"), [{ ...row, models: ["my-alias"], input: 1 }], [mine]);
    expect(findPrice(book, "mine", today, [mine])?.input).toBe(1);
    expect(book.prices.filter(({ source }) => source === "a contract")).toHaveLength(1);
  });
});
