import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createRandom, type Random } from "../chaos/random.js";
import { type Game, type Plan, play, type Tested } from "./game.js";
import { allPoints, drawPoint, type KillPoint, type Visits } from "./kill-point.js";
import type { CrashFinding, CrashReport } from "./report.js";
import { drawSteers, parsePoints } from "./steering.js";
import type { CrashModule } from "./subject.js";

export interface CrashTestOptions {
  /** The path or file URL of a JavaScript module that exports what `CrashModule` says. */
  readonly module: string | URL;
  /** Processes to kill. Default 60. */
  readonly kills?: number;
  /** The first seed. Default 1. */
  readonly seed?: number;
  /** Plays one session of this seed, steered and killed one after another at these points, as a finding's `at` says. */
  readonly at?: readonly string[];
  /** Sessions at a time. Default 2. */
  readonly concurrency?: number;
  /** Milliseconds until a process that does not end is given up. Default 60,000. */
  readonly patienceMs?: number;
  /** Called after every session. Must not throw. */
  readonly onProgress?: (report: CrashReport) => void;
}

/** After so many findings nothing new is learned. */
const enough = 20;

/**
 * Runs an agent on a durable store in a process of its own, kills that with SIGKILL, goes on with the session in another, and so on until
 * it ends; then compares effects and history with an uninterrupted run of the same seed.
 *
 * The points to kill at are taken from the uninterrupted run: around every commit and every write and sync of the store's files, at every
 * event, at every start and effect of a tool. Each is played once, followed by up to three more kills at random, and then the next seed
 * is played. An agent that is not sound without a kill is reported, and not killed.
 *
 * Half of the sessions of a module that can be steered are: words are posted into them from this process, at chosen moments and at
 * random. What was acknowledged of these must stand in the final history once, and be answered.
 *
 * Rejects with a `RangeError` for numbers or kill points that can't be meant.
 */
export async function crashTest(options: CrashTestOptions): Promise<CrashReport> {
  const { kills = 60, seed = 1, at, concurrency = 2, onProgress = () => {} } = options;
  expectWholeNumber("kills", kills, 1);
  expectWholeNumber("seed", seed, 0);
  expectWholeNumber("concurrency", concurrency, 1);
  const tested = await load(options);
  const tally = createTally();
  const plans = at === undefined ? endlessPlans(tested, seed, tally) : onePlan(tested, seed, at, tally);
  const wanted = at?.length ?? kills;
  let planned = 0;

  const lane = async (): Promise<void> => {
    for (;;) {
      const next = await plans.next();
      const left = wanted - tally.report().kills - planned;
      if (next.done === true || left <= 0 || tally.report().findings.length >= enough) return;
      const plan = { ...next.value, points: next.value.points.slice(0, left) };
      planned += plan.points.length;
      tally.add(await play(tested, plan));
      planned -= plan.points.length;
      onProgress(tally.report());
    }
  };

  // A point that was not reached killed nobody: then the lanes have ended too early.
  let before: number;
  do {
    before = tally.report().kills;
    await Promise.all(Array.from({ length: concurrency }, lane));
  } while (isWorthMore(tally.report(), before, wanted));
  return tally.report();
}

function isWorthMore({ kills, findings }: CrashReport, before: number, wanted: number): boolean {
  return kills > before && kills < wanted && findings.length < enough;
}

async function load({ module, patienceMs = 60_000 }: CrashTestOptions): Promise<Tested> {
  const isUrl = module instanceof URL || module.startsWith("file:");
  const path = isUrl ? fileURLToPath(module) : resolve(module);
  const loaded = (await import(pathToFileURL(path).href)) as CrashModule;
  if (typeof loaded.store !== "function")
    throw new TypeError(
      `${path} must export \`store\`, a function of a directory, e.g. export const store = (directory) => fileStore(directory).`,
    );
  return { path, module: loaded, patienceMs };
}

async function* endlessPlans(tested: Tested, first: number, tally: Tally): AsyncGenerator<Plan> {
  for (let seed = first; ; seed++) {
    const healthy = await uninterrupted(tested, seed, tally);
    if (healthy?.outcome === undefined) return;
    const random = createRandom(seed);
    // Of its own: how many points there are to shuffle differs a little from run to run, and would change all that is drawn after.
    const steering = createRandom(~seed);
    for (const point of allPoints(healthy.visits, random)) {
      const points = [point, ...morePoints(healthy.visits, random)];
      const steers = tested.module.canBeSteered === true ? drawSteers(healthy.visits, steering) : [];
      yield { seed, points, steers, leaves: random.chance(0.1), healthy: healthy.outcome };
    }
  }
}

async function* onePlan(
  tested: Tested,
  seed: number,
  at: readonly string[],
  tally: Tally,
): AsyncGenerator<Plan> {
  const { points, steers } = parsePoints(at);
  const healthy = await uninterrupted(tested, seed, tally);
  if (healthy?.outcome !== undefined) yield { seed, points, steers, leaves: false, healthy: healthy.outcome };
}

/** Nothing where the agent is not sound even so. */
async function uninterrupted(tested: Tested, seed: number, tally: Tally): Promise<Game | undefined> {
  const game = await play(tested, { seed, points: [], steers: [], leaves: false });
  tally.add(game);
  return game.findings.length === 0 ? game : undefined;
}

function morePoints(visits: Visits, random: Random): readonly KillPoint[] {
  return Array.from({ length: random.below(4) }, () => drawPoint(visits, random));
}

interface Tally {
  add(game: Game): void;
  report(): CrashReport;
}

function createTally(): Tally {
  const findings: CrashFinding[] = [];
  let kills = 0;
  let recovered = 0;
  const count = (kind: CrashFinding["kind"]) => findings.filter((finding) => finding.kind === kind).length;
  return {
    add(game) {
      findings.push(...game.findings);
      kills += game.kills;
      if (game.findings.every(({ kind }) => kind !== "not_recovered")) recovered += game.kills;
    },
    report: () => ({
      kills,
      recovered,
      effectsRepeated: count("effect_repeated"),
      lost: count("lost"),
      invalidHistories: count("invalid_history"),
      findings: [...findings],
    }),
  };
}

function expectWholeNumber(name: string, value: unknown, least: number): void {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= 2 ** 32) return;
  throw new RangeError(`${name} is ${String(value)}. Give a whole number from ${least} to ${2 ** 32}.`);
}
