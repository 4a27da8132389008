import type { Log, Store } from "@lockstitch/core";
import type { Random } from "./random.js";
import type { World } from "./world.js";

/** A store that takes its time to commit, so that others can post between what the loop decided and what it commits. */
export function slowStore(store: Store, random: Random, world: World): Store {
  return {
    ...store,
    open: async (session, owner) => slowLog(await store.open(session, owner), random, world),
  };
}

function slowLog(log: Log, random: Random, world: World): Log {
  let last: Promise<unknown> = Promise.resolve();
  return {
    ...log,
    lost: log.lost,
    append(bodies, options) {
      const before = last;
      const append = async () => {
        // Commits resolve in the order in which they were made, however long each takes.
        await before;
        await new Promise<void>((resolve) => {
          world.at(world.now() + random.below(4), resolve);
        });
        return log.append(bodies, options);
      };
      const appended = append();
      last = appended.catch(() => {});
      return appended;
    },
  };
}
