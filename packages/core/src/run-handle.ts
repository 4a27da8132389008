import type { AgentEvent, Delta } from "./events.js";
import type { Feed } from "./feed.js";
import type { Input } from "./input.js";
import type { Approval, Result } from "./result.js";

/**
 * A running agent: a promise of its `Result` that can also be watched.
 * Iterating shows the committed events from the first, then goes on live, deltas included; leaving early does not stop the run.
 * Beware: an `async` function that returns a `Run` returns its `Result`. Return `{ run }` to hand the run itself on.
 */
export interface Run<Output = unknown>
  extends PromiseLike<Result<Output>>,
    AsyncIterable<AgentEvent | Delta> {
  /** The session's id. */
  readonly id: string;
  then: Promise<Result<Output>>["then"];
  catch: Promise<Result<Output>>["catch"];
  finally: Promise<Result<Output>>["finally"];
  /** Stops the run. It then resolves, with `reason: "aborted"` and a history that can be gone on from. */
  abort(): void;
  /** Says something to the running agent: taken up at its next step. Rejects once the run has ended. */
  steer(input: Input): Promise<void>;
  /**
   * Answers a call that waits for a person: one of the run's own by its id; a subagent's by its approval, or its `approval.request`
   * event, which name its session. Rejects with `ApprovalError` where it doesn't wait.
   */
  approve(call: string | Pick<Approval, "session" | "toolUseId">, answer: ApprovalAnswer): Promise<void>;
}

/** A person's answer to a call that waits for one. */
export interface ApprovalAnswer {
  readonly approved: boolean;
  /** Told to the model where the answer is no. */
  readonly reason?: string;
}

export type RunControls = Pick<Run, "abort" | "steer" | "approve">;

export function createRun(
  id: string,
  result: Promise<Result>,
  feed: Feed<AgentEvent | Delta>,
  controls: RunControls,
): Run {
  result.then(
    () => feed.close(),
    // Whoever awaits or iterates the run learns of the error there; a run that nobody looks at must not take the process down.
    (error: unknown) => feed.close({ error }),
  );
  return {
    id,
    // biome-ignore lint/suspicious/noThenProperty: a run is awaited; that is what it is for.
    then: (onResult, onError) => result.then(onResult, onError),
    catch: (onError) => result.catch(onError),
    finally: (onEnd) => result.finally(onEnd),
    abort: controls.abort,
    steer: controls.steer,
    approve: controls.approve,
    [Symbol.asyncIterator]: () => feed[Symbol.asyncIterator](),
  };
}
