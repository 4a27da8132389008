import type { Claude } from "../claude-function.js";
import { shareRetryBudget } from "./retry-budget.js";

/** Makes a Claude function that goes over another what that one is beside its calls: it counts tokens alike, and has the same retries left. */
export function inherit(over: Claude, ask: Claude): Claude {
  if (over.countTokens !== undefined) Object.assign(ask, { countTokens: over.countTokens });
  shareRetryBudget(ask, over);
  return ask;
}
