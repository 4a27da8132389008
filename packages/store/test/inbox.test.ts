import { describe, expect, it } from "vitest";
import type { Machine } from "../src/file/machine.js";
import { begin, said, texts } from "./helpers.js";
import { leaseMs, read, start, stopForLong } from "./simulation/actor.js";
import { World } from "./simulation/world.js";

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
      const log = await owner.done(begin(owner.store, "s"));
      const heard = log.posted(new AbortController().signal);
      const before = world.now;
      const posting = poster.store.post("s", [said("a")]);
      await world.until(posting, () => world.names("/store/inbox").length > 0);
      await world.until(posting, () => world.names("/store/inbox").length === 0);
      await owner.done(heard);
      expect(world.now - before, `seed ${seed}`).toBeLessThan(100);
      expect(texts(await owner.done(log.append([]))), `seed ${seed}`).toEqual(["a"]);
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

  it("takes in what one process posts at once in the order of the calls", async () => {
    const texts20 = Array.from({ length: 20 }, (_, round) => String(round));
    for (let seed = 1; seed <= 40; seed++) {
      const world = new World(seed);
      const random = (machine: Machine) => ({ ...machine, id: () => String(world.random.below(1_000_000)) });
      const [owner, poster] = [start(world), start(world, random)];
      await owner.done(begin(owner.store, "s"));
      const posting = Promise.all(texts20.map((text) => poster.store.post("s", [said(text)])));
      if (seed % 2 === 0) {
        await world.until(posting, () => world.names("/store/inbox").length > 3);
        owner.process.kill();
      }
      await poster.done(posting);
      expect(texts(await poster.done(read(poster.store))), `seed ${seed}`).toEqual(texts20);
    }
  });

  it("keeps the order of calls though the disk takes its time for the first", async () => {
    const world = new World(1);
    let drafts = 0;
    const slow = (machine: Machine): Machine => ({
      ...machine,
      disk: {
        ...machine.disk,
        async open(path, purpose) {
          if (purpose === "create" && drafts++ === 0) await machine.sleep(leaseMs / 2);
          return machine.disk.open(path, purpose);
        },
      },
    });
    const [owner, poster] = [start(world), start(world, slow)];
    await owner.done(begin(owner.store, "s"));
    await poster.done(Promise.all(["a", "b", "c"].map((text) => poster.store.post("s", [said(text)]))));
    expect(texts(await poster.done(read(poster.store)))).toEqual(["a", "b", "c"]);
    expect(drafts).toBe(3);
  });

  it("keeps the order of calls though the clock is set back", async () => {
    const world = new World(1);
    let now = 1_000_000;
    const setBack = (machine: Machine) => ({ ...machine, now: () => (now -= 1000) });
    const [owner, poster] = [start(world), start(world, setBack)];
    await owner.done(begin(owner.store, "s"));
    owner.process.stop();
    const posting = Promise.all(["a", "b", "c"].map((text) => poster.store.post("s", [said(text)])));
    await world.until(
      posting,
      () => world.names("/store/inbox").filter((name) => name.endsWith(".json")).length === 3,
    );
    owner.process.wake();
    await poster.done(posting);
    expect(texts(await poster.done(read(poster.store)))).toEqual(["a", "b", "c"]);
  });

  it("keeps a post to a session that an overtaken owner doesn't know for the one who does", async () => {
    const world = new World(1);
    const [owner, heir, poster] = [start(world), start(world), start(world)];
    await owner.done(begin(owner.store, "s"));
    await stopForLong(world, owner);
    const log = await heir.done(begin(heir.store, "t"));
    heir.process.stop();
    const posting = poster.store.post("t", [said("a")]);
    await world.until(posting, () => world.names("/store/inbox").some((name) => name.endsWith(".json")));
    owner.process.wake();
    await owner.done(owner.process.machine.sleep(leaseMs / 4));
    heir.process.wake();
    await poster.done(posting);
    expect(texts(await heir.done(log.append([])))).toEqual(["a"]);
    expect(world.names("/store/inbox")).toEqual([]);
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
