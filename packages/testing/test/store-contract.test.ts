import { type Log, memoryStore, type Store } from "@lockstitch/core";
import { storeContract } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";

describe("a memory store", () => {
  for (const { name, check } of storeContract(() => memoryStore())) it(name, check);
});

describe("the contract of stores", () => {
  const brokenLog = (change: (log: Log) => Partial<Log>) => () => {
    const store = memoryStore();
    const open = async (session: string, owner: string) => {
      const log = await store.open(session, owner);
      return {
        fence: log.fence,
        lost: log.lost,
        append: log.append,
        posted: log.posted,
        close: log.close,
        ...change(log),
      };
    };
    return { ...store, open };
  };
  const broken = (change: (store: Store) => Partial<Store>) => () => {
    const store = memoryStore();
    return { ...store, ...change(store) };
  };

  const mistakes: Readonly<Record<string, () => Store>> = {
    "forgets ifSeq": brokenLog((log) => ({ append: (bodies) => log.append(bodies) })),
    "returns only its own events": brokenLog((log) => ({
      append: async (bodies, options) => (await log.append(bodies, options)).slice(-bodies.length),
    })),
    "hands the same fence to all": brokenLog(() => ({ fence: 1 })),
    "tells of posts that nobody made": brokenLog(() => ({ posted: async () => {} })),
    "keeps its lease when closed": brokenLog(() => ({ close: async () => {} })),
    "forgets keys": broken((store) => ({ post: (session, events) => store.post(session, events) })),
    "reads from the beginning": broken((store) => ({ read: (session) => store.read(session) })),
    "shares a log among sessions": broken((store) => ({ open: (_, owner) => store.open("s", owner) })),
  };

  for (const [mistake, makeStore] of Object.entries(mistakes)) {
    it(`finds out a store that ${mistake}`, async () => {
      const checks = storeContract(makeStore).map(({ check }) => check());
      const failed = (await Promise.allSettled(checks)).filter(({ status }) => status === "rejected");
      expect(failed.length).toBeGreaterThan(0);
    });
  }
});
