import { CorruptLogError } from "@lockstitch/core";
import { describe, expect, it } from "vitest";
import { createFileStore } from "../src/file/file-store.js";
import { beginGame, checkAll, die, type Game, live, settle } from "./simulation/game.js";
import type { Faults, SimulatedProcess } from "./simulation/process.js";
import type { Random } from "./simulation/random.js";
import { work } from "./simulation/workload.js";
import type { World } from "./simulation/world.js";

const seeds = Number(process.env.SEEDS ?? 200);
const firstSeed = Number(process.env.SEED ?? 1);
const timeout = 3_600_000;

describe(`a file store on a disk that tears, forgets, reorders and fails, in ${seeds} games`, () => {
  it("keeps what it promised through kills and power cuts", { timeout }, async () => {
    await each(async (game) => {
      for (let life = 0; life < 4; life++) {
        await live(game, `life-${life}`, drawFaults(game.world.random));
        await dieBadly(game);
      }
    });
  });

  it("keeps what two processes were promised that take over from each other", { timeout }, async () => {
    let takeovers = 0;
    await each(async (game) => {
      takeovers += await contend(game);
      await dieBadly(game);
    });
    expect(takeovers).toBeGreaterThan(seeds / 4);
  });

  it("never takes changed or missing bytes for the torn end of a crash", { timeout }, async () => {
    let refused = 0;
    await each(async (game) => {
      const { world, keeper } = game;
      const { random } = world;
      const process = await live(game, "life", {});
      // Time passes when nothing is left to do: how far the log is on disk has been noted by then.
      await settle(world, process.machine.sleep(1));
      if (random.chance(0.5)) {
        // The owner lets go in good order, with all on disk.
        await settle(world, process.machine.sleep(3_000));
        keeper.settle();
      }
      process.kill();
      tamper(world);
      // What was not behind a barrier may count as the torn end of a power cut.
      keeper.forgetSeen();
      const by = random.pick(["read", "open"] as const);
      if (await checkAll(game, "power cut", by, refusesAsCorrupt)) refused += 1;
    });
    expect(refused).toBeGreaterThan(seeds / 3);
  });
});

/** Plays a game for each seed, says which seed failed, and that work was done at all. */
async function each(play: (game: Game) => Promise<void>): Promise<void> {
  let acked = 0;
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const game = beginGame(seed);
    await play(game).catch((error: unknown) => {
      throw new Error(`seed ${seed} (SEED=${seed} SEEDS=1 plays it alone)`, { cause: error });
    });
    acked += game.keeper.acked;
  }
  expect(acked / seeds).toBeGreaterThan(10);
}

/** A death, and now and then another while somebody takes over. */
function dieBadly(game: Game): Promise<void> {
  const { random } = game.world;
  const draw = () => random.pick(["kill", "power cut"] as const);
  return die(game, draw(), () => (random.chance(0.4) ? draw() : undefined));
}

function drawFaults(random: Random): Faults {
  return {
    ...(random.chance(0.8) ? { killAt: 1 + random.below(random.pick([30, 200, 600])) } : {}),
    ...(random.chance(0.2) ? { failWriteAt: 1 + random.below(60) } : {}),
    ...(random.chance(0.2) ? { failSyncAt: 1 + random.below(40) } : {}),
  };
}

/** Two processes want the same directory; each is stopped now and then for longer than its lease. Tells how often one took over. */
async function contend({ world, keeper, settings }: Game): Promise<number> {
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
  await settle(world, Promise.all(working), () => {
    for (const [process, at] of wakeAt) {
      if (at > world.now) continue;
      process.wake();
      wakeAt.delete(process);
    }
    if (!random.chance(0.01)) return;
    const process = random.pick(processes);
    process.stop();
    wakeAt.set(process, world.now + random.below(3 * settings.leaseMs));
  });
  return world.highestEpoch("/store/lock");
}

/** Changes a byte of a file, cuts off its end, or removes it. */
function tamper(world: World): void {
  const { random } = world;
  const files = world.names("/store").filter((name) => /\.(jsonl|index)$/.test(name));
  const path = `/store/${random.pick(files)}`;
  const bytes = world.file(path);
  const place = random.below(bytes.length);
  const change = random.pick(["flip", "flip", "flip", "cut", "remove"] as const);
  if (change === "flip") bytes[place] = (bytes[place] ?? 0) ^ (1 << random.below(8));
  else if (change === "cut") world.truncate(path, place);
  else world.remove(path);
}

/** Whether a store refuses a log that was tampered with, and says where and what to do. */
function refusesAsCorrupt(error: unknown): boolean {
  if (!(error instanceof CorruptLogError)) return false;
  expect(error.message).toMatch(
    /\/store\/\d{8}\.jsonl (.* at byte \d+|is missing).* Bring this file back from a copy/,
  );
  return true;
}
