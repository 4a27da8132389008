import {
  type Agent,
  type AgentEvent,
  memoryStore,
  type Result,
  type Run,
  run,
  type Store,
} from "@lockstitch/core";
import { findProblems, summaryLead } from "./checks.js";
import { createChaoticModel } from "./model.js";
import { createRandom, type Random } from "./random.js";
import { slowStore } from "./slow-store.js";
import { createChaoticTools } from "./tools.js";
import { createWorld, type World } from "./world.js";

export interface ChaosOptions {
  /** How many seeds to play, at least 1. Default 100. */
  readonly seeds?: number;
  /** The first seed, at least 0. Default 1: the same call plays the same games. */
  readonly from?: number;
}

export interface Finding {
  /** `chaos({ from: seed, seeds: 1 })` plays it again. */
  readonly seed: number;
  readonly problem: string;
}

export interface ChaosReport {
  readonly runs: number;
  /** Runs in which at least one model call failed, and that came to their own end all the same. */
  readonly recovered: number;
  /** How the runs ended, by reason. */
  readonly ends: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

/**
 * Plays an agent whose model, tools and caller do anything they like, as the seed draws it: errors, broken streams, odd replies,
 * tools that throw, hang or ignore their signal, aborts and steering at any moment. Time is simulated.
 * First anything may fail, and the rules of every log must hold (safety); then nothing fails any more, and the same session
 * must come to a good end (liveness).
 *
 * Rejects with a `RangeError` where `seeds` or `from` is no such number: a check that plays nothing would find nothing.
 */
export async function chaos({ seeds = 100, from = 1 }: ChaosOptions = {}): Promise<ChaosReport> {
  expectWholeNumber("seeds", seeds, 1);
  expectWholeNumber("from", from, 0);
  const findings: Finding[] = [];
  const ends: Record<string, number> = {};
  let recovered = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const game = await play(seed);
    findings.push(...game.problems.map((problem) => ({ seed, problem })));
    ends[game.end] = (ends[game.end] ?? 0) + 1;
    if (game.recovered) recovered += 1;
  }
  return { runs: seeds, recovered, ends, findings };
}

/** Up to 2^32 (the generator knows no more seeds than that), so that counting on from there stays exact. */
function expectWholeNumber(name: string, value: unknown, least: number): void {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= 2 ** 32) return;
  throw new RangeError(
    `${name} is ${String(value)}. Give a whole number from ${least} to ${2 ** 32}, e.g. chaos({ seeds: 2000, from: 1 }).`,
  );
}

interface Game {
  readonly problems: readonly string[];
  readonly end: string;
  readonly recovered: boolean;
}

const session = "chaos";
const longestMs = 900_000;

async function play(seed: number): Promise<Game> {
  const random = createRandom(seed);
  const world = createWorld(random);
  const { tools, effects, leftRunning } = createChaoticTools(random, world);
  const model = createChaoticModel(
    random,
    world,
    tools.map(({ name }) => name),
  );
  const store = slowStore(memoryStore({ now: world.now }), random, world, model.healed);
  const agent: Agent = { tools, eager: random.chance(0.8), limits: drawLimits(random) };
  const options = { claude: model.claude, store, session, environment: world.environment };
  const problems: string[] = [];
  const stopListening = noteUnhandled(problems);

  const running = run(agent, "Begin.", options);
  const meddling = meddle(random, world, running);
  const first = await outcomeOf(world, running, problems);
  if (meddling.abortedAt !== undefined && first.settledAt - meddling.abortedAt > 100) {
    problems.push(`an abort took ${first.settledAt - meddling.abortedAt} ms`);
  }
  problems.push(...leftRunning());
  const recovered = model.faults() > 0 && first.end === "end_turn";

  // Where the very first commit failed, nothing was said yet.
  const begun = (await logOf(store)).length > 0 ? ["Begin."] : [];
  model.heal();
  const healthy = await outcomeOf(world, run({ ...agent, limits: {} }, "Still there?", options), problems);
  if (healthy.end !== "end_turn") problems.push(`the healthy run ended with ${healthy.end}`);
  problems.push(...saidOnce(healthy.result, [...begun, "Still there?", ...meddling.accepted]));
  if (world.sleeping() > 0) problems.push(`${world.sleeping()} timers were left behind`);

  const events = await logOf(store);
  problems.push(
    ...findProblems(events, model.requests, effects),
    ...model.refused.map((why) => `an illegal request was sent: ${why}`),
  );
  stopListening();
  return { problems, end: first.end, recovered };
}

