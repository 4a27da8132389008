import { join } from "node:path";
import { readLock } from "./lock.js";
import type { Lock } from "./lock-name.js";
import { lookForNews, type News } from "./look.js";
import type { Machine } from "./machine.js";
import { lockDirectory } from "./names.js";
import { readNote } from "./sync-note.js";
import { forgetFrom, takeIn, type View } from "./view.js";

/** How long to wait before another look at a takeover that is under way. */
const pauseMs = 10;

/** Brings the view of a process that doesn't write up to date. Gives back the sessions that have more events than before. */
export async function refresh(machine: Machine, directory: string, view: View): Promise<ReadonlySet<string>> {
  const { disk } = machine;
  const began = machine.now();
  for (;;) {
    const before = await readLock(disk, directory);
    const note = before && (await readNote(disk, join(lockDirectory(directory), before.name)));
    const news = await lookForNews(disk, directory, view, note);
    const after = await readLock(disk, directory);
    if (!isInDoubt(machine, view, news, after, machine.now() - began)) return applyNews(view, news);
    await machine.sleep(pauseMs);
  }
}

export function applyNews(view: View, { forget, readings }: News): ReadonlySet<string> {
  if (forget !== undefined) forgetFrom(view, forget);
  return takeIn(view, readings);
}

/**
 * Between the moment when a process takes the lock and the moment when it has written so into the log, the owner before may still
 * write lines that will not count. They are shown to nobody: a reader waits until the log names the new owner, unless that one
 * died or stood still for longer than its lease, after which it takes over again from the start.
 */
function isInDoubt(
  machine: Machine,
  view: View,
  news: News,
  lock: Lock | undefined,
  waited: number,
): boolean {
  if (lock === undefined || lock.holder.type !== "owner") return false;
  const named = news.readings.reduce((highest, { epoch }) => Math.max(highest, epoch), view.epoch);
  return lock.epoch > named && !machine.isGone(lock.holder.owner) && waited <= lock.holder.leaseMs;
}
