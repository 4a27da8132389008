import type { RequestFields } from "./agent.js";
import { AgentError } from "./errors.js";
import type { Limits } from "./limits.js";
import { termsOf } from "./models/call-terms.js";
import type { Model } from "./models/models.js";
import { findPrice, type PriceBook, type Rates, worstRates } from "./models/prices.js";
import { runsAtApi, type ToolDefinition } from "./tool-definition.js";

/** What of an agent decides what it costs. */
interface Paying {
  readonly model: string;
  readonly limits: Limits;
  readonly compact: { readonly model: string } | false;
  readonly request: RequestFields;
  readonly definitions: readonly ToolDefinition[];
  readonly prices: PriceBook;
  readonly catalogue: readonly Model[];
}

/**
 * Throws `AgentError` for a price book that no cost can be counted by; and, with `limits.usd`, for an agent that may be charged for what
 * can't be known beforehand: a cap that holds only now and then is none.
 * @param now when it is to run
 */
export function checkMoney(agent: Paying, now: number): void {
  checkPrices(agent.prices);
  if (agent.limits.usd === undefined) return;
  checkPriced(agent, now);
  if (agent.limits.softCap !== true) checkHardCap(agent);
}

/** A figure that is none would make every sum `NaN`, and of every cap no cap. */
function checkPrices({ prices }: PriceBook): void {
  if (!Array.isArray(prices))
    throw new AgentError("options.prices must be a price book, e.g. extendPrices(officialPrices, rows).");
  for (const row of prices) {
    const wrong = Array.isArray(row.models)
      ? (wrongRate(row) ?? (row.above && wrongRate(row.above)))
      : "models";
    if (wrong !== undefined)
      throw new AgentError(
        `A price for ${JSON.stringify(row.models)} has no ${wrong} that can be counted by. Each row has models, input, output, cacheWrite5m, ` +
          "cacheWrite1h and cacheRead, in dollars per million tokens; cacheRead may be null.",
      );
  }
}

function wrongRate(rates: Rates): string | undefined {
  const isRate = (value: unknown) =>
    typeof value === "number" && value >= 0 && value < Number.POSITIVE_INFINITY;
  const names = ["input", "output", "cacheWrite5m", "cacheWrite1h"] as const;
  return (
    names.find((name) => !isRate(rates[name])) ??
    (rates.cacheRead === null || isRate(rates.cacheRead) ? undefined : "cacheRead")
  );
}

function checkPriced({ model, compact, prices, catalogue, request }: Paying, now: number): void {
  const asked = compact === false ? [model] : [model, compact.model];
  const unpriced = asked.find((id) => findPrice(prices, id, now, catalogue) === undefined);
  if (unpriced !== undefined)
    throw new AgentError(
      `limits.usd needs the price of ${JSON.stringify(unpriced)}, and the price book has none for this day. Give it with options.prices, e.g. ` +
        "extendPrices(officialPrices, [{ models, input, output, … }]).",
    );
  if (asked.some((id) => worstRates(prices, id, 0, now, termsOf({ catalogue, request })) === undefined))
    throw new AgentError(
      `limits.usd needs the price of request.speed ${JSON.stringify(request.speed)}, and the price book has none for this model (terms.fast). Leave it out, or give one.`,
    );
}

/** The API would do more than is asked for, and bill it. */
function checkHardCap({ definitions, request }: Paying): void {
  const server = definitions.find(runsAtApi);
  if (server !== undefined)
    throw new AgentError(
      `The API runs the tool ${JSON.stringify("name" in server ? server.name : server.type)} by itself, in a loop that bills by itself, ` +
        "so limits.usd can't be kept to the cent. Leave the tool out, or accept that with limits.softCap: true.",
    );
  const more = ["mcp_servers", "fallbacks"].find((name) => name in request);
  if (more !== undefined)
    throw new AgentError(
      `With request.${more} the API makes calls of its own and bills them, so limits.usd can't be kept to the cent. ` +
        "Leave it out, or accept that with limits.softCap: true.",
    );
}
