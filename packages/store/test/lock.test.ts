import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { claimLock, letGo, readLock } from "../src/file/lock.js";
import { isHeld, type Lock, nameOfLock, parseLockName } from "../src/file/lock-name.js";
import { createLockWatch } from "../src/file/lock-watch.js";
import type { Machine } from "../src/file/machine.js";
import { nodeMachine } from "../src/file/node-machine.js";
import { World } from "./simulation/world.js";

const owner = { pid: 7, startedAt: "12", machine: "1a2b", host: "here" };
const claim = (machine: Machine, leaseMs: number) =>
  claimLock(machine, "/store", leaseMs, createLockWatch(machine));
const holding = (leaseMs: number): Lock => ({
  name: "",
  epoch: 1,
  holder: { type: "owner", owner, leaseMs },
});

describe("the name of a lock", () => {
  it("says who holds it, and is read as it was written", () => {
    const owners = fc.record({
      pid: fc.nat(),
      startedAt: fc.nat().map(String),
      machine: fc.stringMatching(/^[0-9a-f]{8}$/),
      host: fc.string(),
    });
    const holders = fc.oneof(
      fc.record({ type: fc.constant("owner" as const), owner: owners, leaseMs: fc.nat() }),
      fc.constant({ type: "released" as const }),
      fc.constant({ type: "abandoned" as const }),
    );
    fc.assert(
      fc.property(fc.nat(), holders, (epoch, holder) => {
        const name = nameOfLock({ epoch, holder });
        expect(name).not.toContain("/");
        expect(parseLockName(name)).toEqual({ name, epoch, holder });
      }),
    );
    expect(parseLockName("notes.txt")).toBeUndefined();
  });
});

describe("a lock", () => {
  it("may be taken when it is free, its owner is gone, or its owner was silent for longer than its lease", () => {
    const lives = () => false;
    const gone = () => true;
    expect(isHeld(holding(100), 100, lives)).toBe(true);
    expect(isHeld(holding(100), 101, lives)).toBe(false);
    expect(isHeld(holding(100), 0, gone)).toBe(false);
    for (const type of ["released", "abandoned"] as const)
      expect(isHeld({ name: "", epoch: 1, holder: { type } }, 0, lives)).toBe(false);
  });

  it("goes to one of many that want it at once, whatever the order of their steps", async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const world = new World(seed);
      const processes = Array.from({ length: 4 }, () => world.start());
      const claims = processes.map(({ machine }) => claim(machine, 1000));
      const all = Promise.allSettled(claims);
      await world.until(all);
      const outcomes = (await all).map((each) => (each.status === "fulfilled" ? "won" : each.reason.name));
      expect(outcomes.sort(), `seed ${seed}`).toEqual([
        "StoreBusyError",
        "StoreBusyError",
        "StoreBusyError",
        "won",
      ]);
      expect(world.names("/store/lock"), `seed ${seed}`).toHaveLength(1);
    }
  });

  it("goes to one of many when its owner was killed, and its epoch grows by one", async () => {
    for (let seed = 1; seed <= 100; seed++) {
      const world = new World(seed);
      const first = world.start();
      const claiming = claim(first.machine, 1000);
      await world.until(claiming);
      first.kill();
      const heirs = Array.from({ length: 3 }, () => world.start());
      const all = Promise.allSettled(heirs.map(({ machine }) => claim(machine, 1000)));
      await world.until(all);
      const won = (await all).flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
      expect(won, `seed ${seed}`).toMatchObject([{ epoch: 2, before: { epoch: 1 } }]);
    }
  });

  it("is let go only by whoever holds it", async () => {
    const world = new World(1);
    const first = world.start();
    const second = world.start();
    const take = async (process: typeof first) => {
      const claiming = claim(process.machine, 10);
      await world.until(claiming);
      return claiming;
    };
    const lost = await take(first);
    world.advance(20);
    await take(second);
    await world.until(letGo(first.machine.disk, "/store", lost, "released"));
    const reading = readLock(second.machine.disk, "/store");
    await world.until(reading);
    expect(await reading).toMatchObject({ epoch: 2, holder: { owner: { pid: second.machine.self.pid } } });
  });
});

describe("a process", () => {
  it("is gone when its pid is no more, or is another process's by now; never when it is of another machine", () => {
    const { self, isGone } = nodeMachine;
    expect(isGone(self)).toBe(false);
    expect(isGone({ ...self, startedAt: "1" })).toBe(process.platform === "linux");
    // Above the highest pid that Linux gives.
    expect(isGone({ ...self, pid: 2 ** 22 + 1 })).toBe(true);
    expect(isGone({ ...self, pid: 2 ** 22 + 1, machine: "elsewhere" })).toBe(false);
  });
});
