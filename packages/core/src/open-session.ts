import { begin, type CheckedLaunch, resultStands } from "./begin.js";
import type { Environment } from "./environment.js";
import { messageOf, StoreBusyError } from "./errors.js";
import { onAbort } from "./on-abort.js";
import { progressOf, toOwnEnd, toResult } from "./pure/to-result.js";
import { type Result, rememberPartial } from "./result.js";
import type { LiveRun } from "./step/live-run.js";
import { fromStore } from "./store/from-store.js";
import type { Log, Store } from "./store/store.js";

/** A session that is held, with a run to drive. */
export interface Opened {
  readonly live: LiveRun;
  readonly log: Log;
}

/** Opening may take as long as another's lease: an abort doesn't wait for it, and a log that comes too late is closed. */
export async function openLog(
  store: Store,
  session: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<Log> {
  const opening = openPatiently(store, session, environment, signal);
  let held: Log | undefined;
  const late = new AbortController();
  let release = () => {};
  const abandoned = new Promise<never>((_, reject) => {
    // An abort leaves it a moment: a run that could begin is better ended in its log than forgotten.
    const giveUp = () => environment.sleep(openingGraceMs, late.signal).then(() => reject(signal.reason));
    release = onAbort(signal, () => giveUp().catch(() => {}));
  });
  try {
    held = await Promise.race([opening, abandoned]);
    return held;
  } finally {
    release();
    late.abort();
    // Not by whether it was opened: it may be just as the abort wins, and nobody else would close it.
    if (held === undefined) opening.then(closeQuietly, () => {});
  }
}

const openingGraceMs = 50;

/** A process that has just written keeps its store for a moment, so it is waited for before the store is said to be busy. */
async function openPatiently(
  store: Store,
  session: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<Log> {
  for (let waitedMs = 0; ; waitedMs += busy.lookAgainMs) {
    try {
      return await fromStore(() => store.open(session, environment.id()));
    } catch (error) {
      if (!(error instanceof StoreBusyError) || waitedMs >= busy.patienceMs) throw error;
    }
    await environment.sleep(busy.lookAgainMs, signal).catch(() => {});
    signal.throwIfAborted();
  }
}

const busy = { patienceMs: 1_000, lookAgainMs: 50 } as const;

/** Begins on a log that was just opened. One that nobody will drive is closed, or it would keep its session. */
export async function beginOn(
  log: Log,
  makeLive: () => Promise<LiveRun>,
  begun: CheckedLaunch,
  ifPrefixChanged: "reject" | "continue",
): Promise<Opened | Result> {
  let live: LiveRun | undefined;
  try {
    live = await makeLive();
    if ((await begin(live, begun, ifPrefixChanged)) === "drive") return { live, log };
    await closeQuietly(log);
    return resultStands(live.state) ? toOwnEnd(live.state) : toResult(live.state);
  } catch (error) {
    await closeQuietly(log);
    if (live !== undefined) rememberPartial(error, progressOf(live.state));
    throw error;
  }
}

/** What was committed stands; that its log can't be closed must not hide how the run ended. */
export async function closeQuietly(log: Log): Promise<void> {
  await log
    .close()
    .catch((error: unknown) => console.warn(`Lockstitch: a log could not be closed: ${messageOf(error)}`));
}
