import type { Machine } from "./machine.js";

/**
 * For how long this process has seen a lock without a new sign of life, in milliseconds of its own clock. `writtenAt` is when the
 * lock says its last one was, and `lookedAt` when this process began to ask, by the clock that nobody sets.
 */
export type LockWatch = (name: string, writtenAt: number, lookedAt: number) => number;

/**
 * The date of a lock alone may lie: where a clock was set back, or another machine's is ahead, it lies in the future, and a lock
 * whose owner is long gone would be held until then.
 */
export function createLockWatch({ elapsed }: Machine): LockWatch {
  let seen: { readonly name: string; readonly writtenAt: number; readonly since: number } | undefined;
  return (name, writtenAt, lookedAt) => {
    if (seen?.name !== name || seen.writtenAt !== writtenAt) seen = { name, writtenAt, since: elapsed() };
    return Math.max(0, lookedAt - seen.since);
  };
}
