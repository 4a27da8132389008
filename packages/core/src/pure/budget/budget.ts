import { toUsd } from "../../cost.js";
import type { Limits } from "../../limits.js";
import { termsOf } from "../../models/call-terms.js";
import { findModel, largestWindow } from "../../models/models.js";
import { costOf, worstRates } from "../../models/prices.js";
import type { PreparedAgent } from "../../prepare-agent.js";
import { noSpending, type Spending } from "../../spending.js";
import type { RunState, State } from "../../state.js";
import { totalTokens, type Usage } from "../../usage.js";
import { chargedAndHeld } from "../fold/spend.js";
import { promptBound } from "./prompt-bound.js";

/** Whether the next call can be paid for, however it comes out. */
export type CallPlan =
  | {
      readonly type: "call";
      /** The agent's own, or less where no more is left. */
      readonly maxTokens: number;
      /** What the call comes to at worst. None where no limit counts it. */
      readonly reserved: Spending | undefined;
    }
  | { readonly type: "over"; readonly limit: "usd" | "maxTotalTokens" };

/** A reply with room for less is more likely cut off than useful, and it is paid for all the same. */
const fewestTokens = 1_000;

type Call = { readonly maxTokens?: number; readonly more?: Parameters<typeof promptBound>[3] };

/**
 * What the next call may be given, so that it can't take the run beyond its limits: its prompt is counted or bounded from above and
 * priced at the dearest rate, its reply as long as it may be. Pure.
 * @param call for a call that is not the next reply: its own `maxTokens`, and the messages that are sent beside the history
 */
export function planCall(state: State, agent: PreparedAgent, now: number, call: Call = {}): CallPlan {
  const { maxTokens = agent.maxTokens, more } = call;
  if (state.run === undefined) return { type: "call", maxTokens, reserved: undefined };
  const left = leftOf(state.run, agent.limits);
  const isCapped = left.usd < Number.POSITIVE_INFINITY;
  if (!isCapped && left.tokens === Number.POSITIVE_INFINITY)
    return { type: "call", maxTokens, reserved: undefined };
  const prompt = promptBound(state, agent, windowOf(agent), more);
  const price = callPrice(agent, prompt, now);
  // The book may know no price for this day any more.
  if (isCapped && price === undefined) return { type: "over", limit: "usd" };
  const affordable =
    !isCapped || price === undefined ? maxTokens : (left.usd - prompt * price.input) / price.output;
  const allowed = { usd: Math.floor(affordable + rounding), maxTotalTokens: left.tokens - prompt };
  const granted = Math.min(maxTokens, allowed.usd, allowed.maxTotalTokens);
  if (granted < lowest(agent, maxTokens))
    return { type: "over", limit: allowed.usd <= allowed.maxTotalTokens ? "usd" : "maxTotalTokens" };
  const cost = price === undefined ? null : prompt * price.input + granted * price.output;
  return { type: "call", maxTokens: granted, reserved: { usd: cost, tokens: prompt + granted } };
}

/** Of a token: what binary fractions may leave short. */
const rounding = 1e-6;

/** With manual thinking the API wants more than what may be thought. */
function lowest({ request: { thinking } }: PreparedAgent, maxTokens: number): number {
  const thought = thinking?.type === "enabled" ? thinking.budget_tokens + 1 : 0;
  return Math.max(Math.min(maxTokens, fewestTokens), thought);
}

/** What a run and all that it has begun leave of its limits. Nothing is left where it is not known what was spent. */
export function leftOf(run: RunState, limits: Limits): { readonly usd: number; readonly tokens: number } {
  const gone = chargedAndHeld(run);
  const { usd = Number.POSITIVE_INFINITY, maxTotalTokens: tokens = Number.POSITIVE_INFINITY } = limits;
  return {
    usd: usd === Number.POSITIVE_INFINITY ? usd : gone.usd === null ? 0 : usd - gone.usd,
    tokens: tokens - gone.tokens,
  };
}

function windowOf({ model, catalogue }: PreparedAgent): number {
  return findModel(model, catalogue)?.contextWindow ?? largestWindow;
}

/** US dollars a token, at the dearest. */
function callPrice(agent: PreparedAgent, prompt: number, now: number): ReturnType<typeof worstRates> {
  return worstRates(agent.prices, agent.model, prompt, now, termsOf(agent));
}

/** How an attempt went whose reservation has to be settled. */
export interface Attempt {
  readonly outcome: "message" | "broken" | "error" | "aborted";
  readonly reserved: Spending | undefined;
  readonly maxTokens: number;
  /** What the API told of it, where it told anything. */
  readonly usage: Usage | undefined;
  /** The API said no before it began to answer: nothing is paid for that. */
  readonly refused: boolean;
}

/** What an attempt counts for whose cost is not known: what it is known to have used, and beyond that all that it may have. */
export function chargeOf(attempt: Attempt, agent: PreparedAgent, startedAt: number): Spending | undefined {
  const { outcome, reserved, maxTokens, usage, refused } = attempt;
  if (reserved === undefined) return undefined;
  if (usage === undefined) return refused ? noSpending : reserved;
  // The whole prompt is told with the first event. Of a reply that broke off it is not known how much was made.
  const output = outcome === "message" ? usage.output_tokens : Math.max(maxTokens, usage.output_tokens);
  const tokens = totalTokens({ ...usage, output_tokens: output });
  const price = callPrice(agent, tokens - output, startedAt);
  if (price === undefined) return { usd: reserved.usd, tokens };
  const known = costOf(
    agent.prices,
    agent.model,
    { ...usage, output_tokens: output },
    startedAt,
    termsOf(agent),
  );
  return { usd: known.usd ?? toUsd((tokens - output) * price.input + output * price.output), tokens };
}
