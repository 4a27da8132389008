import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentEvent, Store } from "@lockstitch/core";
import { judge, type Outcome } from "./checks.js";
import { type KillPoint, textOf, type Visits } from "./kill-point.js";
import { createLedger, type Ledger, type Problem } from "./ledger.js";
import { type Ending, live } from "./life.js";
import { createPerson, type Person } from "./person.js";
import type { CrashFinding } from "./report.js";
import { textOfSteer } from "./steering.js";
import type { CrashModule } from "./subject.js";
import { session } from "./words.js";

/** A module under test, imported here as well: approvals and steering come from another process, as they do in life. */
export interface Tested {
  readonly path: string;
  readonly module: CrashModule;
  readonly patienceMs: number;
}

/** One session: its processes are killed at these points, one after another, and the last one lives to its end. */
export interface Plan {
  readonly seed: number;
  readonly points: readonly KillPoint[];
  /** When somebody speaks to it: each of them once, in whichever process comes by there first. */
  readonly steers: readonly KillPoint[];
  /** The process leaves while a person is asked. */
  readonly leaves: boolean;
  /** How the same session ends uninterrupted. */
  readonly healthy?: Outcome;
}

export interface Game {
  /** Processes that were killed: a point that was never reached kills none. */
  readonly kills: number;
  readonly findings: readonly CrashFinding[];
  readonly outcome: Outcome | undefined;
  /** Of the last process. */
  readonly visits: Visits;
}

export async function play(tested: Tested, plan: Plan): Promise<Game> {
  const directory = await mkdtemp(join(tmpdir(), "lockstitch-crash-"));
  const ledger = createLedger();
  const reached: string[] = [];
  const problems: Problem[] = [];
  const store = tested.module.store(directory);
  const person = createPerson(store, plan.steers);
  try {
    const ending = await untilEnd(tested, plan, { directory, ledger, reached, person });
    await person.settled();
    problems.push(...person.problems);
    const outcome = ending.type === "ended" ? { result: ending.result, log: await logOf(store) } : undefined;
    if (outcome !== undefined) problems.push(...judge({ ...plan, outcome, ledger, words: person.words }));
    else problems.push(...ledger.problems, { kind: "not_recovered", problem: problemOf(ending) });
    const at = [...person.spokeAt.map(textOfSteer), ...reached];
    const findings = problems.map((problem) => ({ seed: plan.seed, at, ...problem }));
    return { kills: reached.length, findings, outcome, visits: visitsOf(ending) };
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

interface Table {
  readonly directory: string;
  readonly ledger: Ledger;
  /** The points at which a process was killed so far. */
  readonly reached: string[];
  readonly person: Person;
}

async function untilEnd(tested: Tested, plan: Plan, table: Table): Promise<Ending> {
  const { directory, ledger, reached, person } = table;
  const { seed, leaves } = plan;
  for (;;) {
    const killAt = plan.points[reached.length];
    const { path: module, patienceMs } = tested;
    const ending = await live({ module, directory, seed, killAt, leaves, ledger, patienceMs, person });
    if (ending.type === "killed" && killAt !== undefined) reached.push(textOf(killAt));
    else if (ending.type === "waiting") await person.approve(ending.approvals);
    else return ending;
  }
}

async function logOf(store: Store): Promise<readonly AgentEvent[]> {
  const events: AgentEvent[] = [];
  for await (const event of store.read(session)) events.push(event);
  return events;
}

function problemOf(ending: Ending): string {
  return ending.type === "failed" ? ending.problem : `the last process was ${ending.type}`;
}

function visitsOf(ending: Ending): Visits {
  return ending.type === "ended" ? { ...ending.visits, "at ms": Math.ceil(ending.ms) } : {};
}
