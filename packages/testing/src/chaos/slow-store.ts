import { type Log, type Store, StoreError } from "@lockstitch/core";
import type { Random } from "./random.js";
import type { World } from "./world.js";

/**
 * A store that takes its time to commit, so that others can post between what the loop decided and what it commits;
 * and that now and then fails a commit, once.
 */
export function slowStore(store: Store, random: Random, world: World, healed: () => boolean): Store {
  return {
    ...store,
    open: async (session, owner) => {
      const failing = !healed() && random.chance(0.1) ? random.below(30) : -1;
      return slowLog(await store.open(session, owner), failing, random, world);
    },
  };
}

function slowLog(log: Log, failing: number, random: Random, world: World): Log {
  let last: Promise<unknown> = Promise.resolve();
  let appends = 0;
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
        if (appends++ === failing && bodies.length > 0) throw new StoreError("The disk is full.");
        return log.append(bodies, options);
      };
      const appended = append();
      last = appended.catch(() => {});
      return appended;
    },
  };
}
