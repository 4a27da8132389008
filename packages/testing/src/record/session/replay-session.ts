import {
  type Agent,
  AgentError,
  type AgentEvent,
  apply,
  emptyState,
  type Log,
  messageOf,
  type Result,
  resume,
  run,
  type State,
  type Store,
  ToolDefinitionError,
} from "@lockstitch/core";
import { ReplayError } from "../errors.js";
import { servedAgent, withTools } from "../recorded-results.js";
import { createConductor } from "./conductor.js";
import { createDepartures, type Departure } from "./departures.js";
import { type Life, livesOf } from "./lives.js";
import { attemptsIn } from "./log-reply.js";
import type { Controls, Stage } from "./play.js";
import { createQuiet, type Quiet } from "./quiet.js";

/** What came of replaying a session. */
export interface SessionReplay {
  readonly session: string;
  /** How much of the log was replayed. */
  readonly runs: number;
  readonly steps: number;
  readonly toolCalls: number;
  /**
   * Where the agent departs from its log: of every kind the first. Empty where it does not. After a departure in requests alone the
   * replay goes on with the replies as they were; after any other there is nothing to go on with.
   */
  readonly departures: readonly Departure[];
}

/**
 * Runs an agent through a session that was logged, perhaps by an older version of it: all its runs, with the same inputs, approvals
 * and aborts at the same places, and with crashes where its process died. The model's replies and the tools' results come from the
 * log. Nothing real is called and nothing is waited for but the agent's own `parse`, `needsApproval` and `permit`: these run, and
 * one that never comes to its end, where the log does not stop it, keeps the replay from its own.
 *
 * A log holds no `max_tokens` and no other `request` field, so these are not compared.
 *
 * Rejects with `ReplayError` where there is nothing to replay, and with `AgentError` for an agent that can't be run.
 */
export async function replaySession(agent: Agent, events: readonly AgentEvent[]): Promise<SessionReplay> {
  const [first] = events;
  const lives = livesOf(events);
  if (first === undefined || lives.length === 0)
    throw new ReplayError("nothing_to_replay", "These events hold no run, so there is nothing to replay.");
  const departures = createDepartures(events);
  const shared = { events: [], departures, states: statesOf(events) };
  for (const life of lives) {
    // Each has its own quiet: what a dead process was busy with goes on for ever, and keeps nobody waiting.
    const stage: Stage = { ...shared, quiet: createQuiet() };
    if (!(await play(agent, life, stage, first.session))) break;
  }
  const { found, runs, steps, toolCalls } = departures;
  return { session: first.session, runs, steps, toolCalls, departures: found };
}

function statesOf(events: readonly AgentEvent[]): ReadonlyMap<number, State> {
  const states = new Map<number, State>();
  let state = emptyState(events[0]?.session ?? "");
  for (const event of events) {
    state = apply(state, event);
    if (event.type === "model.start") states.set(event.seq, state);
  }
  return states;
}

/** Replays one life. False where the agent left the log's path. */
async function play(agent: Agent, life: Life, stage: Stage, session: string): Promise<boolean> {
  const { quiet } = stage;
  const signal = new AbortController();
  const controls: Controls = {
    abort: () => running.abort(),
    signal: () => signal.abort(),
    maxDurationMs: agent.limits?.maxDurationMs,
  };
  const conductor = createConductor(life, stage, controls);
  const options = {
    store: storeOn(stage, conductor.log),
    session,
    claude: conductor.claude,
    environment: conductor.environment,
    signal: signal.signal,
    retry: { attempts: attemptsIn(life.events) },
  };
  const served = watched(servedAgent(agent, conductor.resultOf, conductor.reconcile), quiet);
  const running =
    life.how.type === "run" ? run(served, life.how.messages, options) : resume(served, session, options);
  let settled: string | undefined;
  const done = running.then(
    (result) => {
      settled = inWords(result);
    },
    (error: unknown) => {
      if (stage.events.length === 0 && (error instanceof AgentError || error instanceof ToolDefinitionError))
        throw error;
      settled = `a run that failed: ${messageOf(error)}`;
    },
  );
  while (settled === undefined) {
    await Promise.race([done, quiet.untilQuiet(() => settled !== undefined)]);
    if (settled === undefined) conductor.nudge();
  }
  return conductor.finish(settled);
}

function inWords(result: Result): string {
  return result.status === "waiting"
    ? "a run that waits for a person"
    : `a run that ended with ${result.reason}`;
}

/** The agent's own code is waited for: it may take its time. */
function watched(agent: Agent, quiet: Quiet): Agent {
  return withTools(agent, (tool) => {
    const { needsApproval } = tool;
    return {
      ...tool,
      parse: (input) => quiet.busy(() => tool.parse(input)),
      ...(typeof needsApproval === "function"
        ? { needsApproval: (input: unknown) => quiet.busy(() => needsApproval(input)) }
        : {}),
    };
  });
}

/** The one session, as far as it was replayed. */
function storeOn({ events }: Stage, log: Log): Store {
  return {
    open: async () => log,
    post: async () => {},
    async *read(_session, after = 0) {
      yield* events.slice(after);
    },
    async *watch() {},
    async *list() {},
  };
}
