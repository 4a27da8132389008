import {
  type AgentEvent,
  LeaseLostError,
  type Log,
  memoryStore,
  type Store,
  StoreError,
} from "@lockstitch/core";

import { turns } from "./clock.js";

/** What goes wrong at a commit. */
export type CommitFault =
  /** It is refused, once, with the store's own error. */
  | "refused"
  /** It is refused, once, by code that knows nothing of our errors. */
  | "plain"
  /** It is in the log, but the store says that it failed. */
  | "unacknowledged"
  /** It is refused, and so is everything after it. */
  | "full"
  /** Another owner has taken over. */
  | "lease"
  /** Another owner takes over right after it. */
  | "lease after";

export interface CommitPlan {
  /** Counted from 1, over all appends of the first run. Default: none of them. */
  readonly nth?: number;
  readonly fault?: CommitFault;
  /** Called right before and right after the nth commit. */
  readonly before?: (store: FaultyStore) => void;
  readonly after?: (store: FaultyStore) => void;
  /** Called with the number of every commit of the first run. */
  readonly at?: (nth: number) => void;
  readonly failsToClose?: boolean;
  /** Turns of the event loop that every commit takes. Default 0. */
  readonly slow?: number;
}

export interface FaultyStore extends Store {
  /** Appends so far. */
  appends(): number;
  /** Appends that went well so far. */
  acknowledged(): number;
  /** What the log has told of itself so far. */
  returned(): readonly AgentEvent[];
  /** Faults so far. */
  faults(): number;
  /** From here on nothing fails. */
  heal(): void;
  /** The log said that this call starts, and the one who asked for it was told so. */
  hasStarted(toolUseId: string): boolean;
  /** Logs and waits that nobody has ended, in words. */
  leftOpen(): readonly string[];
}

/** A memory store whose nth commit goes wrong. */
export function faultyStore(now: () => number, plan: CommitPlan = {}): FaultyStore {
  const { slow = 0 } = plan;
  const store = memoryStore({ now });
  const started = new Set<string>();
  let appends = 0;
  let acknowledged = 0;
  const returned: AgentEvent[] = [];
  let faults = 0;
  let healed = false;
  let logs = 0;
  let waits = 0;

  const openLog = (log: Log): Log => {
    const lost = new AbortController();
    const withheld: AgentEvent[] = [];
    let full = false;
    let last: Promise<unknown> = Promise.resolve();
    const loseLease = (): void => {
      faults += 1;
      lost.abort();
    };

    const append: Log["append"] = (bodies, options) => {
      const appended = last.then(async () => {
        if (slow > 0) await turns(slow);
        return appendNow(bodies, options);
      });
      last = appended.catch(() => {});
      return appended;
    };

    const appendNow: Log["append"] = async (bodies, options) => {
      const nth = ++appends;
      const strikes = !healed && plan.nth === nth;
      if (!healed) plan.at?.(nth);
      if (strikes) plan.before?.(faulty);
      const fault = strikes ? plan.fault : undefined;
      if (fault === "lease") loseLease();
      if (lost.signal.aborted) throw new LeaseLostError("nth");
      if (fault === "full") full = true;
      if (fault === "refused" || (full && !healed)) {
        faults += 1;
        throw new StoreError("The disk is full. Make room and run again.");
      }
      if (fault === "plain") {
        faults += 1;
        throw new Error("EIO: i/o error, write");
      }
      const news = await log.append(bodies, options);
      if (strikes) plan.after?.(faulty);
      if (fault === "lease after") loseLease();
      if (fault === "unacknowledged") {
        faults += 1;
        withheld.push(...news);
        throw new StoreError("The log could not be synced. Run again.");
      }
      const all = [...withheld.splice(0), ...news];
      acknowledged += 1;
      returned.push(...all);
      for (const event of all) if (event.type === "tool.start") started.add(event.toolUseId);
      return all;
    };

    return {
      fence: log.fence,
      lost: lost.signal,
      append,
      posted: (signal) => {
        waits += 1;
        return log.posted(signal).finally(() => {
          waits -= 1;
        });
      },
      close: async () => {
        logs -= 1;
        await log.close();
        if (plan.failsToClose && !healed) throw new Error("EIO: i/o error, close");
      },
    };
  };

  const faulty: FaultyStore = {
    ...store,
    open: async (session, owner) => {
      const log = await store.open(session, owner);
      logs += 1;
      return openLog(log);
    },
    appends: () => appends,
    acknowledged: () => acknowledged,
    returned: () => returned,
    faults: () => faults,
    heal: () => {
      healed = true;
    },
    hasStarted: (toolUseId) => started.has(toolUseId),
    leftOpen: () => [
      ...(logs === 0 ? [] : [`${logs} logs were left open`]),
      ...(waits === 0 ? [] : [`${waits} waits for posts were left behind`]),
    ],
  };
  return faulty;
}
