import { onAbort } from "../on-abort.js";

/**
 * Runs `work` with a signal of its own; as soon as `outer` aborts, rejects with its reason, whether or not `work` listens.
 * Leaves no listener behind on `outer`, which may be shared by a thousand runs.
 */
export async function raceAbort<Value>(
  outer: AbortSignal,
  work: (signal: AbortSignal) => Value | Promise<Value>,
): Promise<Value> {
  outer.throwIfAborted();
  const inner = new AbortController();
  let release = () => {};
  const aborted = new Promise<never>((_, reject) => {
    release = onAbort(outer, () => {
      reject(outer.reason);
      inner.abort(outer.reason);
    });
  });
  // Work that aborts the run and throws in one breath leaves before the race has begun.
  aborted.catch(() => {});
  try {
    return await Promise.race([aborted, work(inner.signal)]);
  } finally {
    release();
  }
}
