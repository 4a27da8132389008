import type Anthropic from "@anthropic-ai/sdk";
import type { PreparedCompaction } from "../../compaction-options.js";
import { findModel, usualWindow } from "../../models/models.js";
import type { PreparedAgent } from "../../prepare-agent.js";
import type { State } from "../../state.js";
import { type CallPlan, planCall } from "../budget/budget.js";
import { estimateContext, estimateMessages, estimatePrompt, isCounted } from "../budget/token-estimate.js";
import { blocksOf, hasUnansweredServerTool, referencesOf } from "../conversation/history.js";
import { afterReply } from "../reply/stop-reason.js";
import { instructionFor, requestFieldsFor } from "./summary-request.js";

type Message = Anthropic.MessageParam;

/** An agent that compacts. */
export type CompactingAgent = PreparedAgent & { readonly compact: PreparedCompaction };

/** A summary that is to take the place of all messages before the cut. */
export interface Compaction {
  /** How many of the oldest messages are summarised. */
  readonly cut: number;
}

/**
 * Whether the history is to be summarised before the next step, and how much of it: it nears the model's window, has filled it, or
 * was refused for its length. Never where that would free too little, so that it can't go on and on; nor after a run has twice been given no summary.
 */
export function planCompaction(state: State, agent: PreparedAgent): Compaction | undefined {
  if (!compacts(agent) || (state.run?.summarising.failures ?? 0) >= mostFailures) return undefined;
  const isFull = hasFilledWindow(state) || isTooLong(state, agent);
  if (!isFull && estimateContext(state, agent) < threshold(state, agent)) return undefined;
  const cut = findCut(state, agent);
  return cut === undefined ? undefined : { cut };
}

export function compacts(agent: PreparedAgent): agent is CompactingAgent {
  return agent.compact !== false;
}

const mostFailures = 2;

/** The last reply was cut off for want of room. */
export function hasFilledWindow({ run }: State): boolean {
  return run?.stopReason !== undefined && afterReply(run.stopReason) === "compact";
}

/** The API has refused the prompt as too long, and since then it has only grown. */
export function isTooLong({ counted, messages }: State, { model }: Pick<PreparedAgent, "model">): boolean {
  return counted?.window !== undefined && counted.model === model && messages.length >= counted.messages;
}

/** The prompt may be near the window, and is to be counted before it is summarised. */
export function needsCount(state: State, { compact, model }: CompactingAgent): boolean {
  if (compact.count !== "api" || hasFilledWindow(state) || isTooLong(state, { model })) return false;
  return !isCounted(state, model);
}

/**
 * Tokens that the estimate may come to of a prompt that is to have room in the window: fewer where the API has refused one that was
 * estimated to be shorter than it was, or said that it takes less than the catalogue knows of.
 */
export function estimatedWindow(state: State, agent: CompactingAgent, asks: PreparedAgent = agent): number {
  const { counted } = state;
  if (counted?.window === undefined || !isTooLong(state, agent)) return windowOf(asks);
  const window = asks.model === agent.model ? Math.min(windowOf(asks), counted.window) : windowOf(asks);
  const messages = state.messages.slice(0, counted.messages);
  return window * Math.min(1, estimatePrompt({ ...state, messages }, agent) / counted.tokens);
}

/** Where tokens are counted by the API an estimate need only come near. */
function threshold(state: State, agent: CompactingAgent): number {
  const limit = agent.compact.at * windowOf(agent);
  return needsCount(state, agent) ? limit * errorMargin : limit;
}

/** Nineteen of twenty estimates are better than this; `token-estimate.test.ts` holds it. */
const errorMargin = 0.9;

function windowOf({ model, catalogue }: Pick<PreparedAgent, "model" | "catalogue">): number {
  return findModel(model, catalogue)?.contextWindow ?? usualWindow;
}

/** A summary's tokens at most: it is to be small beside what it stands for, in small windows as well. */
function summaryTokens(agent: CompactingAgent): number {
  return Math.max(1, Math.min(agent.compact.maxTokens, Math.floor(windowOf(agent) / 10)));
}

/** The agent as it asks for a summary: with the model and the limits of that call. */
export function summariserOf(agent: CompactingAgent): CompactingAgent {
  const request = requestFieldsFor(agent);
  const thought = request.thinking?.type === "enabled" ? request.thinking.budget_tokens : 0;
  return { ...agent, model: agent.compact.model, request, maxTokens: summaryTokens(agent) + thought };
}

/** Whether the summary can be paid for: it counts against the run's limits like any reply. */
export function planSummary(state: State, agent: CompactingAgent, now: number): CallPlan {
  const { maxTokens } = summariserOf(agent);
  return planCall(state, summariserOf(agent), now, { maxTokens, more: [instructionFor(agent, maxTokens)] });
}

/** The newest messages may fill so much of the window; of those that fill more, fewer are kept. */
const keptShare = 0.25;
/** A summary must stand for so many times its own length. */
const leastGain = 2;

/** The earliest place that keeps as many messages as are wanted and have room, and leaves enough before it to be worth a summary. */
function findCut(state: State, agent: CompactingAgent): number | undefined {
  const { messages } = state;
  if (hasUnansweredServerTool(messages)) return undefined;
  const { length } = messages;
  const room = keptShare * estimatedWindow(state, agent);
  const worth = leastGain * summaryTokens(agent);
  for (let cut = Math.max(1, length - agent.compact.keep); cut <= length; cut++) {
    if (!isLegalCut(messages, cut, agent)) continue;
    const [before, kept] = [messages.slice(0, cut), messages.slice(cut)];
    if (estimateMessages(kept, agent.model) > room) continue;
    if (estimateMessages(before, agent.model) >= worth) return cut;
  }
  return undefined;
}

/** Whether the API takes both what is summarised, with a user's word behind it, and what is kept, with one before it. */
function isLegalCut(messages: readonly Message[], cut: number, { request }: PreparedAgent): boolean {
  const [last, first, newest] = [messages[cut - 1], messages[cut], messages.at(-1)];
  if (last === undefined || last.role === "system") return false;
  // With manual thinking a turn that is still calling tools must have begun with a thought, and those that are kept have lost theirs.
  const isCalling = newest !== undefined && beginsWithResult(newest);
  if (request.thinking?.type === "enabled" && isCalling && first !== undefined) return false;
  // No call is parted from its result, nor code from the calls that it has made.
  const before = idsOf(messages.slice(0, cut));
  const after = messages.slice(cut).flatMap(blocksOf).flatMap(referencesOf);
  return !after.some((id) => before.has(id));
}

function beginsWithResult({ content }: Message): boolean {
  return typeof content !== "string" && content[0]?.type === "tool_result";
}

/** Of calls of every kind, the API's own among them. */
function idsOf(messages: readonly Message[]): ReadonlySet<string> {
  return new Set(messages.flatMap(blocksOf).flatMap((block) => ("id" in block ? [block.id] : [])));
}
