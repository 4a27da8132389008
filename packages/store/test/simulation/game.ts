import { createFileStore } from "../../src/file/file-store.js";
import { defaultSettings, type Settings } from "../../src/file/settings.js";
import type { Faults, SimulatedProcess } from "./process.js";
import { RecordKeeper } from "./record-keeper.js";
import { history, type Pace, sessions, work } from "./workload.js";
import { World } from "./world.js";

/** A world with a store in it, and somebody who remembers what the store promised. */
export interface Game {
  readonly world: World;
  readonly keeper: RecordKeeper;
  readonly settings: Settings;
}

export type Death = "kill" | "power cut";

export function beginGame(seed: number): Game {
  const world = new World(seed);
  const settings = {
    ...defaultSettings,
    segmentBytes: world.random.pick([300, 2_000, 20_000, 1_000_000]),
    leaseMs: 200,
    lingerMs: world.random.pick([1, 50, 1000]),
    onRepair: () => {},
    now: () => 7,
  };
  return { world, keeper: new RecordKeeper(), settings };
}

/** A process works with the store until it has done what it had to, or its faults have killed it. */
export async function live(
  { world, keeper, settings }: Game,
  name: string,
  faults: Faults,
  pace: Omit<Pace, "name" | "sleep"> = { rounds: 8, lives: 2 },
): Promise<SimulatedProcess> {
  const process = world.start(faults);
  const store = createFileStore(process.machine, "/store", settings);
  const working = work(store, world.random, keeper, { ...pace, name, sleep: process.machine.sleep });
  await world.until(working, () => process.isDead);
  if (!process.isDead) await working;
  return process;
}

/**
 * Everything is killed or loses power, and so do some of those who then take over while they do; in the end every promise is
 * checked, by a reader and by the next owner.
 */
export async function die(
  game: Game,
  death: Death,
  drawDeath: () => Death | undefined = () => undefined,
): Promise<void> {
  const { world, keeper } = game;
  const strike = (each: Death) => (each === "kill" ? world.killAll() : world.cutPower());
  let worst = death;
  strike(death);
  for (let next = drawDeath(); next !== undefined; next = drawDeath()) {
    await live(game, "heir", { killAt: 1 + world.random.below(60) }, { rounds: 0, lives: 1 });
    strike(next);
    if (next === "power cut") worst = next;
  }
  if (worst === "power cut") keeper.forgetSeen();
  await checkAll(game, worst, "read");
  await checkAll(game, "nothing", "open");
  keeper.settle();
}

/** Checks every history by a process of its own, which only reads or takes over. Tells whether it was refused as it may be. */
export async function checkAll(
  { world, keeper, settings }: Game,
  after: Death | "nothing",
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

/** Lets the world go on until a promise has settled. */
export async function settle(
  world: World,
  promise: Promise<unknown>,
  eachTurn: () => void = () => {},
): Promise<void> {
  await world.until(promise, () => {
    eachTurn();
    return false;
  });
  await promise;
}
