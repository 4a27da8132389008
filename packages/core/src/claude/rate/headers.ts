import type { RateKind } from "./tiers.js";

/** What one response says of a limit. */
export interface LimitReport {
  /** A minute. */
  readonly limit: number;
  /** What is left lies between these: the API rounds it, and shows nothing below zero. */
  readonly atLeast: number;
  readonly atMost: number;
}

export type RateReport = Readonly<Partial<Record<RateKind, LimitReport>>>;

const words: Readonly<Record<RateKind, string>> = {
  requests: "requests",
  tokens: "tokens",
  inputTokens: "input-tokens",
  outputTokens: "output-tokens",
};

/** What a response's `anthropic-ratelimit-*` headers say; kinds of which they say nothing whole are left out. */
export function readRateHeaders(headers: Pick<Headers, "get">, now: number): RateReport {
  const report: Partial<Record<RateKind, LimitReport>> = {};
  for (const [kind, word] of Object.entries(words) as [RateKind, string][]) {
    const value = (name: string): string => headers.get(`anthropic-ratelimit-${word}-${name}`) ?? "";
    const limit = Number.parseFloat(value("limit"));
    const remaining = Number.parseFloat(value("remaining"));
    if (!(limit > 0 && remaining >= 0)) continue;
    report[kind] = { limit, ...leftOf(kind, limit, remaining, Date.parse(value("reset")) - now) };
  }
  return report;
}

/** Tokens that are left come in thousands, rounded; requests whole, cut off. */
function leftOf(
  kind: RateKind,
  limit: number,
  remaining: number,
  fullInMs: number,
): { readonly atLeast: number; readonly atMost: number } {
  const isRounded = kind !== "requests" && remaining % 1_000 === 0;
  const atMost = remaining + (isRounded ? 500 : 1);
  if (remaining > 0) return { atLeast: isRounded ? remaining - 500 : remaining, atMost };
  if (kind === "requests") return { atLeast: 0, atMost };
  // Nothing left may be less than nothing: then only the time when all of it is back says how much.
  const byReset = limit - (fullInMs * limit) / 60_000;
  return { atLeast: Number.isNaN(byReset) ? Number.NEGATIVE_INFINITY : Math.min(0, byReset), atMost };
}
