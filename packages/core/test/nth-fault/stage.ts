import { getEventListeners } from "node:events";
import { isDeepStrictEqual } from "node:util";
import type Anthropic from "@anthropic-ai/sdk";
import {
  type Agent,
  type AgentEvent,
  type Claude,
  type Delta,
  type Environment,
  type Limits,
  partialOf,
  type Result,
  type Run,
  resume,
  run,
} from "@lockstitch/core";
import {
  effectProblems,
  endedProblems,
  errorProblems,
  foldProblems,
  historyProblems,
  logProblems,
  requestProblems,
  restartProblems,
  runningProblems,
  saidProblems,
} from "./checks.js";
import { type HandClock, handClock, turns } from "./clock.js";
import { firstInput, healthyClaude, secondInput } from "./conversation.js";
import { type CommitPlan, type FaultyStore, faultyStore } from "./faulty-store.js";
import { createTools, type ToolPlan, type ToolRun } from "./tools.js";

/** One play of the conversation, with what goes wrong in it. Everything left out is healthy. */
export interface Plan {
  readonly claude?: Claude;
  /** The way to the model for the second run. */
  readonly healed?: Claude;
  readonly commits?: CommitPlan;
  readonly tools?: ToolPlan;
  readonly limits?: Limits;
  /** Default: the stage's own clock, moved on whenever nothing else is left to happen. */
  readonly environment?: Environment;
  /** Lets time pass until the run has settled; false if it does not. Default: by the stage's own clock. */
  readonly live?: (done: Promise<unknown>, clock: HandClock) => Promise<boolean>;
  /** How the session is gone on with: by saying something more, or by resuming it as it is. Default `"run"`. */
  readonly goesOn?: "run" | "resume";
  /** Errors of classes that are neither ours nor the SDK's are to be expected. */
  readonly anyError?: boolean;
  /** Called with the stage as soon as the run has started. */
  readonly started?: (stage: Stage) => void;
  /** Called as soon as the first run has settled. */
  readonly settled?: (stage: Stage) => void | Promise<void>;
  /** Called with every event as it is shown, counted from 1. */
  readonly onEvent?: (nth: number, event: AgentEvent | Delta, stage: Stage) => void;
}

export interface Stage {
  readonly clock: HandClock;
  readonly store: FaultyStore;
  readonly controller: AbortController;
  readonly running: Run;
  /** What the first run showed. */
  readonly shown: readonly (AgentEvent | Delta)[];
  readonly toolRuns: readonly ToolRun[];
  /** Nothing was left that could ever happen, and the run had not settled. */
  gaveUp(): boolean;
}

export interface Played extends Stage {
  /** What the first run came to. */
  readonly result: Result | undefined;
  readonly error: unknown;
  /** Everything that is wrong, in words. */
  readonly problems: readonly string[];
}

export const session = "nth";
/** Faults after which nothing can be committed any more. */
const lasting: ReadonlySet<string | undefined> = new Set(["full", "lease", "lease after"]);
/** Longer than every time limit of a run that is not given another. */
const longestMs = 3_600_000;

/**
 * Plays the conversation under the plan, then lets the same session go on without any fault, and looks whether everything
 * holds that must hold whatever happens.
 */
