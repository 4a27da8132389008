/** What was spent, in US dollars; `usd: null` where a model's price is not known, never zero. `unpriced` then names the models. */
export type Cost = { readonly usd: number } | { readonly usd: null; readonly unpriced: readonly string[] };

export const noCost: Cost = { usd: 0 };

/** One unknown part makes the sum unknown: a total that leaves something out would be a lie. */
export function addCost(a: Cost, b: Cost): Cost {
  if (a.usd !== null && b.usd !== null) return { usd: toUsd(a.usd + b.usd) };
  const unpriced = [a, b].flatMap((cost) => (cost.usd === null ? cost.unpriced : []));
  return { usd: null, unpriced: [...new Set(unpriced)] };
}

/** To the trillionth of a dollar: far below a token's price, and enough to drop what binary fractions leave behind (0.1 + 0.2). */
export function toUsd(dollars: number): number {
  return Math.round(dollars * 1e12) / 1e12;
}
