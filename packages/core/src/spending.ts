import type { Cost } from "./cost.js";
import { toUsd } from "./cost.js";
import { totalTokens, type Usage } from "./usage.js";

/** What counts against `limits.usd` and `limits.maxTotalTokens`. `usd` is `null` where no price is known. */
export interface Spending {
  readonly usd: number | null;
  readonly tokens: number;
}

export const noSpending: Spending = { usd: 0, tokens: 0 };

/** One unknown part makes the sum unknown. */
export function addSpending(a: Spending, b: Spending): Spending {
  return {
    usd: a.usd === null || b.usd === null ? null : toUsd(a.usd + b.usd),
    tokens: a.tokens + b.tokens,
  };
}

/** What is known to have been used, as it counts against the limits. */
export function spendingOf(cost: Cost, usage: Usage): Spending {
  return { usd: cost.usd, tokens: totalTokens(usage) };
}