export async function play(plan: Plan): Promise<Played> {
  const problems: string[] = [];
  const stopNoting = noteUnhandled(problems);
  const clock = handClock();
  const store = faultyStore(clock.now, plan.commits);
  const { tools, runs } = createTools(store.hasStarted, plan.tools);
  const controller = new AbortController();
  const shown: (AgentEvent | Delta)[] = [];
  const agent: Agent = { tools, ...(plan.limits === undefined ? {} : { limits: plan.limits }) };
  const live = (done: Promise<unknown>) => plan.live?.(done, clock) ?? clock.live(done, longestMs);
  const options = {
    environment: plan.environment ?? clock,
    signal: controller.signal,
    store,
    session,
  };

  const running = run(agent, firstInput, {
    ...options,
    claude: judged(plan.claude ?? healthyClaude, problems),
    onEvent: (event) => {
      shown.push(event);
      plan.onEvent?.(shown.length, event, stage);
    },
  });
  let gaveUp = false;
  const stage: Stage = { clock, store, controller, running, shown, toolRuns: runs, gaveUp: () => gaveUp };
  plan.started?.(stage);
  const { result, error } = await outcomeOf(running, live, problems, () => {
    gaveUp = true;
  });
  await plan.settled?.(stage);
  const shownInTime = shown.length;
  await turns(4);
  if (shown.length > shownInTime) problems.push("something was shown after the run had settled");

  const leftBehind = (): string[] => [
    ...runningProblems(runs),
    ...store.leftOpen(),
    ...(clock.pending() === 0 ? [] : [`${clock.pending()} timers were left behind`]),
    ...(getEventListeners(controller.signal, "abort").length === 0 ? [] : ["a listener was left behind"]),
  ];
  problems.push(...leftBehind(), ...restartProblems(shown));
  if (error !== undefined)
    problems.push(
      ...errorProblems(error, { wasRead: store.acknowledged() > 0, anyError: plan.anyError ?? false }),
    );
  const progress = result ?? partialOf(error);
  if (progress !== undefined) {
    problems.push(...foldProblems(store.returned(), progress));
    problems.push(...historyProblems(progress.messages, definitions(shown)));
  }

  if (!lasting.has(plan.commits?.fault)) problems.push(...endedProblems(store.returned()));
  store.heal();
  const said = (await readLog(store)).flatMap(textsSaid);
  const begun = store.returned().some(({ type }) => type === "session.start");
  const resumes = plan.goesOn === "resume" && begun;
  const healthy = {
    ...options,
    claude: judged(plan.healed ?? healthyClaude, problems),
    signal: new AbortController().signal,
  };
  const again = resumes
    ? resume({ ...agent, limits: {} }, session, healthy)
    : run({ ...agent, limits: {} }, secondInput, healthy);
  const second = await outcomeOf(again, live, problems);
  await turns(2);
  if (second.result === undefined)
    problems.push(`the session can't be gone on with: ${String(second.error)}`);
  else {
    if (second.result.status !== "ended" || second.result.reason !== "end_turn")
      problems.push("the healthy run did not end its turn");
    problems.push(...saidProblems(second.result.messages, resumes ? said : [...said, secondInput]));
  }

  const log = await readLog(store);
  problems.push(...logProblems(log), ...effectProblems(runs, log), ...leftBehind());
  stopNoting();
  return { ...stage, result, error, problems: [...new Set(problems)] };
}

/** The healthy conversation's own end, but for what differs from play to play. */
export function sameAs(healthy: Played, played: Played): string[] {
  const bare = ({ result }: Played) => ({ ...result, usage: undefined, cost: undefined });
  const paid = ({ toolRuns }: Played) => toolRuns.filter(({ tool }) => tool === "pay").length;
  return [
    ...(played.error === undefined ? [] : [`it failed with ${String(played.error)}`]),
    ...(isDeepStrictEqual(bare(healthy), bare(played)) ? [] : ["its result is not the healthy run's"]),
    ...(paid(played) === paid(healthy) ? [] : [`pay ran ${paid(played)} times`]),
  ];
}

/** Every request that goes out is one that the API would take. */
function judged(claude: Claude, problems: string[]): Claude {
  return (request, call) => {
    problems.push(...requestProblems(request));
    return claude(request, call);
  };
}

async function outcomeOf(
  running: Run,
  live: (done: Promise<unknown>) => Promise<boolean>,
  problems: string[],
  onGiveUp = () => {},
): Promise<{ readonly result?: Result; readonly error?: unknown }> {
  const outcome = running.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  if (await live(outcome)) return outcome;
  problems.push("the run did not settle");
  onGiveUp();
  running.abort();
  return {};
}

export async function readLog(store: FaultyStore): Promise<AgentEvent[]> {
  const events: AgentEvent[] = [];
  for await (const event of store.read(session)) events.push(event);
  return events;
}

function textsSaid(event: AgentEvent): string[] {
  if (event.type !== "input") return [];
  return event.messages.flatMap(({ content }) => (typeof content === "string" ? [content] : []));
}

function definitions(shown: readonly (AgentEvent | Delta)[]): Anthropic.ToolUnion[] {
  const begun = shown.find((event) => event.type === "session.start");
  return begun === undefined ? [] : [...begun.tools];
}

function noteUnhandled(problems: string[]): () => void {
  const note = (error: unknown): void => {
    problems.push(`an unhandled rejection: ${String(error)}`);
  };
  process.on("unhandledRejection", note);
  return () => process.off("unhandledRejection", note);
}
