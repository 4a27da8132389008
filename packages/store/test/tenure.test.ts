import type { Log } from "@lockstitch/core";
import { describe, expect, it } from "vitest";
import { begin, said, texts } from "./helpers.js";
import { leaseMs, lingerMs, read, start, stopForLong } from "./simulation/actor.js";
import { World } from "./simulation/world.js";

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
