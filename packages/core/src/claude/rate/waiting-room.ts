import type { ModelCall, ModelRequest } from "../../claude-function.js";
import type { Environment } from "../../environment.js";
import { onAbort } from "../../on-abort.js";
import { type Admission, admit } from "./admission.js";
import { addAmounts, lessAmounts, noAmounts, type RateAmounts } from "./buckets.js";
import { createFairQueue } from "./fair-queue.js";
import { expectedAmounts, expectedWait, type RateClass, waitOf } from "./rate-class.js";

/** Where the calls to one class of models wait for their turn, with one timer for all of them. */
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
  amounts: RateAmounts;
  /** When it was told to expect its turn. */
  toldUntil?: number;
}

export function createWaitingRoom(rateClass: RateClass, clock: Pick<Environment, "sleep">): WaitingRoom {
  const queue = createFairQueue<Waiting>();
  let queued = noAmounts;

  const letIn = (request: ModelRequest, { session }: ModelCall, amounts: RateAmounts): Admission =>
    admit(rateClass, request, session, amounts, letInAll);

  /** All whose turn has come. */
  const letInAll = (): void => {
    for (let next = queue.first(); next !== undefined; next = queue.first()) {
      refresh(next);
      const wait = waitOf(rateClass, next.amounts);
      if (wait > 0) {
        alarm.set(rateClass.now() + wait);
        return review();
      }
      queue.shift();
      queued = lessAmounts(queued, next.amounts);
      next.enter(letIn(next.request, next.call, next.amounts));
    }
    alarm.clear();
  };
  const alarm = createAlarm(rateClass, clock, letInAll);

  /** By what is known now. */
  const refresh = (waiting: Waiting): void => {
    const amounts = expectedAmounts(rateClass, waiting.request, waiting.call.session);
    queued = addAmounts(lessAmounts(queued, waiting.amounts), amounts);
    waiting.amounts = amounts;
  };

  let reviewedAt = Number.NEGATIVE_INFINITY;
  let reviewed: unknown;
  const review = (): void => {
    const { buckets, pausedUntil, known } = rateClass;
    const limits = JSON.stringify([known, pausedUntil, ...Object.values(buckets).map(({ limit }) => limit)]);
    if (limits === reviewed && rateClass.now() - reviewedAt < reviewEveryMs) return;
    [reviewed, reviewedAt] = [limits, rateClass.now()];
    let ahead = noAmounts;
    for (const waiting of queue.inTurn()) {
      refresh(waiting);
      ahead = addAmounts(ahead, waiting.amounts);
      tell(rateClass, waiting, ahead);
    }
  };

  return {
    get size() {
      return queue.size;
    },
    tryEnter(request, call) {
      if (queue.size > 0) return undefined;
      const amounts = expectedAmounts(rateClass, request, call.session);
      return waitOf(rateClass, amounts) > 0 ? undefined : letIn(request, call, amounts);
    },
    wait: (request, call) =>
      new Promise((resolve, reject) => {
        const release = onAbort(call.signal, () => {
          queue.delete(waiting);
          queued = lessAmounts(queued, waiting.amounts);
          reject(call.signal.reason);
          letInAll();
        });
        const enter = (admission: Admission): void => {
          release();
          resolve(admission);
        };
        const waiting: Waiting = {
          request,
          call,
          enter,
          amounts: expectedAmounts(rateClass, request, call.session),
        };
        queue.add(waiting, call.session);
        queued = addAmounts(queued, waiting.amounts);
        tell(rateClass, waiting, queued);
        letInAll();
      }),
  };
}

const reviewEveryMs = 5_000;

/** How long it may take; and again only when that has changed a lot. */
function tell(rateClass: RateClass, waiting: Waiting, ahead: RateAmounts): void {
  const wait = expectedWait(rateClass, ahead);
  if (wait === undefined) return;
  const until = rateClass.now() + wait;
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

function createAlarm({ now }: RateClass, clock: Pick<Environment, "sleep">, ring: () => void): Alarm {
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
