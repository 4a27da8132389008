import { onAbort } from "./on-abort.js";
import type { LiveRun } from "./step/live-run.js";
import { fromStore } from "./store/from-store.js";
import type { Log } from "./store/store.js";

/** The one way in which a run is told to stop, whoever says so. */
export interface Stopping {
  readonly signal: AbortSignal;
  /** Who or what said so first: `"caller"`, `"signal"`, `"maxDurationMs"`, or who aborted it from outside. */
  readonly by: string | undefined;
  stop(by: string): void;
  /** What went wrong beside the loop, first. The run stops, and rejects with it. */
  readonly failure: { readonly error: unknown } | undefined;
  fail(error: unknown): void;
}

export function createStopping(): Stopping {
  const controller = new AbortController();
  let stoppedBy: string | undefined;
  let failure: { readonly error: unknown } | undefined;
  const stop = (by: string): void => {
    if (stoppedBy !== undefined) return;
    stoppedBy = by;
    controller.abort(new DOMException("The run was aborted.", "AbortError"));
  };
  return {
    signal: controller.signal,
    get by() {
      return stoppedBy;
    },
    get failure() {
      return failure;
    },
    stop,
    fail(error) {
      failure ??= { error };
      stop("error");
    },
  };
}

/** Stops the run when its caller's signal aborts. Returns how to let go of it: many runs may share one. */
export function stopWith(stopping: Stopping, signal: AbortSignal | undefined): () => void {
  return signal === undefined ? () => {} : onAbort(signal, () => stopping.stop("signal"));
}

/** Stops the run when its time is up, its lease is lost, or an outsider posted an abort. Returns how to let go of all these. */
export function stopFromOutside(stopping: Stopping, live: LiveRun, log: Log): () => void {
  const over = new AbortController();
  const keepLease = onAbort(log.lost, () => stopping.stop("lease"));
  void stopInTime(stopping, live, over.signal);
  void followPosts(stopping, live, log, over.signal);
  return () => {
    keepLease();
    over.abort();
  };
}

async function stopInTime(stopping: Stopping, live: LiveRun, until: AbortSignal): Promise<void> {
  const { maxDurationMs } = live.agent.limits;
  if (maxDurationMs === undefined || maxDurationMs === Number.POSITIVE_INFINITY) return;
  try {
    await live.environment.sleep(maxDurationMs, until);
  } catch {
    // The run was over before its time was.
    return;
  }
  stopping.stop("maxDurationMs");
}

/** Folds in what others post while the loop waits for a model or a tool, so that an abort is noticed at once. */
async function followPosts(stopping: Stopping, live: LiveRun, log: Log, until: AbortSignal): Promise<void> {
  try {
    while (!until.aborted) {
      await fromStore(() => log.posted(until));
      if (until.aborted) return;
      await live.commit([]);
      const by = live.state.run?.abortedBy;
      if (by !== undefined) stopping.stop(by);
    }
  } catch (error) {
    // Not left to the loop's own next commit: a tool that never ends would never let it come to that.
    if (!until.aborted) stopping.fail(error);
  }
}
