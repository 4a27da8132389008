import type Anthropic from "@anthropic-ai/sdk";
import type { ModelCall, ModelRequest } from "../claude-function.js";
import { BrokenStreamError, HistoryError, messageOf } from "../errors.js";
import type { EventBody } from "../events.js";
import { costOf, officialPrices } from "../models/prices.js";
import { checkReply } from "../pure/check-reply.js";
import type { Decision } from "../pure/decide.js";
import { toErrorRecord } from "../pure/error-record.js";
import { findHistoryProblem } from "../pure/history.js";
import { sealReply } from "../pure/reply.js";
import { buildRequest } from "../pure/request.js";
import { toUsage } from "../usage.js";
import { createEagerCalls } from "./eager.js";
import type { LiveRun } from "./live-run.js";
import { raceAbort } from "./race-abort.js";
import { watchStream } from "./stream-watcher.js";
import { withRetries } from "./with-retries.js";

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
  const problem = findHistoryProblem(request.messages, run.state.stopReason === "pause_turn");
  if (problem !== undefined)
    throw new HistoryError(`The API would refuse this history, so it was not sent. ${problem}`);
  // Counted on where a process that died has left off.
  await withRetries(run, () => attempt(run, request, (run.state.step?.attempts ?? 0) + 1));
}

/** One attempt, from its `model.start` to its `model.end`; a good one commits the reply in the same append. */
async function attempt(run: LiveRun, request: ModelRequest, number: number): Promise<void> {
  await run.commit([{ type: "model.start", attempt: number, model: request.model }]);
  const startedAt = run.environment.now();
  const eager = createEagerCalls(run);
  const watcher = watchStream(run, eager);
  const end = (outcome: ModelEnd["outcome"], reply: { model?: unknown; usage?: unknown }): ModelEnd => {
    // Told by a Claude function that may be anybody's.
    const model = typeof reply.model === "string" ? reply.model : request.model;
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
    const reply = await replyOf(run, request, watcher.emit).catch(async (error: unknown) => {
      watcher.close();
      const outcome = run.signal.aborted
        ? "aborted"
        : error instanceof BrokenStreamError
          ? "broken"
          : "error";
      // Where this can't be committed either, the model's error is still the one that tells why.
      await run.commit([{ ...end(outcome, watcher.seen()), error: toErrorRecord(error) }]).catch(() => {});
      if (watcher.shown()) run.show({ type: "message.restart", reason: messageOf(error) });
      throw error;
    });
    const sealed = sealReply(reply, run.state.messages, () => `toolu_${run.environment.id()}`);
    await run.commit([end("message", reply), ...sealed, ...eager.settle(sealed)]);
    eager.show();
  } finally {
    watcher.close();
    eager.discard();
  }
}

async function replyOf(
  run: LiveRun,
  request: ModelRequest,
  emit: ModelCall["emit"],
): Promise<Anthropic.Message> {
  const reply = await raceAbort(run.signal, (signal) => run.claude(request, { signal, emit }));
  checkReply(reply);
  return reply;
}
