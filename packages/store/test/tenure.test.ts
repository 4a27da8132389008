import type { AgentEvent, Log, Store } from "@lockstitch/core";
import { describe, expect, it } from "vitest";
import { createFileStore } from "../src/file/file-store.js";
import type { Machine } from "../src/file/machine.js";
import { defaultSettings, type Settings } from "../src/file/settings.js";
import { all, begin, said, texts } from "./helpers.js";
import { settle } from "./simulation/game.js";
import { type SimulatedProcess, World } from "./simulation/world.js";

const leaseMs = 1_000;
const lingerMs = 300;
const settings: Settings = { ...defaultSettings, leaseMs, lingerMs, onRepair: () => {}, now: () => 7 };

/** A process with a store, and a way to wait for what it does. */
interface Actor {
  readonly process: SimulatedProcess;
  readonly store: Store;
  done<Value>(promise: Promise<Value>): Promise<Value>;
}

function start(world: World, change: (machine: Machine) => Machine = (machine) => machine): Actor {
  const process = world.start();
  return {
    process,
    store: createFileStore(change(process.machine), "/store", settings),
    async done(promise) {
      await settle(world, promise);
      return promise;
    },
  };
}

/** Stops a process for longer than its lease. What it had asked of the kernel is done by then. */
async function stopForLong(world: World, { process }: Actor): Promise<void> {
  process.stop();
  await new Promise((resolve) => setImmediate(resolve));
  world.advance(2 * leaseMs);
}

const read = (store: Store): Promise<readonly AgentEvent[]> => all(store.read("s"));
const lockOf = (world: World) => world.names("/store/lock")[0] ?? "";

describe("the writer of a directory", () => {
  it("keeps it for as long as it has a session open and gives signs of life, however little it does", async () => {
    const world = new World(1);
    const [owner, other] = [start(world), start(world)];
    const log = await owner.done(begin(owner.store, "s"));
    for (let lease = 0; lease < 20; lease++) {
      await owner.done(owner.process.machine.sleep(leaseMs));
      await expect(other.done(other.store.open("t", "me"))).rejects.toMatchObject({ name: "StoreBusyError" });
    }
    expect(log.lost.aborted).toBe(false);
  });

  it("lets go a while after its last session was closed, and not if another is opened in the meantime", async () => {
    const world = new World(1);
    const owner = start(world);
    const sleep = (milliseconds: number) => owner.done(owner.process.machine.sleep(milliseconds));
    const log = await owner.done(begin(owner.store, "s"));
    await log.close();
    await sleep(lingerMs / 2);
    const next = await owner.done(owner.store.open("s", "me"));
    await sleep(3 * lingerMs);
    expect(lockOf(world)).toContain("00000001.pid-");
    await next.close();
    await sleep(3 * lingerMs);
    expect(lockOf(world)).toBe("00000001.released");
  });

  it("lets go even if a post comes in when it is about to", async () => {
    const world = new World(1);
    const [owner, poster] = [start(world), start(world)];
    const log = await owner.done(begin(owner.store, "s"));
    await log.close();
    await poster.done(poster.store.post("s", [said("a")]));
    await owner.done(owner.process.machine.sleep(3 * lingerMs));
    expect(lockOf(world)).toMatch(/released$/);
  });

  it("can be opened, read and listed at once, and none waits for another", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const world = new World(seed);
      const first = start(world);
      await first.done(begin(first.store, "s"));
      first.process.kill();
      const actor = start(world);
      const before = world.now;
      const all = [
        read(actor.store),
        actor.store.open("s", "me"),
        read(actor.store),
        actor.store.open("t", "me"),
      ];
      await actor.done(Promise.all(all));
      expect(world.now - before).toBeLessThan(leaseMs / 2);
    }
  });

  it("notices by itself that it was overtaken, even if it has nothing to write", async () => {
    const world = new World(1);
    const [owner, heir] = [start(world), start(world)];
    const log = await owner.done(begin(owner.store, "s"));
    const posted = expect(log.posted(new AbortController().signal)).rejects.toMatchObject({
      name: "LeaseLostError",
    });
    await stopForLong(world, owner);
    const next = await heir.done(heir.store.open("s", "me"));
    expect(next.fence).toBeGreaterThan(log.fence);
    owner.process.wake();
    await owner.done(owner.process.machine.sleep(leaseMs));
    expect(log.lost.aborted).toBe(true);
    await posted;
    await expect(owner.done(log.append([]))).rejects.toMatchObject({ name: "LeaseLostError" });
    await expect(owner.done(owner.store.open("s", "me"))).rejects.toMatchObject({ name: "StoreBusyError" });
    expect(next.lost.aborted).toBe(false);
  });

  it("acknowledges nothing once it was overtaken, be it while it waited for the disk", async () => {
    let overtaken = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const world = new World(seed);
      const [owner, heir] = [start(world), start(world)];
      const log = await owner.done(begin(owner.store, "s"));
      const { syncs } = owner.process.counts;
      let outcome = "pending";
      const append = log.append([said("a")], { barrier: true }).then(
        () => {
          outcome = "acknowledged";
        },
        (error: Error) => {
          outcome = error.name;
        },
      );
      await world.until(append, () => owner.process.counts.syncs > syncs);
      await stopForLong(world, owner);
      if (outcome !== "pending") continue;
      overtaken += 1;
      // It is written by now, and whoever takes over finds it; what it was to permit must not be done by both.
      const next = await heir.done(heir.store.open("s", "me"));
      expect(texts(await heir.done(next.append([])))).toEqual(["a"]);
      owner.process.wake();
      await owner.done(append);
      expect(outcome, `seed ${seed}`).toBe("LeaseLostError");
    }
    expect(overtaken).toBeGreaterThan(5);
  });

  it("can be had again by a process that was overtaken, once it is free", async () => {
    const world = new World(1);
    const [owner, heir] = [start(world), start(world)];
    await owner.done(begin(owner.store, "s"));
    await stopForLong(world, owner);
    const next = await heir.done(heir.store.open("s", "me"));
    await heir.done(next.append([said("by the heir")]));
    owner.process.wake();
    await owner.done(owner.process.machine.sleep(leaseMs));
    await next.close();
    await heir.done(heir.process.machine.sleep(3 * lingerMs));
    const again = await owner.done(owner.store.open("s", "me"));
    expect(texts(await owner.done(again.append([said("again")])))).toEqual(["by the heir", "again"]);
  });
});

