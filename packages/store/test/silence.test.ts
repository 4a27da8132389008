import { readdirSync, renameSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Machine } from "../src/file/machine.js";
import { nodeMachine } from "../src/file/node-machine.js";
import { afterAKill, all, begin, freshStore, said, texts } from "./helpers.js";
import { leaseMs, start } from "./simulation/actor.js";
import { World } from "./simulation/world.js";
import { temporaryDirectory } from "./temporary.js";

const hour = 3_600_000;

/** A store whose lock another machine holds, with a date that lies ahead. Gives back how to change that date. */
async function heldElsewhere(directory: string): Promise<(ahead: number) => void> {
  await begin(freshStore(directory), "s");
  const lock = join(directory, "lock");
  const [name = ""] = readdirSync(lock);
  const path = join(lock, `00000002.pid-7.start-1.lease-${leaseMs}.machine-1a2b3c4d.elsewhere`);
  renameSync(join(lock, name), path);
  const write = (ahead: number) => {
    const at = (Date.now() + ahead) / 1000;
    utimesSync(path, at, at);
  };
  write(hour);
  return write;
}

describe("a lock of another machine whose date lies in the future", () => {
  it("may be taken once this process has seen no sign of life for a lease, by its own clock", async () => {
    const directory = temporaryDirectory();
    await heldElsewhere(directory);
    let elapsed = 5;
    const machine: Machine = { ...nodeMachine, elapsed: () => elapsed };
    const store = freshStore(directory, {}, machine);
    const busy = () => expect(store.open("s", "me")).rejects.toMatchObject({ name: "StoreBusyError" });
    await busy();
    elapsed += leaseMs;
    await busy();
    elapsed += 1;
    const log = await store.open("s", "me");
    await log.append([said("a")]);
    expect(texts(await all(store.read("s")))).toEqual(["a"]);
  });

  it("is left to an owner who gives signs of life, whatever dates they have", async () => {
    const directory = temporaryDirectory();
    const write = await heldElsewhere(directory);
    let elapsed = 5;
    const store = freshStore(directory, {}, { ...nodeMachine, elapsed: () => elapsed });
    for (let beat = 0; beat < 5; beat++) {
      await expect(store.open("s", "me")).rejects.toMatchObject({ name: "StoreBusyError" });
      elapsed += leaseMs + 1;
      write(hour - 60_000 * (beat + 1));
    }
    await expect(freshStore(directory, {}, afterAKill).open("s", "me")).resolves.toBeDefined();
  });

  it("holds up a post for about a lease, and no longer", async () => {
    const world = new World(1);
    const owner = start(world);
    await owner.done(begin(owner.store, "s"));
    owner.process.kill();
    const poster = start(world, (machine) => ({
      ...machine,
      isGone: () => false,
      disk: {
        ...machine.disk,
        writtenAt: async (path: string) => hour + (await machine.disk.writtenAt(path)),
      },
    }));
    const before = world.now;
    await poster.done(poster.store.post("s", [said("a")]));
    expect(world.now - before).toBeGreaterThan(leaseMs);
    expect(world.now - before).toBeLessThan(2 * leaseMs);
  });
});
