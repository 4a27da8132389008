/** What one API key may use in a minute. */
export interface SimulatedRateLimits {
  readonly requests: number;
  /** Input tokens, cache writes included; cache reads don't count. */
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A preset: the tiers of the introduction in `docs/claude-api-introduction.md`, or the API's own of 2026. */
export type SimulatedRateTier = "intro-free" | "intro-build" | "intro-scale" | "start" | "build" | "scale";

/**
 * Requests and input tokens are as published (https://platform.claude.com/docs/en/api/rate-limits). Output tokens are not: a
 * fifth of the input is what the headers of nearly all recorded answers show.
 */
const tiers: ReadonlyMap<string, SimulatedRateLimits> = new Map<SimulatedRateTier, SimulatedRateLimits>([
  ["intro-free", tier(5, 20_000)],
  ["intro-build", tier(50, 40_000)],
  ["intro-scale", tier(1_000, 400_000)],
  ["start", tier(1_000, 2_000_000)],
  ["build", tier(5_000, 5_000_000)],
  ["scale", tier(10_000, 10_000_000)],
]);

function tier(requests: number, inputTokens: number): SimulatedRateLimits {
  return { requests, inputTokens, outputTokens: inputTokens / 5 };
}

/** @throws RangeError for a tier that there is not, and for limits that are no whole numbers from 1 on. */
export function limitsOf(limits: SimulatedRateTier | SimulatedRateLimits): SimulatedRateLimits {
  if (typeof limits === "string") {
    const found = tiers.get(limits);
    if (found) return found;
    throw new RangeError(
      `There is no rate tier ${JSON.stringify(limits)}. Tiers: ${[...tiers.keys()].join(", ")}.`,
    );
  }
  for (const name of ["requests", "inputTokens", "outputTokens"] as const) {
    if (!(Number.isInteger(limits[name]) && limits[name] >= 1)) {
      throw new RangeError(
        `rateLimits.${name} is ${String(limits[name])}; it must be a whole number from 1 on, for each minute.`,
      );
    }
  }
  return limits;
}
