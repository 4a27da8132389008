import { CorruptLogError } from "@lockstitch/core";
import { describe, expect, it } from "vitest";
import { createFileStore } from "../src/file/file-store.js";
import { defaultSettings, type Settings } from "../src/file/settings.js";
import type { Random } from "./simulation/random.js";
import { RecordKeeper } from "./simulation/record-keeper.js";
import { history, sessions, work } from "./simulation/workload.js";
import { type Faults, type SimulatedProcess, World } from "./simulation/world.js";

const seeds = Number(process.env.SEEDS ?? 150);
const timeout = 3_600_000;
const pace = { rounds: 8, lives: 2 };
const firstSeed = Number(process.env.SEED ?? 1);

describe("a file store on a disk that tears, forgets, reorders and fails", () => {
  it(`keeps what it promised through kills and power cuts, in ${seeds} games`, { timeout }, async () => {
    await each(async (seed) => {
      const world = new World(seed);
      const keeper = new RecordKeeper();
      const settings = drawSettings(world.random);
      for (let life = 0; life < 4; life++) await liveAndDie(world, keeper, settings, `life-${life}`);
      return keeper.acked;
    });
  });

  it(`keeps what two processes were promised that take over from each other, in ${seeds} games`, {
    timeout,
  }, async () => {
    let takeovers = 0;
    await each(async (seed) => {
      const world = new World(seed);
      const keeper = new RecordKeeper();
      const settings = drawSettings(world.random);
      takeovers += await contend(world, keeper, settings);
      await die(world, keeper, settings);
      return keeper.acked;
    });
    expect(takeovers).toBeGreaterThan(seeds / 4);
  });

  it(`never takes changed bytes for a torn end, in ${seeds} games`, { timeout }, async () => {
    let refused = 0;
    await each(async (seed) => {
      const world = new World(seed);
      const keeper = new RecordKeeper();
      const settings = drawSettings(world.random);
      const process = world.start();
      const store = createFileStore(process.machine, "/store", settings);
      await settle(
        world,
        work(store, world.random, keeper, { ...pace, name: "life", sleep: process.machine.sleep }),
      );
      // Time passes when nothing is left to do: how far the log is on disk has been noted by then.
      await settle(world, process.machine.sleep(1));
      // Half of the time the owner has let go in good order, with all on disk.
      if (world.random.chance(0.5)) {
        await settle(world, process.machine.sleep(3_000));
        keeper.settle();
      }
      process.kill();
      keeper.forgetSeen();
      flip(world);
      const isRefused = await checkAll(
        world,
        keeper,
        settings,
        "power cut",
        world.random.pick(["read", "open"]),
        refusesAsCorrupt,
      );
      refused += isRefused ? 1 : 0;
      return keeper.acked;
    });
    expect(refused).toBeGreaterThan(seeds / 3);
  });
});

/** Plays a game for each seed, says which seed failed, and that work was done at all. */
async function each(play: (seed: number) => Promise<number>): Promise<void> {
  let acked = 0;
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    acked += await play(seed).catch((error: unknown) => {
      throw new Error(`seed ${seed} (SEED=${seed} SEEDS=1 plays it alone)`, { cause: error });
    });
  }
  expect(acked / seeds).toBeGreaterThan(10);
}

function drawSettings(random: Random): Settings {
  return {
    ...defaultSettings,
    segmentBytes: random.pick([300, 2_000, 20_000, 1_000_000]),
    leaseMs: 200,
    lingerMs: random.pick([1, 50, 1000]),
    onRepair: () => {},
    now: () => 7,
  };
}

function drawFaults(random: Random): Faults {
  return {
    ...(random.chance(0.8) ? { killAt: 1 + random.below(random.pick([30, 200, 600])) } : {}),
    ...(random.chance(0.2) ? { failWriteAt: 1 + random.below(60) } : {}),
    ...(random.chance(0.2) ? { failSyncAt: 1 + random.below(40) } : {}),
  };
}

