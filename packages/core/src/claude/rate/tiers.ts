import { AgentError } from "../../errors.js";
import { findModel, type Model } from "../../models/models.js";

/** What may be used in a minute. What is left out is not limited. */
export interface RateLimits {
  readonly requests?: number;
  /** Input and output tokens together. */
  readonly tokens?: number;
  /** Input tokens, those written to the cache among them; those read from it don't count. */
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

export type RateKind = keyof RateLimits;

export const rateKinds: readonly RateKind[] = ["requests", "tokens", "inputTokens", "outputTokens"];

/** The limits of each class of models, and those of families that have others. */
export interface RateTier extends RateLimits {
  readonly families?: Readonly<Partial<Record<Model["family"], RateLimits>>>;
}

export type RateTierName =
  | "introductionFree"
  | "introductionBuild"
  | "introductionScale"
  | "start"
  | "build"
  | "scale";

/**
 * Rate limits to begin with, a minute. `introduction…`: those of the introduction to the Claude API that this framework began from.
 * The others are the API's own, as its rate limits page had them in August 2026; its headers and the Console show yours.
 * That page's figures for output, where seen, and the headers of nearly all recorded answers are a fifth of the input.
 */
export const rateTiers: Readonly<Record<RateTierName, RateTier>> = {
  introductionFree: { requests: 5, tokens: 20_000 },
  introductionBuild: { requests: 50, tokens: 40_000 },
  introductionScale: { requests: 1_000, tokens: 400_000 },
  start: { ...official(1_000, 2_000_000), families: { fable: official(1_000, 500_000) } },
  build: { ...official(5_000, 5_000_000), families: { fable: official(2_000, 1_500_000) } },
  scale: { ...official(10_000, 10_000_000), families: { fable: official(4_000, 4_000_000) } },
};

function official(requests: number, inputTokens: number): RateLimits {
  return { requests, inputTokens, outputTokens: inputTokens / 5 };
}

/**
 * Models of one class share their limits: all Fable 5, all of a family's fourth generation; every other model has its own.
 * Source: the API's rate limits page, October 2026.
 */
export function rateClassName(model: string): string {
  const id = findModel(model)?.id ?? model;
  return /^claude-(?:fable-\d+|[a-z]+-4)(?=-|$)/.exec(id)?.[0] ?? id;
}

/** The limits of a tier that a model goes by; none without a tier. */
export function tierLimitsOf(tier: RateTierName | undefined, model: string): RateLimits {
  if (tier === undefined) return {};
  const { families, ...limits } = rateTiers[tier];
  const family = findModel(model)?.family;
  return (family === undefined ? undefined : families?.[family]) ?? limits;
}

/** Throws `AgentError` for what can't be meant. */
export function checkRates(tier: RateTierName | undefined, limits: RateLimits): void {
  if (tier !== undefined && !Object.hasOwn(rateTiers, tier)) {
    throw new AgentError(
      `There is no rate tier ${JSON.stringify(tier)}. Tiers: ${Object.keys(rateTiers).join(", ")}. For your own numbers take limits.`,
    );
  }
  for (const [name, value] of Object.entries(limits)) {
    if (!rateKinds.includes(name as RateKind))
      throw new AgentError(
        `limits has no ${JSON.stringify(name)}. It has, each for a minute: ${rateKinds.join(", ")}.`,
      );
    if (value !== undefined && !(typeof value === "number" && value > 0))
      throw new AgentError(
        `limits.${name} is ${String(value)}; it must be a positive number for each minute.`,
      );
  }
}
