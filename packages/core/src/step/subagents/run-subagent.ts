import type { Agent } from "../../agent.js";
import { noCost } from "../../cost.js";
import { AgentError, LockstitchError } from "../../errors.js";
import type { Input } from "../../input.js";
import { strictest } from "../../permission/strictest.js";
import { checkAgent, type PreparedAgent } from "../../prepare-agent.js";
import { chargedAndHeld } from "../../pure/fold/spend.js";
import type { Result } from "../../result.js";
import { noSpending } from "../../spending.js";
import type { CallState } from "../../state.js";
import { noUsage } from "../../usage.js";
import type { LiveRun } from "../live-run.js";
import { type Grant, grant, type SubagentCall } from "./grant.js";

/** A subagent that runs itself would never end. */
const maxSubagentDepth = 5;

/**
 * Runs an agent for a tool call. Its session's id comes from the call, so that the same call, run again after a crash, finds it and goes on
 * with it; what it may spend is granted before, and settled when it has ended. `"all_held"`: there is nothing to grant before a person has
 * answered for another subagent, which holds what is left.
 */
export async function runSubagent(
  run: LiveRun,
  call: SubagentCall,
  agent: Agent,
  input: Input,
): Promise<Result | "all_held"> {
  if (run.subagents.depth >= maxSubagentDepth)
    throw new AgentError(
      `Subagents are ${maxSubagentDepth} deep here, and no deeper. Does one of them run itself?`,
    );
  if (typeof agent !== "object" || agent === null)
    throw new AgentError(
      'call.run takes an agent and an input, e.g. call.run({ name: "clerk" }, "Look it up.").',
    );
  // Before its limits are counted with: one below nothing would leave the others more than there is.
  checkAgent(agent);
  const { toolUseId, session, signal } = call;
  const wanted = { agent, input, session, signal, parent: { session: run.state.session, toolUseId } };
  if (hasEnded(run, toolUseId, session)) return wellEnded(await run.subagents.run(wanted));
  let isDone = () => {};
  const atWork = new Promise<void>((resolve) => {
    isDone = resolve;
  });
  const granted = await grantOnceStarted(run, call, agent, atWork);
  if (granted === "all_held") return granted;
  try {
    return wellEnded(await run.subagents.run({ ...wanted, agent: bounded(agent, run.agent, granted) }));
  } finally {
    await settle(run, toolUseId, session).finally(() => {
      run.subagentsAtWork.delete(session);
      isDone();
    });
  }
}

/** What its parent may not do, or spend, a subagent may not either. */
function bounded(agent: Agent, parent: PreparedAgent, granted: Grant): Agent {
  const permits = [parent.permit, agent.permit].filter((permit) => permit !== undefined);
  const limits = {
    ...agent.limits,
    // What caps its parent hard caps it hard.
    ...(parent.limits.usd !== undefined && parent.limits.softCap !== true ? { softCap: false } : {}),
    ...(granted.usd === undefined ? {} : { usd: granted.usd }),
    ...(granted.tokens === undefined ? {} : { maxTotalTokens: granted.tokens }),
  };
  return { ...agent, limits, ...(permits.length === 0 ? {} : { permit: strictest(...permits) }) };
}

async function grantOnceStarted(
  run: LiveRun,
  call: SubagentCall,
  agent: Agent,
  atWork: Promise<void>,
): Promise<Grant | "all_held"> {
  const { toolUseId, session, signal } = call;
  // Before anything is waited for: agents that are begun side by side share what is left.
  if (run.state.run?.held[session] === undefined) run.grantsWanted.set(session, toolUseId);
  try {
    await untilStarted(run, toolUseId, signal);
    return await run.exclusively(async () => {
      const granted = await grant(run, call, agent);
      // Not later: the next in turn may find that all is held, and has to know that it comes back.
      if (granted !== "all_held") run.subagentsAtWork.set(session, atWork);
      return granted;
    });
  } finally {
    run.grantsWanted.delete(session);
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

/** Ends a subagent that nobody waits for any more, and counts what it has come to. */
export async function closeSubagent(run: LiveRun, toolUseId: string, child: string): Promise<void> {
  await run.subagents.close(child);
  await settle(run, toolUseId, child);
}

/** Counts what a subagent has come to. One that was left open, waiting for a person or held by another process, keeps its grant. */
async function settle(run: LiveRun, toolUseId: string, child: string): Promise<void> {
  const { run: ended, seq } = await run.subagents.stateOf(child);
  // Its input can't be meant, or its agent can't be paid for.
  if (seq === 0) await run.commit([{ ...neverBegan, toolUseId, child }]);
  if (ended?.end === undefined) return;
  const { usage, cost } = ended;
  const charged = chargedAndHeld(ended);
  const { reason } = ended.end;
  await run.commit([{ type: "subagent.end", toolUseId, child, reason, usage, cost, charged }]);
}

const neverBegan = {
  type: "subagent.end",
  reason: "error",
  usage: noUsage,
  cost: noCost,
  charged: noSpending,
} as const;

function hasEnded(run: LiveRun, toolUseId: string, session: string): boolean {
  return callOf(run, toolUseId)?.endedSubagents.includes(session) === true;
}

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