async function liveAndDie(
  world: World,
  keeper: RecordKeeper,
  settings: Settings,
  name: string,
): Promise<void> {
  const { random } = world;
  const process = world.start(drawFaults(random));
  const store = createFileStore(process.machine, "/store", settings);
  const working = work(store, random, keeper, { ...pace, name, sleep: process.machine.sleep });
  await world.until(working, () => process.isDead);
  if (!process.isDead) await working;
  await die(world, keeper, settings);
}

/** Everything is killed or loses power; then every promise is checked, by a reader and by the next owner. */
async function die(world: World, keeper: RecordKeeper, settings: Settings): Promise<void> {
  const end = world.random.pick(["kill", "power cut"] as const);
  if (end === "kill") world.killAll();
  else world.cutPower();
  if (end === "power cut") keeper.forgetSeen();
  await checkAll(world, keeper, settings, end, "read");
  await checkAll(world, keeper, settings, "nothing", "open");
  keeper.settle();
}

/** Two processes want the same directory; each is stopped now and then for longer than its lease. Gives back how often one took over. */
async function contend(world: World, keeper: RecordKeeper, settings: Settings): Promise<number> {
  const { random } = world;
  const processes = [world.start(), world.start()];
  const working = processes.map(({ machine }, index) => {
    const store = createFileStore(machine, "/store", settings);
    return work(store, random, keeper, {
      rounds: 6,
      lives: 8,
      name: `process-${index}`,
      sleep: machine.sleep,
    });
  });
  const wakeAt = new Map<SimulatedProcess, number>();
  const stopSome = () => {
    for (const [process, at] of wakeAt) {
      if (at > world.now) continue;
      process.wake();
      wakeAt.delete(process);
    }
    if (!random.chance(0.01)) return false;
    const process = random.pick(processes);
    process.stop();
    wakeAt.set(process, world.now + random.below(3 * settings.leaseMs));
    return false;
  };
  await settle(world, Promise.all(working), stopSome);
  return world.highestEpoch("/store/lock");
}

async function settle(
  world: World,
  work: Promise<unknown>,
  each: () => boolean = () => false,
): Promise<void> {
  await world.until(work, each);
  await work;
}

/** Changes a byte anywhere in the log. */
function flip(world: World): void {
  const { random } = world;
  const segments = world.names("/store").filter((name) => name.endsWith(".jsonl"));
  const bytes = world.file(`/store/${random.pick(segments)}`);
  const place = random.below(bytes.length);
  bytes[place] = (bytes[place] ?? 0) ^ (1 << random.below(8));
}

/** Whether a store refuses to show or take over a log that was tampered with, and says where and what to do. */
function refusesAsCorrupt(error: unknown): boolean {
  if (!(error instanceof CorruptLogError)) return false;
  expect(error.message).toMatch(/\/store\/\d{8}\.jsonl .* at byte \d+.* Bring this file back from a copy/);
  return true;
}

/** Checks every history by a process of its own, which only reads or takes over. Tells whether it was refused as it may be. */
async function checkAll(
  world: World,
  keeper: RecordKeeper,
  settings: Settings,
  after: "kill" | "power cut" | "nothing",
  by: "read" | "open",
  mayRefuse: (error: unknown) => boolean = () => false,
): Promise<boolean> {
  const checker = world.start();
  const store = createFileStore(checker.machine, "/store", settings);
  let refused = false;
  const check = async (session: string) => {
    const log = by === "open" ? await store.open(session, "checker") : undefined;
    const events = log === undefined ? await history(store, session) : await log.append([]);
    keeper.check(session, events, after);
    await log?.close();
  };
  for (const session of sessions) {
    const checking = check(session).catch((error: unknown) => {
      if (!mayRefuse(error)) throw error;
      refused = true;
    });
    await settle(world, checking);
  }
  checker.kill();
  return refused;
}
