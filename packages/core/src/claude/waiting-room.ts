import type { ModelCall, ModelRequest } from "../claude-function.js";
import type { Environment } from "../environment.js";
import { onAbort } from "../on-abort.js";
import { type Admission, admit } from "./admission.js";
import { createFairQueue } from "./fair-queue.js";
import { addLoad, type Load, lessLoad, noLoad } from "./rate-account.js";
import { expectedWait, type Lane, loadOf, waitOf } from "./rate-lane.js";

/** Where the calls of one lane wait for their turn, with one timer for all of them. */
export interface WaitingRoom {
  readonly size: number;
  /** Lets a call in that needn't wait. */
  tryEnter(request: ModelRequest, call: ModelCall): Admission | undefined;
  /** Resolves when its turn has come; rejects as soon as the call's signal aborts, and leaves nothing behind. */
  wait(request: ModelRequest, call: ModelCall): Promise<Admission>;
}

interface Waiting {
  readonly request: ModelRequest;
  readonly call: ModelCall;
  readonly enter: (admission: Admission) => void;
  load: Load;
  /** When it was told to expect its turn. */
  toldUntil?: number;
}

export function createWaitingRoom(lane: Lane, clock: Pick<Environment, "sleep">): WaitingRoom {
  const queue = createFairQueue<Waiting>();
  let queued = noLoad;

  const letIn = (request: ModelRequest, { session }: ModelCall, load: Load): Admission =>
    admit(lane, request, session, load, letInAll);

  /** All whose turn has come. */
  const letInAll = (): void => {
    for (let next = queue.first(); next !== undefined; next = queue.first()) {
      refresh(next);
      const wait = waitOf(lane, next.load);
      if (wait > 0) {
        alarm.set(lane.now() + wait);
        return review();
      }
      queue.shift();
      queued = lessLoad(queued, next.load);
      next.enter(letIn(next.request, next.call, next.load));
    }
    alarm.clear();
  };
  const alarm = createAlarm(lane, clock, letInAll);

  /** By what is known now. */
  const refresh = (waiting: Waiting): void => {
    const load = loadOf(lane, waiting.request, waiting.call.session);
    queued = addLoad(lessLoad(queued, waiting.load), load);
    waiting.load = load;
  };

  let reviewedAt = Number.NEGATIVE_INFINITY;
  let reviewed: unknown;
  const review = (): void => {
    const { account, pausedUntil, known } = lane;
    const limits = JSON.stringify([known, pausedUntil, ...Object.values(account).map(({ limit }) => limit)]);
    if (limits === reviewed && lane.now() - reviewedAt < reviewEveryMs) return;
    [reviewed, reviewedAt] = [limits, lane.now()];
    let ahead = noLoad;
    for (const waiting of queue.inTurn()) {
      refresh(waiting);
      ahead = addLoad(ahead, waiting.load);
      tell(lane, waiting, ahead);
    }
  };

  return {
    get size() {
      return queue.size;
    },
    tryEnter(request, call) {
      if (queue.size > 0) return undefined;
      const load = loadOf(lane, request, call.session);
      return waitOf(lane, load) > 0 ? undefined : letIn(request, call, load);
    },
    wait: (request, call) =>
      new Promise((resolve, reject) => {
        const release = onAbort(call.signal, () => {
          queue.delete(waiting);
          queued = lessLoad(queued, waiting.load);
          reject(call.signal.reason);
          letInAll();
        });
        const enter = (admission: Admission): void => {
          release();
          resolve(admission);
        };
        const waiting: Waiting = { request, call, enter, load: loadOf(lane, request, call.session) };
        queue.add(waiting, call.session);
        queued = addLoad(queued, waiting.load);
        tell(lane, waiting, queued);
        letInAll();
      }),
  };
}

const reviewEveryMs = 5_000;

/** How long it may take; and again only when that has changed a lot. */
function tell(lane: Lane, waiting: Waiting, ahead: Load): void {
  const wait = expectedWait(lane, ahead);
  if (wait === undefined) return;
  const until = lane.now() + wait;
  const { toldUntil } = waiting;
  if (toldUntil !== undefined && Math.abs(until - toldUntil) < Math.max(reviewEveryMs, wait / 2)) return;
  waiting.toldUntil = until;
  waiting.call.emit({ type: "wait", reason: "rate_limit", ms: Math.ceil(wait) });
}

interface Alarm {
  /** Rings no later than at this time. `Infinity`: what has to come back first will ring by itself. */
  set(at: number): void;
  clear(): void;
}

function createAlarm({ now }: Lane, clock: Pick<Environment, "sleep">, ring: () => void): Alarm {
  let current: { readonly at: number; readonly off: AbortController } | undefined;
  const clear = (): void => {
    current?.off.abort();
    current = undefined;
  };
  const set = (at: number): void => {
    if (current !== undefined && current.at <= at) return;
    clear();
    if (!Number.isFinite(at)) return;
    const own = { at, off: new AbortController() };
    current = own;
    clock.sleep(Math.max(1, Math.ceil(at - now())), own.off.signal).then(
      () => {
        if (current !== own) return;
        current = undefined;
        // A clock that stands still would ring for ever.
        now.atLeast(at);
        ring();
      },
      () => {},
    );
  };
  return { set, clear };
}
