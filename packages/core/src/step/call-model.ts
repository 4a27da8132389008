import type Anthropic from "@anthropic-ai/sdk";
import pRetry from "p-retry";
import { planRetry } from "../claude/retry.js";
import { retryBudgetOf } from "../claude/retry-budget.js";
import type { ModelRequest, StreamEvent, Wait } from "../claude-function.js";
import { BrokenStreamError, HistoryError, messageOf } from "../errors.js";
import type { EventBody } from "../events.js";
import { costOf, officialPrices } from "../models/prices.js";
import type { Decision } from "../pure/decide.js";
import { toErrorRecord } from "../pure/error-record.js";
import { findHistoryProblem } from "../pure/history.js";
import { sealReply } from "../pure/reply.js";
import { buildRequest } from "../pure/request.js";
import { toUsage } from "../usage.js";
import { createEagerCalls, type EagerCalls } from "./eager.js";
import type { LiveRun } from "./live-run.js";
import { raceAbort } from "./race-abort.js";

type ModelEnd = Extract<EventBody, { type: "model.end" }>;

/**
 * One model call: as many attempts as it takes, each with its start and end committed, and the reply.
 * Rejects with the last attempt's error when no further attempt is worth it; an abort returns, and the loop sees to it.
 */
export async function callModel(
  run: LiveRun,
  decision: Extract<Decision, { type: "call_model" }>,
): Promise<void> {
  if (decision.fresh) {
    await run.commit([{ type: "step.start", step: decision.step }], { ifSeq: run.state.seq });
    // Somebody posted in between and nothing was committed: what they said may change the decision.
    if (run.state.step === undefined) return;
  }
  const request = buildRequest(run.state, run.agent);
  const problem = findHistoryProblem(request.messages, run.state.run?.stopReason === "pause_turn");
  if (problem !== undefined)
    throw new HistoryError(`The API would refuse this history, so it was not sent. ${problem}`);
  await withRetries(run, (number) => attempt(run, request, number));
}

async function withRetries(run: LiveRun, tryOnce: (attempt: number) => Promise<void>): Promise<void> {
  const budget = retryBudgetOf(run.claude);
  let retries = 0;
  let attempts = 0;
  let retryAfterMs: number | undefined;
  try {
    await pRetry(
      (number) => {
        attempts = number;
        return tryOnce(number);
      },
      {
        retries: run.retry.attempts - 1,
        // p-retry waits by the real clock, and knows no retry-after: all waiting is done in shouldRetry.
        minTimeout: 0,
        shouldRetry: async ({ error, attemptNumber }) => {
          const { environment } = run;
          const plan = planRetry(error, attemptNumber, environment.random(), environment.now(), run.retry);
          if (plan.type === "too_long") retryAfterMs = plan.retryAfterMs;
          if (run.signal.aborted || plan.type !== "after" || !budget.take(environment.now())) return false;
          retries += 1;
          run.show({
            type: "wait",
            reason: "retry",
            ms: plan.ms,
            attempt: attemptNumber + 1,
            error: messageOf(error),
          });
          if (plan.ms > 0) await environment.sleep(plan.ms, run.signal);
          return !run.signal.aborted;
        },
      },
    );
    budget.giveBack(retries);
  } catch (error) {
    if (run.signal.aborted) return;
    throw noted(error, { attempts, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  }
}

/** One attempt, from its `model.start` to its `model.end`; a good one commits the reply in the same append. */
async function attempt(run: LiveRun, request: ModelRequest, number: number): Promise<void> {
  await run.commit([{ type: "model.start", attempt: number, model: request.model }]);
  const startedAt = run.environment.now();
  const eager = createEagerCalls(run);
  const watcher = watchStream(run, eager);
  const end = (outcome: ModelEnd["outcome"], reply: { model?: string; usage?: unknown }): ModelEnd => {
    const model = reply.model ?? request.model;
    const usage = reply.usage === undefined ? undefined : toUsage(reply.usage);
    return {
      type: "model.end",
      attempt: number,
      outcome,
      model,
      ...(usage === undefined ? {} : { usage, cost: costOf(officialPrices, model, usage, startedAt) }),
      durationMs: run.environment.now() - startedAt,
    };
  };
  try {
    const reply = await raceAbort(run.signal, (signal) =>
      run.claude(request, { signal, emit: watcher.emit }),
    );
    checkReply(reply);
    const rename = () => `toolu_${run.environment.id()}`;
    const sealed = sealReply(reply, run.state.messages, rename);
    await run.commit([end("message", reply), ...sealed, ...eager.settle(sealed)]);
  } catch (error) {
    eager.discard();
    watcher.close();
    if (run.state.step?.replied) throw error;
    const outcome = run.signal.aborted ? "aborted" : error instanceof BrokenStreamError ? "broken" : "error";
    await run.commit([{ ...end(outcome, watcher.seen()), error: toErrorRecord(error) }]);
    if (watcher.shown()) run.show({ type: "message.restart", reason: messageOf(error) });
    throw error;
  } finally {
    watcher.close();
  }
}

interface StreamWatcher {
  emit(event: StreamEvent | Wait): void;
  /** What a broken attempt had told of its model and usage. */
  seen(): { model?: string; usage?: object };
  shown(): boolean;
  close(): void;
}

/** Shows the pieces of a reply as they come, and remembers what it is known to cost should it break. */
function watchStream(run: LiveRun, eager: EagerCalls): StreamWatcher {
  const heads = new Map<number, Anthropic.RawContentBlockStartEvent["content_block"]>();
  let seen: { model?: string; usage?: object } = {};
  let shown = false;
  let open = true;

  const emit = (event: StreamEvent | Wait): void => {
    // A Claude function that was given up may go on talking; nobody listens any more.
    if (!open) return;
    switch (event.type) {
      case "message_start":
        seen = { model: event.message.model, usage: { ...event.message.usage } };
        return;
      case "message_delta":
        seen = { ...seen, usage: { ...seen.usage, ...event.usage } };
        return;
      case "content_block_start":
        heads.set(event.index, event.content_block);
        return;
      case "content_block_delta": {
        const block = heads.get(event.index);
        if (block === undefined) return;
        shown = true;
        return run.show({ type: "message.delta", index: event.index, block, delta: event.delta });
      }
      case "content_block_stop":
        if (event.content_block?.type === "tool_use") eager.start(event.content_block);
        return;
      case "wait":
        return run.show(event);
      default:
        return;
    }
  };
  return {
    emit,
    seen: () => seen,
    shown: () => shown,
    close: () => {
      open = false;
    },
  };
}

/** A Claude function is anybody's code; what it returns is checked before it enters the history. */
function checkReply(reply: Anthropic.Message): void {
  if (!Array.isArray(reply?.content)) throw new BrokenStreamError("The reply has no content blocks.");
}

/** What the error alone doesn't tell: how often the call was tried, and the wait that the server asked for, where it was too long. */
function noted(
  error: unknown,
  notes: { readonly attempts: number; readonly retryAfterMs?: number },
): unknown {
  return error instanceof Error ? Object.assign(error, notes) : error;
}
