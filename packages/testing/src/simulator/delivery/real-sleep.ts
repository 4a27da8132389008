import { setTimeout } from "node:timers/promises";

/** What a timer of Node holds: a longer one would be none at all. */
const longest = 2 ** 31 - 1;

/** Waits in real time, however long; rejects when the signal aborts. */
export async function realSleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  for (let left = milliseconds; left > 0; left -= longest)
    await setTimeout(Math.min(left, longest), undefined, { signal });
}