describe("a reader", () => {
  it("is shown nothing that an owner writes after it was overtaken, however long the takeover takes", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const world = new World(seed);
      const [owner, heir, reader] = [start(world), start(world), start(world)];
      const log: Log = await owner.done(begin(owner.store, "s"));
      await owner.done(log.append([said("on disk")], { barrier: true }));
      await stopForLong(world, owner);
      // The heir has the lock and has looked at the log; before it has said so there, it is stopped as well.
      const opening = heir.store.open("s", "me");
      await world.until(opening, () => world.names("/store").includes("00000002.jsonl"));
      heir.process.stop();
      owner.process.wake();
      await expect(owner.done(log.append([said("too late")]))).rejects.toMatchObject({
        name: "LeaseLostError",
      });
      const seen = await reader.done(read(reader.store));
      expect(texts(seen)).toEqual(["on disk"]);
      heir.process.wake();
      await heir.done(opening);
      expect(await reader.done(read(reader.store))).toEqual(seen);
    }
  });
});

describe("the inbox", () => {
  it("keeps aside what is no post, and goes on with those that are", async () => {
    const world = new World(1);
    const [owner, poster] = [start(world), start(world)];
    const log = await owner.done(begin(owner.store, "s"));
    const { disk } = owner.process.machine;
    const put = async () => {
      const file = await disk.open("/store/inbox/000.json", "create");
      await file.write(Buffer.from("rubbish"), 0);
    };
    await owner.done(put());
    await poster.done(poster.store.post("s", [said("a"), said("b")]));
    expect(texts(await owner.done(log.append([])))).toEqual(["a", "b"]);
    expect(world.names("/store/inbox")).toEqual(["000.json.refused"]);
  });

  it("is looked into within 100 ms where the system promises to tell of changes, and tells of none", async () => {
    const silent = (machine: Machine) => ({ ...machine, disk: { ...machine.disk, watch: () => () => {} } });
    for (let seed = 1; seed <= 20; seed++) {
      const world = new World(seed);
      const [owner, poster] = [start(world, silent), start(world)];
      await owner.done(begin(owner.store, "s"));
      const before = world.now;
      const posting = poster.store.post("s", [said("a")]);
      await world.until(posting, () => world.names("/store/inbox").length > 0);
      await world.until(posting, () => world.names("/store/inbox").length === 0);
      expect(world.now - before, `seed ${seed}`).toBeLessThan(100);
      await poster.done(posting);
    }
  });

  it("fails a post whose file something else removed, after a lease and not at once", async () => {
    const world = new World(1);
    const [owner, poster] = [start(world), start(world)];
    const log = await owner.done(begin(owner.store, "s"));
    owner.process.stop();
    const posting = poster.store.post("s", [said("a")]);
    const posts = () => world.names("/store/inbox").filter((name) => name.endsWith(".json"));
    await world.until(posting, () => posts().length > 0);
    world.remove(`/store/inbox/${posts()[0]}`);
    owner.process.wake();
    const before = world.now;
    await expect(poster.done(posting)).rejects.toMatchObject({
      name: "StoreError",
      message: expect.stringMatching(
        /a post to session s is gone from the inbox, and not to be found in the log.* Read the session before you post it again/,
      ),
    });
    expect(world.now - before).toBeGreaterThan(leaseMs);
    expect(world.now - before).toBeLessThan(2 * leaseMs);
    await owner.done(log.append([said("b")]));
    expect(texts(await poster.done(read(poster.store)))).toEqual(["b"]);
  });

  it("takes in what one process posts in the order it was posted, and each post once", async () => {
    const world = new World(3);
    const [owner, poster] = [start(world), start(world)];
    await owner.done(begin(owner.store, "s"));
    for (let round = 0; round < 10; round++) await poster.done(poster.store.post("s", [said(String(round))]));
    expect(texts(await poster.done(read(poster.store)))).toEqual(
      Array.from({ length: 10 }, (_, round) => String(round)),
    );
  });
});
