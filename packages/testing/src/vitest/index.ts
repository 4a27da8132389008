import { expect } from "vitest";
import { matchers } from "./matchers.js";

export { matchers } from "./matchers.js";

/** Matchers for what an agent did: for a `Result`, for what `partialOf(error)` gives, or, as far as they tell it, for messages alone. */
export interface AgentMatchers<Received = unknown> {
  /** The model asked for this tool, with at least these fields of input where some are given. Asymmetric matchers may stand in it. */
  toHaveCalledTool(name: string, input?: unknown): Received;
  /** The model asked for these tools and no others, in this order. */
  toHaveCalledTools(names: readonly string[]): Received;
  /** The run ended for this reason: a stop reason, `"limit"` or the limit's own name, `"aborted"`; or `"waiting"`. */
  toHaveEndedWith(reason: string): Received;
  /** In one of its replies the assistant said this. */
  toHaveSaid(words: string | RegExp): Received;
  /** The run has cost less than this, in US dollars. Throws where its cost is not known. */
  toHaveCostLessThan(usd: number): Received;
  /** Input, cache and output of the run, together. */
  toHaveUsedAtMostTokens(tokens: number): Received;
}

declare module "vitest" {
  interface Matchers<T> extends AgentMatchers<void> {}
}

expect.extend(matchers);
