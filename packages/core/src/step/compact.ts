import type Anthropic from "@anthropic-ai/sdk";
import { isApiError } from "../claude/sdk-error.js";
import { HistoryError } from "../errors.js";
import { prefixOf } from "../fingerprint.js";
import { estimateContext } from "../pure/budget/token-estimate.js";
import {
  type CompactingAgent,
  compacts,
  estimatedWindow,
  isTooLong,
  needsCount,
  planCompaction,
  planSummary,
  summariserOf,
} from "../pure/compaction/compaction.js";
import { buildSummaryRequest, summaryMessage } from "../pure/compaction/summary-request.js";
import { textOf } from "../pure/conversation/history.js";
import { takenUp } from "../pure/fold/steps.js";
import { buildRequest } from "../pure/request/request.js";
import { attemptCall } from "./attempt.js";
import type { LiveRun } from "./live-run.js";
import { raceAbort } from "./race-abort.js";
import { watchStream } from "./stream-watcher.js";
import { withRetries } from "./with-retries.js";

/**
 * Has the oldest messages summarised, in as many attempts as it takes; the summary begins a new segment. Where the API counts tokens, first
 * has the prompt counted. Rejects like a call for a reply; but a request that the API refuses as it is, and a reply without a summary,
 * count as failures, of which a run bears two before it goes on without.
 */
export async function compact(run: LiveRun): Promise<void> {
  const { agent, state } = run;
  if (!compacts(agent)) return;
  if (needsCount(state, agent)) return countPrompt(run);
  const failures = state.run?.summarising.failures ?? 0;
  try {
    await withRetries(run, summariserOf(agent), () => attempt(run, agent));
  } catch (error) {
    const isCounted = (run.state.run?.summarising.failures ?? 0) > failures;
    // What the API would not take has given way, so it is another request that comes next.
    const hasGivenWay = run.state.messages !== state.messages;
    if (!(isCounted || hasGivenWay) || !isApiError(error)) throw error;
  }
}

/**
 * Returns where the API has refused the next prompt as too long and a summary may help: the loop sees to it. Throws what is to be said
 * otherwise.
 */
export function bearTooLong({ state, agent }: LiveRun, error: unknown): void {
  if (!isApiError(error) || !isTooLong(state, agent) || !compacts(agent)) throw error;
  if (planCompaction(state, agent) !== undefined) return;
  throw new HistoryError(
    "This session's prompt is longer than its model takes, and no summary can make it short enough: most likely one message is too long. Use a model with a larger window, a smaller maxTokens where the API counts it too, fork() the session from before that message, or begin another one.",
    { cause: error },
  );
}

/** One attempt at the summary. One that can't be paid for any more is not made: the loop sees to it. */
async function attempt(run: LiveRun, agent: CompactingAgent): Promise<"made" | "over"> {
  const { state, environment } = run;
  const compaction = planCompaction(state, agent);
  const plan = planSummary(state, agent, environment.now());
  if (compaction === undefined || plan.type === "over") return "over";
  const { cut } = compaction;
  const { attempts, failures } = state.run?.summarising ?? { attempts: 0, failures: 0 };
  const summariser = summariserOf(agent);
  // The estimate may be wrong: what was too long once is made much shorter.
  const room = (estimatedWindow(state, agent, summariser) - plan.maxTokens) * (failures === 0 ? 0.9 : 0.6);
  const request = buildSummaryRequest(state, agent, summariser, cut, room, plan.maxTokens);
  const call = { agent: summariser, request, number: attempts + 1, plan, purpose: "compaction" } as const;
  await attemptCall(run, call, watchStream(run), (reply) => {
    const summary = summaryIn(reply);
    if (summary === "") return [];
    const kept = state.messages.length - cut;
    const words = summaryMessage(summary, state.messages.slice(0, cut), agent);
    // With the system prompt that holds now: one that was said in a system message may be among what is summarised.
    return [{ type: "compaction", summary: words, kept, ...prefixOf(agent) }];
  });
  return "made";
}

/**
 * What a reply says that came to its end. Of any other, and of one that calls tools, the words are not the summary: it would take the
 * place of the history with its better half, or with "Let me look that up first."
 */
function summaryIn({ content, stop_reason: stopReason }: Anthropic.Message): string {
  const isWhole = stopReason === "end_turn" || stopReason === "stop_sequence";
  if (!isWhole || content.some(isCall)) return "";
  return textOf({ role: "assistant", content: content as Anthropic.ContentBlockParam[] })
    .trim()
    .toWellFormed();
}

function isCall({ type }: Anthropic.ContentBlock): boolean {
  return type.endsWith("tool_use");
}

/** Where the count fails the estimate has to do; it is committed in its place, so that the question is not asked for ever. */
async function countPrompt(run: LiveRun): Promise<void> {
  const { state, agent, claude } = run;
  const request = buildRequest({ ...state, messages: takenUp(state).messages }, agent);
  const estimate = Math.round(estimateContext(state, agent));
  const tokens = await raceAbort(run.signal, async (signal) =>
    claude.countTokens?.(request, { signal, session: state.session }),
  ).catch(() => undefined);
  const isCount = typeof tokens === "number" && Number.isFinite(tokens);
  await run.commit([{ type: "prompt.count", model: agent.model, tokens: isCount ? tokens : estimate }]);
}
