import { isSuspended, openSubagents } from "../../pure/calls/waiting.js";
import { approvalsOf } from "../../pure/to-result.js";
import type { Approval } from "../../result.js";
import type { State } from "../../state.js";
import type { Subagents } from "./subagents.js";

/** What the subagents of a step wait for, as their own logs tell it now. */
export async function approvalsBelow(subagents: Subagents, { step }: State): Promise<readonly Approval[]> {
  const found = await Promise.all(
    (step?.calls ?? []).flatMap(openSubagents).map(async (child) => {
      const state = await subagents.stateOf(child);
      const own = (state.step?.calls ?? []).filter((call) => !isSuspended(call));
      return [...approvalsOf(child, own), ...(await approvalsBelow(subagents, state))];
    }),
  );
  return found.flat();
}
