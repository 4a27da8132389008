import { type Agent, prepareAgent } from "./agent.js";
import { type Begun, begin, type Launch } from "./begin.js";
import { type Environment, realEnvironment } from "./environment.js";
import {
  messageOf,
  NoSessionError,
  SessionEndedError,
  SessionRunningError,
  StoreBusyError,
} from "./errors.js";
import type { AgentEvent, Delta } from "./events.js";
import { createFeed } from "./feed.js";
import { createFollower, stateOf } from "./follow.js";
import { drive } from "./loop.js";
import { onAbort } from "./on-abort.js";
import { checkOptions, defaultClaude, type RunOptions, retryOf } from "./options.js";
import { emptyState } from "./pure/apply.js";
import { progressOf, toOwnEnd } from "./pure/to-result.js";
import { type Result, rememberPartial } from "./result.js";
import { createRun, type Run } from "./run-handle.js";
import { approve, steer } from "./session.js";
import { createLiveRun, type LiveRun } from "./step/live-run.js";
import { createStopping, stopFromOutside, stopWith } from "./stopping.js";
import { fromStore } from "./store/from-store.js";
import { memoryStore } from "./store/memory-store.js";
import type { Log, Store } from "./store/store.js";
import { safely, warnOfUnknownModel } from "./warnings.js";

/** Opens a session, begins or resumes its run, and drives it: what `run()` and `resume()` have in common. */
export function launch(agent: Agent, how: Launch, given: RunOptions): Run {
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

  let letGoEarly = () => {};
  const open = async (): Promise<Opened | Result> => {
    checkOptions(given);
    letGoEarly = stopWith(stopping, options.signal);
    const prepared = prepareAgent(agent);
    const begun = { type: how.type, said: "messages" in how ? how.messages() : [] };
    warnOfUnknownModel(prepared.model);
    if (how.type === "resume" && (await stateOf(store, session)).seq === 0) throw new NoSessionError(session);
    const parts = {
      agent: prepared,
      claude: options.claude ?? defaultClaude(),
      retry: retryOf(options.retry),
      environment,
    };
    const follower = createFollower(store, session, environment, stopping.signal, watch);
    for (;;) {
      try {
        const log = await openLog(store, session, environment, stopping.signal);
        const makeLive = () =>
          createLiveRun({ ...parts, signal: stopping.signal, stop: stopping.stop }, session, log, watch);
        return await beginOn(log, makeLive, begun, options.ifPrefixChanged ?? "reject");
      } catch (error) {
        if (stopping.by !== undefined && error === stopping.signal.reason)
          return notBegun(session, begun.said);
        const isBusy = error instanceof SessionRunningError || error instanceof StoreBusyError;
        if (!isBusy || how.type === "start") throw error;
        const result = await follower.untilFree();
        if (result !== undefined) return result;
      }
    }
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
    .finally(() => {
      settled = true;
      letGoEarly();
    });
  return createRun(session, result, feed, {
    abort: () => stopping.stop("caller"),
    steer: (input) =>
      handled(async () => {
        await opened;
        if (settled) throw new SessionEndedError(session);
        await steer(store, session, input);
      }),
    approve: (toolUseId, answer) =>
      handled(async () => {
        await opened;
        await approve(store, session, toolUseId, answer);
      }),
  });
}

/** A promise that may be ignored: its failure is for whoever looks, and takes nothing down. */
function handled(work: () => Promise<void>): Promise<void> {
  const promise = work();
  promise.catch(() => {});
  return promise;
}

interface Opened {
  readonly live: LiveRun;
  readonly log: Log;
}

/** A run that was aborted before its session could be opened: nothing was committed, and nothing sent. */
function notBegun(session: string, said: Result["messages"]): Result {
  return {
    ...progressOf(emptyState(session)),
    messages: said,
    status: "ended",
    reason: "aborted",
    output: undefined,
  };
}

/** Opening may take as long as another's lease: an abort doesn't wait for it, and a log that comes too late is closed. */
async function openLog(
  store: Store,
  session: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<Log> {
  const opening = fromStore(() => store.open(session, environment.id()));
  let opened = false;
  const given = opening.then((log) => {
    opened = true;
    return log;
  });
  const late = new AbortController();
  let release = () => {};
  const abandoned = new Promise<never>((_, reject) => {
    // An abort leaves it a moment: a run that could begin is better ended in its log than forgotten.
    const giveUp = () => environment.sleep(openingGraceMs, late.signal).then(() => reject(signal.reason));
    release = onAbort(signal, () => giveUp().catch(() => {}));
  });
  try {
    return await Promise.race([given, abandoned]);
  } finally {
    release();
    late.abort();
    if (!opened) opening.then(closeQuietly, () => {});
  }
}

const openingGraceMs = 50;

/** Begins on a log that was just opened. One that nobody will drive is closed, or it would keep its session. */
async function beginOn(
  log: Log,
  makeLive: () => Promise<LiveRun>,
  begun: Begun,
  ifPrefixChanged: "reject" | "continue",
): Promise<Opened | Result> {
  let live: LiveRun | undefined;
  try {
    live = await makeLive();
    if ((await begin(live, begun, ifPrefixChanged)) === "drive") return { live, log };
    await closeQuietly(log);
    return toOwnEnd(live.state);
  } catch (error) {
    await closeQuietly(log);
    if (live !== undefined) rememberPartial(error, progressOf(live.state));
    throw error;
  }
}

/** What was committed stands; that its log can't be closed must not hide how the run ended. */
async function closeQuietly(log: Log): Promise<void> {
  await log
    .close()
    .catch((error: unknown) => console.warn(`Lockstitch: a log could not be closed: ${messageOf(error)}`));
}
