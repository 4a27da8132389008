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
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      reject(outer.reason);
      inner.abort(outer.reason);
    };
  });
  // Work that aborts the run and throws in one breath leaves before the race has begun.
  aborted.catch(() => {});
  outer.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([aborted, work(inner.signal)]);
  } finally {
    outer.removeEventListener("abort", onAbort);
  }
}
