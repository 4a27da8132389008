import type { AgentEvent, EventBody, Log, Store } from "@lockstitch/core";
import type { Place } from "../kill-point.js";
import type { Holder } from "./holder.js";
import type { KillSwitch } from "./kill-switch.js";

/** A store whose commits are points to be killed and held at, and that tells what it has acknowledged. */
export function watchedStore(
  store: Store,
  { reach }: KillSwitch,
  holder: Holder,
  committed: (events: readonly AgentEvent[]) => void,
): Store {
  const pass = (place: Place): Promise<void> => holder.pass({ place, count: reach(place) });
  const enter = async (bodies: readonly EventBody[]): Promise<void> => {
    await pass("before commit");
    if (bodies.some(({ type }) => type === "run.end")) await pass("at end");
  };
  // One after another: what is appended later must not overtake what is held up.
  let entered: Promise<void> = Promise.resolve();

  const watchedLog = (log: Log): Log => ({
    fence: log.fence,
    lost: log.lost,
    async append(bodies, options) {
      entered = entered.then(() => enter(bodies));
      await entered;
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
