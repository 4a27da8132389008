import type { AgentEvent, Log, Store } from "@lockstitch/core";
import type { KillSwitch } from "./kill-switch.js";

/** A store whose commits are kill points, and that tells what it has acknowledged. */
export function watchedStore(
  store: Store,
  { reach }: KillSwitch,
  committed: (events: readonly AgentEvent[]) => void,
): Store {
  const watchedLog = (log: Log): Log => ({
    fence: log.fence,
    lost: log.lost,
    async append(bodies, options) {
      reach("before commit");
      const events = await log.append(bodies, options);
      if (events.length > 0) committed(events);
      reach("after commit");
      return events;
    },
    posted: (signal) => log.posted(signal),
    close: () => log.close(),
  });
  return {
    open: async (session, owner) => watchedLog(await store.open(session, owner)),
    post: (session, events, options) => store.post(session, events, options),
    read: (session, after) => store.read(session, after),
    watch: (session, after, signal) => store.watch(session, after, signal),
    list: () => store.list(),
  };
}
