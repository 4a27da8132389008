import { type Agent, type Input, prepareAgent, toMessages } from "./agent.js";
import { begin } from "./begin.js";
import { realEnvironment } from "./environment.js";
import { LeaseLostError, StoreError } from "./errors.js";
import type { AgentEvent, Delta, EndReason } from "./events.js";
import { createFeed } from "./feed.js";
import type { LimitName } from "./limits.js";
import { checkOptions, defaultClaude, type RunOptions, retryOf } from "./options.js";
import { decide, endStep } from "./pure/decide.js";
import { toErrorRecord } from "./pure/error-record.js";
import { progressOf, toResult } from "./pure/to-result.js";
import { type Result, rememberPartial } from "./result.js";
import { createRun, type Run } from "./run-handle.js";
import { callModel } from "./step/call-model.js";
import { checkTools } from "./step/check-tools.js";
import { createLiveRun, type LiveRun } from "./step/live-run.js";
import { runTools } from "./step/run-tools.js";
import { createStopping, type Stopping, stopFromOutside } from "./stopping.js";
import { memoryStore } from "./store/memory-store.js";
import { safely, warnOfUnknownModel } from "./warnings.js";

/**
 * Starts an agent on an input, at once. Await the run for its `Result`, or iterate it to watch.
 * It rejects with `AgentError` for an agent, input or options that can't be meant, `MissingKeyError` where there is no key,
 * and with the SDK's own error class for a model call that failed for good; `partialOf(error)` tells how far it had come.
 */
export function run(agent: Agent, input: Input, options: RunOptions = {}): Run {
  const environment = options.environment ?? realEnvironment;
  const session = options.session ?? environment.id();
  const store = options.store ?? memoryStore({ now: environment.now });
  const feed = createFeed<AgentEvent | Delta>();
  const stopping = createStopping();
  const onEvent = safely(options.onEvent);
  const watch = (event: AgentEvent | Delta): void => {
    feed.push(event, { kept: "seq" in event });
    onEvent(event);
  };

  const open = async (): Promise<{ readonly live: LiveRun; close(): Promise<void> }> => {
    checkOptions(options);
    const prepared = prepareAgent(agent);
    const messages = toMessages(input);
    warnOfUnknownModel(prepared.model);
    const log = await store.open(session, environment.id());
    const parts = {
      agent: prepared,
      claude: options.claude ?? defaultClaude(),
      retry: retryOf(options.retry),
      environment,
    };
    const live = await createLiveRun(
      { ...parts, signal: stopping.signal, stop: stopping.stop },
      session,
      log,
      watch,
    );
    const letGo = stopFromOutside(stopping, live, log, options.signal);
    const close = async () => {
      letGo();
      await log.close();
    };
    await begin(live, messages).catch(async (error: unknown) => {
      await close();
      throw error;
    });
    return { live, close };
  };

  const opened = open();
  const result = opened.then(({ live, close }) => drive(live, stopping).finally(close));
  return createRun(session, result, feed, {
    abort: () => stopping.stop("caller"),
    steer: async (said) => {
      const messages = toMessages(said);
      const { live } = await opened;
      if (live.state.run?.end !== undefined) {
        throw new StoreError(
          `The run of session ${session} has ended. Start another with run(), in the same session to go on with it.`,
        );
      }
      await store.post(session, [{ type: "input", messages }]);
    },
  });
}

/** The loop: decide what is next, do it, commit what came of it. */
async function drive(live: LiveRun, stopping: Stopping): Promise<Result> {
  try {
    for (;;) {
      if (stopping.by !== undefined && live.state.run?.abortedBy === undefined) {
        await live.commit([{ type: "run.abort", by: stopping.by }]);
      }
      const decision = decide(live.state, live.agent, live.environment.now());
      switch (decision.type) {
        case "call_model":
          await callModel(live, decision);
          break;
        case "check_tools":
          await checkTools(live, decision.calls);
          break;
        case "run_tools":
          await runTools(live, decision.calls);
          break;
        case "end_step":
          await live.commit(decision.bodies);
          break;
        case "end":
          if (await end(live, decision.reason, decision.limit)) return toResult(live.state);
          break;
        default:
          throw unknownDecision(decision);
      }
    }
  } catch (error) {
    // Nothing may be left running: a tool beside the one whose commit failed, say.
    stopping.stop("error");
    throw await endWithError(live, error);
  }
}

/** Commits the run's end, unless somebody said something in the meantime: then it goes on. */
async function end(live: LiveRun, reason: EndReason, limit?: LimitName): Promise<boolean> {
  const { steps, usage, cost } = progressOf(live.state);
  const body = {
    type: "run.end" as const,
    reason,
    ...(limit === undefined ? {} : { limit }),
    steps,
    usage,
    cost,
  };
  await live.commit([body], { ifSeq: live.state.seq });
  return live.state.run?.end !== undefined;
}

/** Leaves a legal history behind, remembers how far the run had come, and gives back the error to reject with. */
async function endWithError(live: LiveRun, error: unknown): Promise<unknown> {
  if (!(error instanceof LeaseLostError)) {
    const { step } = live.state;
    const closing = step === undefined ? [] : endStep(step).bodies;
    const { steps, usage, cost } = progressOf(live.state);
    // A store that failed once may fail again; the first error is the one that tells why.
    await live
      .commit([
        ...closing,
        { type: "run.end", reason: "error", steps, usage, cost, error: toErrorRecord(error) },
      ])
      .catch(() => {});
  }
  rememberPartial(error, progressOf(live.state));
  return error;
}

function unknownDecision(decision: never): Error {
  return new Error(`The loop has no word for the decision ${JSON.stringify(decision)}.`);
}
