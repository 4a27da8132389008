import type Anthropic from "@anthropic-ai/sdk";
import { isApiError } from "../claude/sdk-error.js";
import type { ModelCall, ModelRequest } from "../claude-function.js";
import { BrokenStreamError, LockstitchError, messageOf } from "../errors.js";
import type { EventBody } from "../events.js";
import { repliedTerms } from "../models/call-terms.js";
import { costOf } from "../models/prices.js";
import type { PreparedAgent } from "../prepare-agent.js";
import { type CallPlan, chargeOf } from "../pure/budget/budget.js";
import { toErrorRecord } from "../pure/error-record.js";
import { checkReply } from "../pure/reply/check-reply.js";
import { endedEarly } from "../pure/reply/stop-reason.js";
import { findCacheMiss } from "../pure/request/cache-miss.js";
import { toUsage } from "../usage.js";
import type { LiveRun } from "./live-run.js";
import { raceAbort } from "./race-abort.js";
import type { StreamWatcher } from "./stream-watcher.js";

type ModelEnd = Extract<EventBody, { type: "model.end" }>;

/** A model call that can be paid for. */
export interface PlannedCall {
  /** Who asks: the run's agent, or that agent as it asks for summaries. */
  readonly agent: PreparedAgent;
  readonly request: ModelRequest;
  readonly number: number;
  readonly plan: Extract<CallPlan, { type: "call" }>;
  readonly purpose?: "compaction";
}

/**
 * One attempt at a model call, from its `model.start` to its `model.end`. A good one commits what `take` makes of the reply in the same
 * append. Rejects with what the attempt failed with.
 */
export async function attemptCall(
  run: LiveRun,
  call: PlannedCall,
  watcher: StreamWatcher,
  take: (reply: Anthropic.Message) => readonly EventBody[],
): Promise<void> {
  await run.commit([modelStart(call)], { barrier: call.plan.reserved !== undefined });
  const startedAt = run.environment.now();
  try {
    const reply = await replyOf(run, call, watcher.emit).catch(async (error: unknown) => {
      watcher.close();
      const failed = modelEnd(run, call, startedAt, outcomeOf(run, error), watcher.seen(), wasRefused(error));
      // Where this can't be committed either, the model's error is still the one that tells why.
      await run.commit([{ ...failed, error: toErrorRecord(error) }]).catch(() => {});
      if (watcher.shown()) run.show({ type: "message.restart", reason: messageOf(error) });
      throw error;
    });
    const taken = take(reply);
    await run.commit([modelEnd(run, call, startedAt, "message", reply), ...taken]);
  } finally {
    watcher.close();
  }
}

function modelStart({ agent, request, number, plan, purpose }: PlannedCall): EventBody {
  return {
    type: "model.start",
    attempt: number,
    model: request.model,
    ...(plan.reserved === undefined ? {} : { reserved: plan.reserved }),
    ...(purpose === undefined && plan.maxTokens < agent.maxTokens ? { maxTokens: plan.maxTokens } : {}),
    ...(purpose === undefined ? {} : { purpose }),
  };
}

function modelEnd(
  { environment, state }: LiveRun,
  { agent, request, number, plan }: PlannedCall,
  startedAt: number,
  outcome: ModelEnd["outcome"],
  reply: { readonly model?: unknown; readonly usage?: unknown; readonly stop_reason?: unknown },
  refused = false,
): ModelEnd {
  // Told by a Claude function that may be anybody's.
  const model = typeof reply.model === "string" ? reply.model : request.model;
  const usage = reply.usage === undefined ? undefined : toUsage(reply.usage);
  const cost =
    usage === undefined
      ? undefined
      : costOf(agent.prices, model, usage, startedAt, repliedTerms(agent, reply.usage));
  const cacheMiss = usage === undefined ? undefined : findCacheMiss(state, agent, { request, usage });
  const { reserved, maxTokens } = plan;
  // Of a reply that was ended early only an estimate is told: it counts like any that did not come to its end.
  const settledAs = outcome === "message" && reply.stop_reason === endedEarly ? "aborted" : outcome;
  const isKnown = settledAs === "message" && cost !== undefined && cost.usd !== null;
  const charged = isKnown
    ? undefined
    : chargeOf({ outcome: settledAs, reserved, maxTokens, usage, refused }, agent, startedAt);
  return {
    type: "model.end",
    attempt: number,
    outcome,
    model,
    ...(usage === undefined || cost === undefined ? {} : { usage, cost }),
    ...(charged === undefined ? {} : { charged }),
    ...(cacheMiss === undefined ? {} : { cacheMiss }),
    durationMs: environment.now() - startedAt,
  };
}

function outcomeOf({ signal }: LiveRun, error: unknown): ModelEnd["outcome"] {
  if (signal.aborted) return "aborted";
  return error instanceof BrokenStreamError ? "broken" : "error";
}

/** The API said no, or nothing was ever sent: an answer that nobody has seen was not made either. */
function wasRefused(error: unknown): boolean {
  if (isApiError(error)) return error.status !== undefined;
  return error instanceof LockstitchError && !(error instanceof BrokenStreamError);
}

async function replyOf(
  run: LiveRun,
  { request, purpose }: PlannedCall,
  emit: ModelCall["emit"],
): Promise<Anthropic.Message> {
  const whose = { session: run.state.session, ...(purpose === undefined ? {} : { purpose }) };
  const reply = await raceAbort(run.signal, (signal) => run.claude(request, { signal, emit, ...whose }));
  checkReply(reply);
  return reply;
}
