import { join } from "node:path";
import { readLock } from "./lock.js";
import type { Lock } from "./lock-name.js";
import { isReplaced, settleLog } from "./log-identity.js";
import { lookForNews, type News } from "./look.js";
import type { Machine } from "./machine.js";
import { lockDirectory } from "./names.js";
import { readNote } from "./sync-note.js";
import { forgetFrom, type Reading, takeIn, type View } from "./view.js";

/** How long to wait before another look at a takeover that is under way. */
const pauseMs = 10;

/** Brings the view of a process that doesn't write up to date. Gives back the sessions that have more events than before. */
export async function refresh(machine: Machine, directory: string, view: View): Promise<ReadonlySet<string>> {
  const { disk } = machine;
  for (;;) {
    await settleLog(disk, directory, view);
    try {
      return await lookOn(machine, directory, view);
    } catch (error) {
      // Another log may have been put in the place of this one while it was looked at.
      if (!(await isReplaced(disk, directory, view.log))) throw error;
    }
  }
}

async function lookOn(machine: Machine, directory: string, view: View): Promise<ReadonlySet<string>> {
  const { disk } = machine;
  let awaited: { readonly epoch: number; readonly since: number } | undefined;
  for (;;) {
    const began = machine.elapsed();
    const before = await readLock(disk, directory);
    const note = before && (await readNote(disk, join(lockDirectory(directory), before.name)));
    const news = await lookForNews(disk, directory, view, note);
    const claim = unnamedClaim(machine, view, news, await readLock(disk, directory));
    if (claim === undefined) return applyNews(view, news);
    // Only what was looked at after the wait counts: this process may itself have stood still.
    if (claim.epoch !== awaited?.epoch) awaited = { epoch: claim.epoch, since: machine.elapsed() };
    else if (began - awaited.since > claim.leaseMs) return applyNews(view, withoutDoubt(news));
    await machine.sleep(pauseMs);
  }
}

export function applyNews(view: View, { forget, readings }: News): ReadonlySet<string> {
  if (forget !== undefined) forgetFrom(view, forget);
  return takeIn(view, readings);
}

/**
 * The owner who has the lock and is not named in the log yet. Until it is, the owner before may still write lines that will not
 * count, and that nobody may be shown: a reader waits for the takeover to be through.
 */
function unnamedClaim(
  machine: Machine,
  view: View,
  news: News,
  lock: Lock | undefined,
): { readonly epoch: number; readonly leaseMs: number } | undefined {
  if (lock === undefined || lock.holder.type !== "owner" || machine.isGone(lock.holder.owner))
    return undefined;
  const named = news.readings.reduce((highest, { epoch }) => Math.max(highest, epoch), view.epoch);
  return lock.epoch > named ? { epoch: lock.epoch, leaseMs: lock.holder.leaseMs } : undefined;
}

/** Where a takeover stands still: what is known to have been on disk was there before it, and is the only thing that is sure. */
function withoutDoubt(news: News): News {
  if (news.forget !== undefined) return { ...news, forget: undefined, readings: [] };
  return { ...news, readings: news.readings.map(sureOf) };
}

function sureOf(reading: Reading): Reading {
  if (reading.end !== undefined) return reading;
  const notes = reading.notes.filter(({ offset, length }) => offset + length <= reading.synced);
  const last = notes.at(-1);
  return { ...reading, notes, read: last === undefined ? reading.from : last.offset + last.length };
}
