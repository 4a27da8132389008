import type Anthropic from "@anthropic-ai/sdk";
import type { Claude, ModelCall, ModelRequest } from "../../claude-function.js";
import { type Environment, realEnvironment } from "../../environment.js";
import { AgentError, QueueFullError } from "../../errors.js";
import { toUsage } from "../../usage.js";
import { inherit } from "../inherit.js";
import { checkNames } from "../known-names.js";
import { isApiError } from "../sdk-error.js";
import { steadyClock } from "../steady-clock.js";
import { untilAborted } from "../until-aborted.js";
import type { Admission, ResponseHead } from "./admission.js";
import { createBuckets } from "./buckets.js";
import { createInputEstimate } from "./input-estimate.js";
import { createRateClass } from "./rate-class.js";
import { checkRates, type RateLimits, type RateTierName, rateClassName, tierLimitsOf } from "./tiers.js";
import { createWaitingRoom, type WaitingRoom } from "./waiting-room.js";

export interface GovernorOptions {
  /** What to begin with, until the API's headers tell. Default: nothing is known, and the first few calls find out. */
  readonly tier?: RateTierName;
  /**
   * Never more than this, for each class of models, whatever the API would allow: your share where others use the same key, or the
   * limits of a service that doesn't tell.
   */
  readonly limits?: RateLimits;
  /** How many calls may wait. Default 10,000. */
  readonly maxQueue?: number;
  /** The clock that all waiting goes by. Default: the real one. */
  readonly clock?: Pick<Environment, "now" | "sleep">;
}

/** Keeps calls under the API's rate limits. Shared by all that go over one client. */
export interface Governor {
  /**
   * Resolves when the call may be sent, fairly by `call.session`. A call that has to wait shows it with
   * `emit({ type: "wait", reason: "rate_limit", ms })`. Rejects at once with the reason of `call.signal` when that aborts, and with
   * `QueueFullError` where too many wait.
   */
  enter(request: ModelRequest, call: ModelCall): Promise<Admission>;
}

const defaultMaxQueue = 10_000;

/** Throws `AgentError` for options that can't be meant. */
export function createGovernor(options: GovernorOptions = {}): Governor {
  checkNames("createGovernor()", options, { tier: true, limits: true, maxQueue: true, clock: true });
  const { tier, limits = {}, maxQueue = defaultMaxQueue, clock = realEnvironment } = options;
  checkRates(tier, limits);
  if (!(typeof maxQueue === "number" && maxQueue >= 0))
    throw new AgentError(`maxQueue is ${String(maxQueue)}; it must be 0 or more waiting calls.`);
  const now = steadyClock(clock);
  const rooms = new Map<string, WaitingRoom>();

  const createRoom = (model: string): WaitingRoom => {
    const buckets = createBuckets(tierLimitsOf(tier, model), limits, now());
    const isKnown = tier !== undefined || Object.keys(limits).length > 0;
    return createWaitingRoom(createRateClass(buckets, isKnown, createInputEstimate(), now), clock);
  };
  const roomOf = (model: string): WaitingRoom => {
    const name = rateClassName(model);
    const room = rooms.get(name) ?? createRoom(model);
    rooms.set(name, room);
    return room;
  };

  return {
    async enter(request, call) {
      call.signal.throwIfAborted();
      const room = roomOf(request.model);
      const admission = room.tryEnter(request, call);
      if (admission !== undefined) return admission;
      const waiting = [...rooms.values()].reduce((sum, { size }) => sum + size, 0);
      if (waiting >= maxQueue) throw new QueueFullError(waiting);
      return room.wait(request, call);
    },
  };
}

const governors = new WeakMap<object, Governor>();

/** The one governor of a client. */
export function governorOf(client: object, clock: Pick<Environment, "now" | "sleep">): Governor {
  const governor = governors.get(client) ?? createGovernor({ clock });
  governors.set(client, governor);
  return governor;
}

/** Any Claude function, kept under rate limits. Of `claude()` the governor sees more where it is an option: the headers of good answers. */
export function governed(claude: Claude, governor: Governor): Claude {
  return inherit(claude, (request, call) =>
    govern(governor, request, call, (watched) => claude(request, watched)),
  );
}

/** One call through a governor. `send` may tell it of the response's head before the reply is there. */
export async function govern(
  governor: Governor,
  request: ModelRequest,
  call: ModelCall,
  send: (call: ModelCall, answered: (response: ResponseHead) => void) => Promise<Anthropic.Message>,
): Promise<Anthropic.Message> {
  const admission = await governor.enter(request, call);
  let isAnswered = false;
  const answered = (response: ResponseHead): void => {
    isAnswered = true;
    admission.answered(response);
  };
  const emit: ModelCall["emit"] = (event) => {
    if (event.type === "message_start") admission.counted(toUsage(event.message.usage));
    call.emit(event);
  };
  try {
    // A Claude function that goes on after an abort would keep its place for ever.
    const reply = await untilAborted(send({ ...call, emit }, answered), call.signal);
    // LimitReport by a Claude function that may be anybody's.
    admission.leave(toUsage((reply as Partial<Anthropic.Message> | undefined)?.usage));
    return reply;
  } catch (error) {
    if (!isAnswered && isApiError(error) && error.status !== undefined && error.headers !== undefined)
      admission.answered({ status: error.status, headers: error.headers });
    throw error;
  } finally {
    admission.leave();
  }
}
