import type { Log, Store } from "@lockstitch/core";

/** What a process fails with that is no more. */
class Died extends Error {}

/**
 * A store as one process sees it that dies at its nth append: what it had committed stays, the rest never happened; or the append is
 * the last that did.
 */
export function mortalStore(
  store: Store,
  appends: number,
  isCommitted: boolean,
): Store & { readonly logs: Log[] } {
  let left = appends;
  const logs: Log[] = [];
  return {
    ...store,
    logs,
    async open(session, owner) {
      if (left <= 0) throw new Died();
      const log = await store.open(session, owner);
      logs.push(log);
      return {
        ...log,
        get lost() {
          return log.lost;
        },
        fence: log.fence,
        posted: (signal) => log.posted(signal),
        close: async () => {},
        async append(bodies, options) {
          if (bodies.length > 0) left -= 1;
          if (left < 0) throw new Died();
          if (left > 0) return log.append(bodies, options);
          if (isCommitted) await log.append(bodies, options);
          throw new Died();
        },
      };
    },
  };
}
