import type { Agent } from "../../agent.js";
import { leftOf } from "../../pure/budget/budget.js";
import type { LiveRun } from "../live-run.js";
import { raceAbort } from "../race-abort.js";
import { approvalsBelow } from "./approvals-below.js";

/** What a subagent may spend of its parent's limits. Nothing stands here where these have none. */
export type Grant = { readonly usd?: number; readonly tokens?: number };

/** The call that a subagent works for, and the session that it works in. */
export interface SubagentCall {
  readonly toolUseId: string;
  readonly session: string;
  readonly signal: AbortSignal;
}

/**
 * Commits what a subagent may spend: as much as its own limits allow, and of what is left an equal share among those that want some, and
 * the calls that have none yet. Where others hold all that is left, it waits until one of them has ended. `"all_held"`: none will before
 * a person has answered.
 */
export async function grant(
  run: LiveRun,
  { toolUseId, session: child, signal }: SubagentCall,
  agent: Agent,
): Promise<Grant | "all_held"> {
  const held = run.state.run?.held[child];
  // Granted before the process died.
  if (held !== undefined) return held as Grant;
  while (isNothingLeft(run)) {
    if (run.subagentsAtWork.size > 0) {
      await raceAbort(signal, () => Promise.race(run.subagentsAtWork.values()));
      continue;
    }
    if ((await approvalsBelow(run.subagents, run.state)).length > 0) return "all_held";
    break;
  }
  const granted = shareOf(run, agent);
  await run.commit([{ type: "subagent.start", toolUseId, child, agent: agent.name ?? "agent", granted }], {
    barrier: Object.keys(granted).length > 0,
  });
  // Not later: the next in turn shares with those that still want some.
  run.grantsWanted.delete(child);
  return granted;
}

function isNothingLeft({ state: { run }, agent: { limits } }: LiveRun): boolean {
  if (run === undefined) return false;
  const { usd, tokens } = leftOf(run, limits);
  return usd <= least || tokens < 1;
}

function shareOf(run: LiveRun, agent: Agent): Grant {
  const { state, agent: parent } = run;
  if (state.run === undefined) return {};
  const left = leftOf(state.run, parent.limits);
  const sharers = Math.max(1, sharersIn(run));
  const share = (whole: number, own = Number.POSITIVE_INFINITY) =>
    Math.min(own, Math.max(least, whole / sharers));
  const usd = share(left.usd, agent.limits?.usd);
  const tokens = share(left.tokens, agent.limits?.maxTotalTokens);
  return {
    ...(parent.limits.usd === undefined ? {} : { usd }),
    ...(parent.limits.maxTotalTokens === undefined ? {} : { tokens: Math.max(1, Math.floor(tokens)) }),
  };
}

/** The agents that want a grant now, and one for each call that may come to want one. */
function sharersIn({ state, grantsWanted }: LiveRun): number {
  const wanting = new Set(grantsWanted.values());
  const others = (state.step?.calls ?? []).filter(
    ({ toolUseId, result, subagents }) =>
      result === undefined && subagents.length === 0 && !wanting.has(toolUseId),
  );
  return grantsWanted.size + others.length;
}

/** A limit is more than nothing; no call can be paid for with this. */
const least = 1e-12;
