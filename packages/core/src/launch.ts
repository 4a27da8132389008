import type { Agent } from "./agent.js";
import type { CheckedLaunch, Launch } from "./begin.js";
import { type Environment, realEnvironment } from "./environment.js";
import { NoSessionError, SessionEndedError, StoreBusyError } from "./errors.js";
import type { AgentEvent, Delta } from "./events.js";
import { createFeed, type Feed } from "./feed.js";
import { createFollower, isDriven, leave, tryAgainMs } from "./follow.js";
import { drive } from "./loop.js";
import { beginOn, closeQuietly, type Opened, openLog } from "./open-session.js";
import { checkOptions, defaultClaude, type RunOptions, retryOf } from "./options.js";
import { withOutput } from "./output.js";
import { type PreparedAgent, prepareAgent } from "./prepare-agent.js";
import { notBegun } from "./pure/to-result.js";
import type { Result } from "./result.js";
import { createRun, type Run } from "./run-handle.js";
import { approve, steer, subagentSessions } from "./session.js";
import { stateOf } from "./state-of.js";
import { createLiveRun, type RunParts } from "./step/live-run.js";
import type { Subagents } from "./step/subagents/subagents.js";
import { createStopping, type Stopping, stopFromOutside, stopWith } from "./stopping.js";
import { memoryStore } from "./store/memory-store.js";
import type { Log, Store } from "./store/store.js";
import { toMessages } from "./to-messages.js";
import { safely, warnOfIdleTools, warnOfModel } from "./warnings.js";

/**
 * Opens a session, begins or resumes its run, and drives it: what `run()` and `resume()` have in common.
 * @param depth how many runs this one is below
 */
export function launch(agent: Agent, how: Launch, given: RunOptions, depth = 0): Run {
  // Looked at below, where a run can reject; until then anything must do.
  const options: RunOptions = given ?? {};
  const environment = options.environment ?? realEnvironment;
  const session = options.session ?? environment.id();
  const store = options.store ?? memoryStore({ now: () => environment.now() });
  const feed = createFeed<AgentEvent | Delta>();
  const stopping = createStopping();
  const place: Place = { store, session, environment, stopping, watch: watcher(feed, options.onEvent) };
  const reached = createStart();
  let settled = false;

  const work = async (): Promise<Result> => {
    checkOptions(given);
    const letGo = stopWith(stopping, options.signal);
    try {
      const prepared = prepareAgent(agent, { ...options, now: environment.now() });
      const begun = checkedLaunch(how);
      warnOfModel(prepared.model, prepared.catalogue, environment.now());
      warnOfIdleTools(prepared);
      if (how.type === "resume" && (await stateOf(store, session)).seq === 0)
        throw new NoSessionError(session);
      const parts = partsOf(prepared, place, options, depth);
      const { ifPrefixChanged = "reject" } = options;
      const beginWith = (log: Log, shown: number) =>
        beginOn(log, () => createLiveRun(parts, session, log, place.watch, shown), begun, ifPrefixChanged);
      const opened = await holdOrFollow(place, begun, beginWith, reached.start);
      reached.start();
      return await withOutput(
        "live" in opened ? await driveToEnd(opened, stopping) : opened,
        prepared.output,
      );
    } finally {
      settled = true;
      letGo();
    }
  };

  const result = work();
  const untilReached = () => Promise.race([result, reached.started]);
  return createRun(session, result, feed, {
    abort: () => stopping.stop("caller"),
    steer: (input) =>
      handled(async () => {
        await untilReached();
        if (settled) throw new SessionEndedError(session);
        await steer(store, session, input);
      }),
    approve: (call, answer) =>
      handled(async () => {
        await untilReached();
        const its = typeof call === "string" ? { session, toolUseId: call } : call;
        await approve(store, its.session, its.toolUseId, answer);
      }),
  });
}

function watcher(feed: Feed<AgentEvent | Delta>, given: RunOptions["onEvent"]): Place["watch"] {
  const onEvent = safely(given);
  return (event) => {
    feed.push(event, { kept: "seq" in event });
    onEvent(event);
  };
}

function checkedLaunch(how: Launch): CheckedLaunch {
  return {
    type: how.type,
    said: "messages" in how ? how.messages() : [],
    ...("parent" in how ? { parent: how.parent } : {}),
  };
}

/** What a run works with. Its subagents work with the same, but for what is their own. */
function partsOf(agent: PreparedAgent, place: Place, options: RunOptions, depth: number): RunParts {
  const { store, environment, stopping } = place;
  const ask = options.claude ?? defaultClaude();
  const run: Subagents["run"] = async ({ agent: its, input, session, parent, signal }) => {
    const attach: Launch = { type: "attach", messages: () => toMessages(input), parent };
    return launch(its, attach, { ...options, claude: ask, store, environment, session, signal }, depth + 1);
  };
  return {
    agent,
    claude: ask,
    subagents: { depth, ...subagentSessions(store, environment), run },
    retry: retryOf(options.retry),
    environment,
    signal: stopping.signal,
    stop: stopping.stop,
  };
}

async function driveToEnd({ live, log }: Opened, stopping: Stopping): Promise<Result> {
  const letGo = stopFromOutside(stopping, live, log);
  try {
    return await drive(live, stopping);
  } finally {
    letGo();
    await closeQuietly(log);
  }
}

interface Place {
  readonly store: Store;
  readonly session: string;
  readonly environment: Environment;
  readonly stopping: Stopping;
  readonly watch: (event: AgentEvent | Delta) => void;
}

/**
 * Holds the session and begins on it. One that somebody else drives is followed, if the caller would go on with it: until its run
 * has ended, or its driver has let go of it.
 */
async function holdOrFollow(
  { store, session, environment, stopping, watch }: Place,
  begun: CheckedLaunch,
  beginWith: (log: Log, shown: number) => Promise<Opened | Result>,
  onFollow: () => void,
): Promise<Opened | Result> {
  const isAbort = (error: unknown) => stopping.by !== undefined && error === stopping.signal.reason;
  const follower = createFollower(store, session, environment, stopping.signal, watch);
  for (;;) {
    try {
      const log = await openLog(store, session, environment, stopping.signal);
      return await beginWith(log, follower.state.seq);
    } catch (error) {
      if (isAbort(error)) return notBegun(session, begun.said);
      if (begun.type === "start" || !(await isDriven(error, store, session))) throw error;
      if (follower.state.seq === 0 && error instanceof StoreBusyError)
        watch({ session, type: "wait", reason: "store", ms: tryAgainMs, error: error.message });
    }
    onFollow();
    try {
      const result = await follower.untilFree();
      if (result !== undefined) return result;
    } catch (error) {
      if (!isAbort(error)) throw error;
      return leave(follower, stopping.by, store, environment);
    }
  }
}

/** A promise that may be ignored: its failure is for whoever looks, and takes nothing down. */
function handled(work: () => Promise<void>): Promise<void> {
  const promise = work();
  promise.catch(() => {});
  return promise;
}

/** Something that may start at some time, to be waited for. */
function createStart(): { readonly started: Promise<void>; start(): void } {
  let start = () => {};
  const started = new Promise<void>((resolve) => {
    start = resolve;
  });
  return { started, start };
}
