import {
  type Agent,
  AgentError,
  type AgentEvent,
  apply,
  emptyState,
  type Log,
  messageOf,
  type Result,
  type RunOptions,
  resume,
  run,
  type State,
  type Store,
  ToolDefinitionError,
} from "@lockstitch/core";
import { ReplayError } from "../errors.js";
import { servedAgent, withTools } from "../recorded-results.js";
import { type Activity, createActivity } from "./activity.js";
import { createDepartures, type Departure } from "./departures.js";
import { createReplayDriver } from "./driver.js";
import { type Invocation, invocationsIn } from "./invocations.js";
import { servedLength, withGrantOf } from "./logged-limits.js";
import { attemptsIn } from "./logged-reply.js";
import type { Controls, ReplayedSession } from "./progress.js";

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
 * What subagents did, and whether a person had to answer for them, comes with the log: each has a session of its own, which is replayed
 * with its own agent. So does what was spent.
 *
 * Of the `request` fields a log holds a fingerprint, of those that the API's cache goes by, and `max_tokens` only where a limit had lowered
 * it. So far they are compared; a field that comes to a run which had none is not noticed, for older logs have no fingerprint. Nor is
 * another `maxTokens` where the log does not tell what it was, nor how a summary is asked for: `compact.instructions` and
 * `compact.maxTokens`. When a summary is made, with which model, and how many messages it leaves, is compared.
 *
 * @param books what the runs were given of models and prices, where it was not the default
 *
 * Rejects with `ReplayError` where there is nothing to replay, and with `AgentError` for an agent that can't be run.
 */
export async function replaySession(
  agent: Agent,
  logged: readonly AgentEvent[],
  books: Pick<RunOptions, "models" | "prices"> = {},
): Promise<SessionReplay> {
  const isSubagent = logged.some((event) => event.type === "session.start" && event.parent !== undefined);
  const events = logged.map(withoutParent);
  const [first] = events;
  const invocations = invocationsIn(events);
  if (first === undefined || invocations.length === 0)
    throw new ReplayError("nothing_to_replay", "These events hold no run, so there is nothing to replay.");
  const departures = createDepartures(events);
  const shared = { events: [], departures, states: statesOf(events) };
  for (const invocation of invocations) {
    // Each has its own activity: what a dead process was busy with goes on for ever, and keeps nobody waiting.
    const session: ReplayedSession = { ...shared, activity: createActivity() };
    const its = isSubagent ? withGrantOf(invocation, agent) : agent;
    if (!(await replayInvocation(its, invocation, session, first.session, books))) break;
  }
  const { found, runs, steps, toolCalls } = departures;
  return { session: first.session, runs, steps, toolCalls, departures: found };
}

/** A subagent's session may only be gone on with by its parent, and here nobody is above it. */
function withoutParent(event: AgentEvent): AgentEvent {
  if (event.type !== "session.start") return event;
  const { parent: _parent, ...free } = event;
  return free;
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

/** False where the agent left the log's path. */
async function replayInvocation(
  agent: Agent,
  invocation: Invocation,
  replayed: ReplayedSession,
  session: string,
  books: Pick<RunOptions, "models" | "prices">,
): Promise<boolean> {
  const { activity, events } = replayed;
  const signal = new AbortController();
  const controls: Controls = {
    abort: () => running.abort(),
    signal: () => signal.abort(),
    maxDurationMs: agent.limits?.maxDurationMs,
    agent,
  };
  const driver = createReplayDriver(invocation, replayed, controls);
  const options = {
    ...books,
    store: storeOn(session, events, driver.log),
    session,
    claude: driver.claude,
    environment: driver.environment,
    signal: signal.signal,
    retry: { attempts: attemptsIn(invocation.events) },
  };
  const maxResultLength = servedLength(invocation, agent);
  const served = watched(
    servedAgent(agent, driver.resultOf, { reconcile: driver.reconcile, maxResultLength }),
    activity,
  );
  const running =
    invocation.how.type === "run"
      ? run(served, invocation.how.messages, options)
      : resume(served, session, options);
  let settled: string | undefined;
  const done = running.then(
    (result) => {
      settled = endingOf(result);
    },
    (error: unknown) => {
      if (events.length === 0 && (error instanceof AgentError || error instanceof ToolDefinitionError))
        throw error;
      settled = `a run that failed: ${messageOf(error)}`;
    },
  );
  while (settled === undefined) {
    await Promise.race([done, activity.untilStill(() => settled !== undefined)]);
    if (settled === undefined) driver.advance();
  }
  return driver.finish(settled);
}

function endingOf(result: Result): string {
  return result.status === "waiting"
    ? "a run that waits for a person"
    : `a run that ended with ${result.reason}`;
}

/** The agent's own code is waited for: it may take its time. */
function watched(agent: Agent, activity: Activity): Agent {
  return withTools(agent, (tool) => {
    const { needsApproval } = tool;
    return {
      ...tool,
      parse: (input) => activity.during(() => tool.parse(input)),
      ...(typeof needsApproval === "function"
        ? { needsApproval: (input: unknown) => activity.during(() => needsApproval(input)) }
        : {}),
    };
  });
}

/** The one session, as far as it was replayed. There is no other: a subagent has one of its own, which is replayed by itself. */
function storeOn(session: string, events: readonly AgentEvent[], log: Log): Store {
  return {
    open: async () => log,
    post: async () => {},
    async *read(id, after = 0) {
      if (id === session) yield* events.slice(after);
    },
    async *watch() {},
    async *list() {},
  };
}
