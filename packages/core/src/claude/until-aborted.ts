import { onAbort } from "../on-abort.js";

/** Work, given up as soon as the signal aborts: a Claude function that goes on when it is aborted must not keep anybody with it. */
export async function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  let release = () => {};
  const aborted = new Promise<never>((_, reject) => {
    release = onAbort(signal, () => reject(signal.reason));
  });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    release();
  }
}
