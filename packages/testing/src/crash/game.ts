import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AgentEvent,
  type Approval,
  ApprovalError,
  approve,
  SessionEndedError,
  type Store,
} from "@lockstitch/core";
import { judge, type Outcome } from "./checks.js";
import { type KillPoint, textOf, type Visits } from "./kill-point.js";
import { createLedger, type Ledger, type Problem } from "./ledger.js";
import { type Ending, live } from "./life.js";
import type { CrashFinding } from "./report.js";
import type { CrashModule } from "./subject.js";
import { session } from "./words.js";

/** A module under test, imported here as well: approvals come from another process, as they do in life. */
export interface Tested {
  readonly path: string;
  readonly module: CrashModule;
  readonly patienceMs: number;
}

/** One session: its processes are killed at these points, one after another, and the last one lives to its end. */
export interface Plan {
  readonly seed: number;
  readonly points: readonly KillPoint[];
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
  const answers = createAnswers(store);
  try {
    const ending = await untilEnd(tested, plan, { directory, ledger, reached, answers });
    await answers.settled();
    const outcome = ending.type === "ended" ? { result: ending.result, log: await logOf(store) } : undefined;
    if (outcome !== undefined) problems.push(...judge(outcome, ledger, plan.healthy));
    else problems.push(...ledger.problems, { kind: "not_recovered", problem: problemOf(ending) });
    const findings = problems.map((problem) => ({ seed: plan.seed, at: reached, ...problem }));
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
  readonly answers: Answers;
}

async function untilEnd(tested: Tested, plan: Plan, table: Table): Promise<Ending> {
  const { directory, ledger, reached, answers } = table;
  const { seed, leaves } = plan;
  for (;;) {
    const killAt = plan.points[reached.length];
    const { path: module, patienceMs } = tested;
    const { approve } = answers;
    const ending = await live({ module, directory, seed, killAt, leaves, ledger, patienceMs, approve });
    if (ending.type === "killed" && killAt !== undefined) reached.push(textOf(killAt));
    else if (ending.type === "waiting") await approve(ending.approvals);
    else return ending;
  }
}

interface Answers {
  approve(approvals: readonly Approval[]): Promise<void>;
  /** Resolves when no answer is on its way any more. */
  settled(): Promise<void>;
}

/** A person who says yes to everything, from this process. */
function createAnswers(store: Store): Answers {
  const given: Promise<void>[] = [];
  const sayYes = async ({ toolUseId }: Approval): Promise<void> => {
    try {
      await approve(store, session, toolUseId, { approved: true });
    } catch (error) {
      // Asked again by a process that had not heard the answer yet.
      if (!(error instanceof ApprovalError || error instanceof SessionEndedError)) throw error;
    }
  };
  return {
    async approve(approvals) {
      const now = approvals.map(sayYes);
      given.push(...now);
      await Promise.all(now);
    },
    async settled() {
      await Promise.allSettled(given);
    },
  };
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
