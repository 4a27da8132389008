import type { Agent } from "./agent.js";
import type { Begun, Launch } from "./begin.js";
import { type Environment, realEnvironment } from "./environment.js";
import { NoSessionError, SessionEndedError, StoreBusyError } from "./errors.js";
import type { AgentEvent, Delta } from "./events.js";
import { createFeed } from "./feed.js";
import { createFollower, isDriven, leave, tryAgainMs } from "./follow.js";
import { toMessages } from "./input.js";
import { drive } from "./loop.js";
import { beginOn, closeQuietly, type Opened, openLog } from "./open-session.js";
import { checkOptions, defaultClaude, type RunOptions, retryOf } from "./options.js";
import { type PreparedOutput, withOutput } from "./output.js";
import { prepareAgent } from "./prepare-agent.js";
import { notBegun } from "./pure/to-result.js";
import type { Result } from "./result.js";
import { createRun, type Run } from "./run-handle.js";
import { approve, below, steer } from "./session.js";
import { stateOf } from "./state-of.js";
import { createLiveRun } from "./step/live-run.js";
import type { Subagents } from "./step/subagents.js";
import { createStopping, type Stopping, stopFromOutside, stopWith } from "./stopping.js";
import { memoryStore } from "./store/memory-store.js";
import type { Log, Store } from "./store/store.js";
import { safely, warnOfModel } from "./warnings.js";

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
  const onEvent = safely(options.onEvent);
  const watch = (event: AgentEvent | Delta): void => {
    feed.push(event, { kept: "seq" in event });
    onEvent(event);
  };

  const following = createStart();
  let letGoEarly = () => {};
  let output: PreparedOutput | undefined;
  const open = async (): Promise<Opened | Result> => {
    checkOptions(given);
    letGoEarly = stopWith(stopping, options.signal);
    const prepared = prepareAgent(agent, { ...options, now: environment.now() });
    output = prepared.output;
    const begun: Begun = {
      type: how.type,
      said: "messages" in how ? how.messages() : [],
      ...("parent" in how ? { parent: how.parent } : {}),
    };
    warnOfModel(prepared.model, prepared.catalogue, environment.now());
    if (how.type === "resume" && (await stateOf(store, session)).seq === 0) throw new NoSessionError(session);
    const ask = options.claude ?? defaultClaude();
    const subagents: Subagents = {
      depth,
      ...below(store, environment),
      run: async ({ agent: its, input, session: child, parent, signal }) => {
        const attach: Launch = { type: "attach", messages: () => toMessages(input), parent };
        return launch(
          its,
          attach,
          { ...options, claude: ask, store, environment, session: child, signal },
          depth + 1,
        );
      },
    };
    const parts = {
      agent: prepared,
      claude: ask,
      subagents,
      retry: retryOf(options.retry),
      environment,
      signal: stopping.signal,
      stop: stopping.stop,
    };
    const beginWith = (log: Log, shown: number) =>
      beginOn(
        log,
        () => createLiveRun(parts, session, log, watch, shown),
        begun,
        options.ifPrefixChanged ?? "reject",
      );
    return holdOrFollow({ store, session, environment, stopping, watch }, begun, beginWith, following.start);
  };

  const opened = open();
  let settled = false;
  const result = opened
    .then(async (it) => {
      if (!("live" in it)) return it;
      const letGo = stopFromOutside(stopping, it.live, it.log);
      return drive(it.live, stopping).finally(async () => {
        letGo();
        await closeQuietly(it.log);
      });
    })
    .then((it) => withOutput(it, output))
    .finally(() => {
      settled = true;
      letGoEarly();
    });
  const reached = () => Promise.race([opened, following.started]);
  return createRun(session, result, feed, {
    abort: () => stopping.stop("caller"),
    steer: (input) =>
      handled(async () => {
        await reached();
        if (settled) throw new SessionEndedError(session);
        await steer(store, session, input);
      }),
    approve: (call, answer) =>
      handled(async () => {
        await reached();
        const its = typeof call === "string" ? { session, toolUseId: call } : call;
        await approve(store, its.session, its.toolUseId, answer);
      }),
  });
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
  begun: Begun,
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
      if (isAbort(error)) return notBegun(session, begun.said ?? []);
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
