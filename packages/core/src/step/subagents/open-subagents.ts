import type { EventBody } from "../../events.js";
import { isSuspended, openSubagents } from "../../pure/calls/waiting.js";
import type { Approval } from "../../result.js";
import type { CallState } from "../../state.js";
import type { LiveRun } from "../live-run.js";
import { approvalsBelow } from "./approvals-below.js";
import { closeSubagent } from "./run-subagent.js";

/**
 * Before a step ends: ends the subagents that its calls leave behind, because they were aborted or answered while one still waited for a
 * person, or was left by a process that died. What these have cost counts for the step. False where there was none to end.
 */
export async function closeSubagents(run: LiveRun): Promise<boolean> {
  const open = () =>
    (run.state.step?.calls ?? []).flatMap((call) => openSubagents(call).map((child) => ({ call, child })));
  const before = open().length;
  if (before === 0) return false;
  // Perhaps it is told already.
  await run.commit([]);
  for (const { call, child } of open()) await closeSubagent(run, call.toolUseId, child);
  return open().length < before;
}

/** Whoever says something new, instead of answering, says no to what the subagents wait for. */
export async function denyBelow({ subagents, state }: LiveRun, reason: string): Promise<void> {
  for (const approval of await approvalsBelow(subagents, state)) await subagents.deny(approval, reason);
}

/** Before a run settles to wait: lets those calls go on below which somebody has answered in the meantime. False where nobody has. */
export async function resumeAnswered(run: LiveRun, calls: readonly CallState[]): Promise<boolean> {
  const suspended = calls.filter(isSuspended);
  if (suspended.length === 0) return false;
  const waiting = new Set((await approvalsBelow(run.subagents, run.state)).map(keyOf));
  const answered = suspended.filter((call) =>
    call.suspended.some(({ approvals }) => !approvals.every((approval) => waiting.has(keyOf(approval)))),
  );
  if (answered.length === 0) return false;
  // What they hold of the limits may come back now, and others wait for nothing else.
  const unpaid = suspended.filter((call) => call.suspended.every(({ approvals }) => approvals.length === 0));
  await run.commit(
    [...answered, ...unpaid].map(({ toolUseId }): EventBody => ({ type: "tool.resume", toolUseId })),
  );
  return true;
}

function keyOf({ session, toolUseId }: Approval): string {
  return JSON.stringify([session, toolUseId]);
}