async function logOf(store: Store): Promise<AgentEvent[]> {
  const events: AgentEvent[] = [];
  for await (const event of store.read(session)) events.push(event);
  return events;
}

function drawLimits(random: Random) {
  return {
    maxSteps: random.pick([1, 3, 20, 20, 20]),
    maxDurationMs: random.pick([5_000, 60_000, 600_000, 600_000]),
    maxParallelTools: random.pick([1, 2, 16]),
    ...(random.chance(0.2) ? { maxTotalTokens: 20 + random.below(200) } : {}),
  };
}

/** A caller who aborts, steers and reads along, now and then. */
function meddle(
  random: Random,
  world: World,
  running: Run,
): { abortedAt: number | undefined; readonly accepted: string[] } {
  const meddling = { abortedAt: undefined as number | undefined, accepted: [] as string[] };
  if (random.chance(0.3)) {
    world.at(world.now() + random.below(30_000), () => {
      meddling.abortedAt = world.now();
      running.abort();
    });
  }
  for (let note = random.below(3); note > 0; note--) {
    const text = `Note ${note}.`;
    world.at(world.now() + random.below(20_000), () => {
      running.steer(text).then(
        () => meddling.accepted.push(text),
        () => {},
      );
    });
  }
  if (random.chance(0.5)) void readAlong(running, random.below(40));
  return meddling;
}

async function readAlong(running: Run, events: number): Promise<void> {
  let left = events;
  try {
    for await (const _ of running) if (--left < 0) break;
  } catch {
    // A run that fails throws here too; how it ended is looked at elsewhere.
  }
}

interface End {
  readonly end: string;
  readonly settledAt: number;
  readonly result: Result | undefined;
}

async function outcomeOf(world: World, running: Run, problems: string[]): Promise<End> {
  let settledAt = world.now();
  const outcome = running.then(
    (result) => ({ end: result.status === "ended" ? result.reason : result.status, result }),
    (error: unknown) => ({
      end: error instanceof Error ? error.name : `thrown ${String(error)}`,
      result: undefined,
    }),
  );
  void outcome.then(() => {
    settledAt = world.now();
  });
  if (!(await world.live(outcome, longestMs))) {
    problems.push("the run did not settle");
    return { end: "hung", settledAt, result: undefined };
  }
  return { ...(await outcome), settledAt };
}

/** What somebody said stands in the history, once. */
function saidOnce(result: Result | undefined, texts: readonly string[]): string[] {
  const said = (result?.messages ?? []).flatMap(({ role, content }) => {
    if (role !== "user") return [];
    return typeof content === "string"
      ? [content]
      : content.flatMap((block) => (block.type === "text" ? [block.text] : []));
  });
  return texts.flatMap((text) => {
    const times = said.filter((other) => other === text).length;
    // What was summarised is no longer there to the letter.
    if (times === 0 && said[0]?.startsWith(summaryLead)) return [];
    return times === 1 ? [] : [`${JSON.stringify(text)} stands ${times} times in the history`];
  });
}

function noteUnhandled(problems: string[]): () => void {
  const note = (error: unknown): void => {
    problems.push(`an unhandled rejection: ${String(error)}`);
  };
  process.on("unhandledRejection", note);
  return () => process.off("unhandledRejection", note);
}
