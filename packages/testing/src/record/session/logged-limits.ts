import {
  type Agent,
  type AgentEvent,
  defaultMaxTokens,
  type Limits,
  type ToolResult,
} from "@lockstitch/core";
import type { Invocation } from "./invocations.js";

/** A subagent as the run above it had it run: with what it was granted. */
export function withGrantOf({ limits }: Invocation, agent: Agent): Agent {
  const { usd, maxTotalTokens } = limits;
  return {
    ...agent,
    limits: {
      ...agent.limits,
      ...(usd === undefined ? {} : { usd }),
      ...(maxTotalTokens === undefined ? {} : { maxTotalTokens }),
    },
  };
}

/**
 * The `max_tokens` that the agent should have asked for; `undefined` where its log does not tell. It does where a limit had lowered it.
 * Where none had, it was the agent's own, and that is taken to be what it is now; but older logs don't tell whether a limit had. What
 * the same limits lower it to follows from the size of the prompt and its price, and says nothing of the agent.
 * @param got what it asks for now
 */
export function maxTokensThen(
  start: Extract<AgentEvent, { type: "model.start" }>,
  logged: Limits,
  { limits = {}, maxTokens: own = defaultMaxTokens }: Agent,
  got: number,
): number | undefined {
  if (start.maxTokens === undefined) {
    const isTold = start.reserved !== undefined || (logged.usd ?? logged.maxTotalTokens) === undefined;
    return isTold ? own : undefined;
  }
  const isSameLimit = logged.usd === limits.usd && logged.maxTotalTokens === limits.maxTotalTokens;
  return isSameLimit && got < own ? undefined : start.maxTokens;
}

/** Of an agent that says nothing else, as every `run.start` tells it. */
const usualResultLength = 100_000;

/** An agent's `limits.maxResultLength`, in characters. */
export function maxResultLengthOf({ limits }: Agent): number {
  return limits?.maxResultLength ?? usualResultLength;
}

/**
 * How long a result that is served again may be. It was cut when it was logged, and cut again at the same place it would say of itself
 * that it was cut twice; but an agent that takes less now would have shown less.
 */
export function servedLength(
  { limits: { maxResultLength = Number.POSITIVE_INFINITY } }: Invocation,
  agent: Agent,
): number {
  const own = maxResultLengthOf(agent);
  return own < maxResultLength ? own : Number.POSITIVE_INFINITY;
}

/** Where the result of a call was cut, in characters; `undefined` for one that is whole. */
export function lengthWhenCut(event: AgentEvent, { maxResultLength }: Limits): number | undefined {
  if (event.type !== "tool.end" || maxResultLength === undefined) return undefined;
  if (event.outcome !== "ok" && event.outcome !== "error") return undefined;
  // The note that says so comes on top of what a result may have.
  return lengthOf(event.result) > maxResultLength ? maxResultLength : undefined;
}

function lengthOf({ content = "" }: ToolResult): number {
  if (typeof content === "string") return content.length;
  return content.reduce((sum, block) => sum + (block.type === "text" ? block.text.length : 0), 0);
}
