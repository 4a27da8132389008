import type { Permit } from "../agent.js";
import { AgentError } from "../errors.js";
import { askPermit, strictestOf } from "./permit.js";

/**
 * Several permissions as one: what one of them denies is denied, what one of them asks about is asked about. The rule is the first
 * that one of those who decide so gives. Without any, all is allowed.
 *
 * Throws `AgentError` for something that is no function.
 */
export function strictest(...permits: readonly Permit[]): Permit {
  if (!permits.every((permit) => typeof permit === "function"))
    throw new AgentError(
      "A permission must be a function, e.g. strictest(permitRules({ … }), ruleOfTwo(tools)).",
    );
  return (call, state) => strictestOf(permits.map((permit) => askPermit(permit, call, state))) ?? "allow";
}
