import type { Agent } from "../agent.js";
import { noCost } from "../cost.js";
import { AgentError, LockstitchError } from "../errors.js";
import type { EventBody } from "../events.js";
import type { Input } from "../input.js";
import { leftOf } from "../pure/budget.js";
import { chargedAndHeld } from "../pure/spend.js";
import type { Result } from "../result.js";
import { noSpending } from "../spending.js";
import type { CallState } from "../state.js";
import { strictest } from "../strictest.js";
import { noUsage } from "../usage.js";
import type { LiveRun } from "./live-run.js";
import { raceAbort } from "./race-abort.js";

/** What a subagent may spend of its parent's limits. Nothing where these have none. */
type Grant = { readonly usd?: number; readonly tokens?: number };

/** A subagent that runs itself would never end. */
const maxDepth = 5;

/**
 * Runs an agent for a tool call. Its session's id comes from the call, so that the same call, run again after a crash, finds it and goes on
 * with it; what it may spend is granted before, and settled when it has ended.
 */
export async function runSubagent(
  run: LiveRun,
  call: { readonly toolUseId: string; readonly session: string; readonly signal: AbortSignal },
  agent: Agent,
  input: Input,
): Promise<Result> {
  if (run.subagents.depth >= maxDepth)
    throw new AgentError(`Subagents are ${maxDepth} deep here, and no deeper. Does one of them run itself?`);
  const { toolUseId, session, signal } = call;
  await untilStarted(run, toolUseId, signal);
  const started = { agent, input, session, signal, parent: { session: run.state.session, toolUseId } };
  if (callOf(run, toolUseId)?.endedSubagents.includes(session))
    return wellEnded(await run.subagents.run(started));
  const granted = await run.exclusively(() => grant(run, call, agent));
  const limits = {
    ...agent.limits,
    // What caps its parent hard caps it hard.
    ...(run.agent.limits.usd !== undefined && run.agent.limits.softCap !== true ? { softCap: false } : {}),
    ...(granted.usd === undefined ? {} : { usd: granted.usd }),
    ...(granted.tokens === undefined ? {} : { maxTotalTokens: granted.tokens }),
  };
  // What its parent may not do, a subagent may not do either.
  const permits = [run.agent.permit, agent.permit].filter((permit) => permit !== undefined);
  let isDone = () => {};
  const atWork = new Promise<void>((resolve) => {
    isDone = resolve;
  });
  run.subagentsAtWork.set(session, atWork);
  try {
    return wellEnded(
      await run.subagents.run({
        ...started,
        agent: { ...agent, limits, ...(permits.length === 0 ? {} : { permit: strictest(...permits) }) },
      }),
    );
  } finally {
    await settle(run, toolUseId, session).finally(() => {
      run.subagentsAtWork.delete(session);
      isDone();
    });
  }
}

/** An eager call runs before its message is committed, and nothing may be committed for it until it is. */
function untilStarted(run: LiveRun, toolUseId: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (!signal.aborted && callOf(run, toolUseId)?.started !== true) return;
      stopListening();
      signal.removeEventListener("abort", look);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const stopListening = run.onCommit(look);
    signal.addEventListener("abort", look);
    look();
  });
}

/**
 * Commits what a subagent may spend: as much as its own limits allow, and of what is left an equal share of the calls that have none yet.
 * Where others hold all that is left, it waits until one of them has ended.
 */
async function grant(
  run: LiveRun,
  { toolUseId, session: child, signal }: { toolUseId: string; session: string; signal: AbortSignal },
  agent: Agent,
): Promise<Grant> {
  const held = run.state.run?.held[child];
  // Granted before the process died.
  if (held !== undefined) return held as Grant;
  while (isAllHeld(run) && run.subagentsAtWork.size > 0)
    await raceAbort(signal, () => Promise.race(run.subagentsAtWork.values()));
  const granted = shareOf(run, agent);
  const started: EventBody = {
    type: "subagent.start",
    toolUseId,
    child,
    agent: agent.name ?? "agent",
    granted,
  };
  await run.commit([started], { barrier: Object.keys(granted).length > 0 });
  return granted;
}

/** Nothing is left, and what subagents don't use of theirs will come back. */
function isAllHeld({ state: { run }, agent: { limits } }: LiveRun): boolean {
  if (run === undefined) return false;
  const { usd, tokens } = leftOf(run, limits);
  return usd <= least || tokens < 1;
}

function shareOf({ state, agent: { limits } }: LiveRun, agent: Agent): Grant {
  if (state.run === undefined) return {};
  const left = leftOf(state.run, limits);
  const waiting = (state.step?.calls ?? []).filter(
    ({ result, subagents }) => result === undefined && subagents.length === 0,
  );
  const share = (whole: number, own = Number.POSITIVE_INFINITY) =>
    Math.min(own, Math.max(least, whole / Math.max(1, waiting.length)));
  const usd = share(left.usd, agent.limits?.usd);
  const tokens = share(left.tokens, agent.limits?.maxTotalTokens);
  return {
    ...(limits.usd === undefined ? {} : { usd }),
    ...(limits.maxTotalTokens === undefined ? {} : { tokens: Math.max(1, Math.floor(tokens)) }),
  };
}

/** A limit is more than nothing; no call can be paid for with this. */
const least = 1e-12;

/** Ends a subagent that nobody waits for any more, and counts what it has come to. */
export async function closeSubagent(run: LiveRun, toolUseId: string, child: string): Promise<void> {
  await run.subagents.close(child);
  await settle(run, toolUseId, child);
}

/** Counts what a subagent has come to. One that was left open, waiting for a person or held by another process, keeps its grant. */
async function settle(run: LiveRun, toolUseId: string, child: string): Promise<void> {
  const { run: ended, seq } = await run.subagents.stateOf(child);
  // It never began: its agent or its input can't be meant.
  if (seq === 0) await run.commit([{ ...nothing, toolUseId, child }]);
  if (ended?.end === undefined) return;
  const { usage, cost } = ended;
  const charged = chargedAndHeld(ended);
  const { reason } = ended.end;
  await run.commit([{ type: "subagent.end", toolUseId, child, reason, usage, cost, charged }]);
}

const nothing = {
  type: "subagent.end",
  reason: "error",
  usage: noUsage,
  cost: noCost,
  charged: noSpending,
} as const;

function callOf({ state }: LiveRun, toolUseId: string): CallState | undefined {
  return state.step?.calls.find((call) => call.toolUseId === toolUseId);
}

/** Found again after a crash, a run that had failed has a result, where it first had an error to reject with. */
function wellEnded(result: Result): Result {
  if (result.status === "ended" && result.reason === "error")
    throw new LockstitchError(
      "subagent",
      `The subagent's run failed; the log of its session ${JSON.stringify(result.session)} says why.`,
    );
  return result;
}
