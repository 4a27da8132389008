import type { RetryOptions } from "../claude/retry.js";
import type { Claude } from "../claude-function.js";
import type { Environment } from "../environment.js";
import type { AgentEvent, Delta, DeltaBody, EventBody } from "../events.js";
import { deepFreeze } from "../freeze.js";
import type { PreparedAgent } from "../prepare-agent.js";
import { apply, emptyState } from "../pure/fold/apply.js";
import type { State } from "../state.js";
import { fromStore } from "../store/from-store.js";
import type { AppendOptions, Log } from "../store/store.js";
import type { Allowed, Ended, Verdict } from "./call-parts.js";
import type { Subagents } from "./subagents/subagents.js";

/** What a step needs of the run it belongs to. */
export interface LiveRun {
  readonly agent: PreparedAgent;
  readonly claude: Claude;
  readonly retry: Required<RetryOptions>;
  readonly environment: Environment;
  /** Aborts when the run must stop: the caller said so, its time is up, or the lease is lost. */
  readonly signal: AbortSignal;
  /** Of the log: grows with every change of owner. */
  readonly fence: number;
  /** Aborts `signal`. */
  stop(by: string): void;
  /** Eager calls that go on beyond the reply that asks for them, by `toolUseId`. */
  readonly inFlight: Map<string, Promise<Ended | undefined>>;
  /** Calls that were checked and may run, or will once a person says yes, with their parsed input, by `toolUseId`. */
  readonly parsedCalls: Map<string, Allowed>;
  /** What was asked about calls while their reply still streamed, by `toolUseId`. */
  readonly earlyVerdicts: Map<string, Promise<Verdict>>;
  /** Characters of the whole results that are kept to be read on in, by `toolUseId`, from before they are committed. */
  readonly fullLengths: Map<string, number>;
  /** How tools run agents of their own. */
  readonly subagents: Subagents;
  /** Subagents that are at work. Their call may be over before they are, when its time is up. */
  readonly subagentRuns: Set<Promise<unknown>>;
  /** Subagents that want a part of the limits and have none yet: their calls' `toolUseId`, by session. */
  readonly grantsWanted: Map<string, string>;
  /** Of those at work, by session, the ones that may still give back something of what they were granted. */
  readonly subagentsAtWork: Map<string, Promise<void>>;
  /** Work that is done one after the other: two that looked at the same limits at once would both take what is left of them. */
  exclusively<Value>(work: () => Promise<Value>): Promise<Value>;
  /** The log folded so far. */
  readonly state: State;
  /** Commits, folds everything new, and shows it to whoever watches. */
  commit(bodies: readonly EventBody[], options?: AppendOptions): Promise<readonly AgentEvent[]>;
  /** Calls `listener` after every commit, with the state in step. Returns how to stop that. */
  onCommit(listener: () => void): () => void;
  /** Shows something live that is not committed. */
  show(delta: DeltaBody): void;
}

/** What a run is given from outside, whichever session it drives. */
export type RunParts = Pick<
  LiveRun,
  "agent" | "claude" | "retry" | "environment" | "signal" | "stop" | "subagents"
>;

/**
 * The state of a session kept in step with its log: nothing is folded that was not committed before.
 * @param shown `seq` of the last event of the open run that was shown already, by whoever only followed it until now
 */
export async function createLiveRun(
  parts: RunParts,
  session: string,
  log: Log,
  watch: (event: AgentEvent | Delta) => void,
  shown = 0,
): Promise<LiveRun> {
  const before = await fromStore(async () => eventsOf(await log.append([])));
  let state = before.reduce(apply, emptyState(session));
  // What was committed before is folded in, and not shown, unless its beginning was.
  if (shown > 0) before.filter(({ seq }) => seq > shown).forEach(watch);
  const listeners = new Set<() => void>();
  return {
    ...parts,
    fence: log.fence,
    inFlight: new Map(),
    parsedCalls: new Map(),
    earlyVerdicts: new Map(),
    fullLengths: new Map(),
    subagentRuns: new Set(),
    grantsWanted: new Map(),
    subagentsAtWork: new Map(),
    exclusively: inTurn(),
    get state() {
      return state;
    },
    async commit(bodies, options) {
      const events = await fromStore(async () => eventsOf(await log.append(bodies.map(deepFreeze), options)));
      for (const event of events) {
        // Frozen with all its lists: a permission or a listener that is handed it can't change the history.
        state = deepFreeze(apply(state, event));
        watch(event);
      }
      if (events.length > 0) for (const listener of [...listeners]) listener();
      return events;
    },
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    show: (delta) => watch({ session, ...delta }),
  };
}

function inTurn(): LiveRun["exclusively"] {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => {});
    return next;
  };
}

/** A store is anybody's code. */
function eventsOf(given: readonly AgentEvent[]): readonly AgentEvent[] {
  if (!Array.isArray(given)) throw new TypeError("append() gave no list of events");
  return given;
}
