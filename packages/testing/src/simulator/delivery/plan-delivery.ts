import { cutIntoEvents, encodeEvent } from "../event-stream.js";
import type { Fault } from "../faults/fault.js";
import type { Replacement } from "../faults/replacement.js";
import { changesNothing, leavesWhole, spoil } from "../faults/spoil.js";
import { messageIn, type SimulatedResponse } from "../response.js";
import { type Pace, pacedEvents, writingMs } from "./pace.js";
import { type Frame, type Step, waited } from "./step.js";

/** How an answer goes out over HTTP. */
export interface Delivery {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly steps: Iterable<Step>;
  /** Whether the fault makes any difference on the way; one that came instead of the answer makes none. */
  readonly isStruck: boolean;
  /** Whether a reader gets all of the answer, whatever the fault makes of it. */
  readonly comesWhole: boolean;
  /** Called when the headers go out, and not at all if they never do. */
  readonly begin?: (() => void) | undefined;
}

/** How this answer goes out: at this pace, with these headers beside its own, struck by this fault. */
export function planDelivery(
  answer: SimulatedResponse | Replacement,
  fault: Fault | undefined,
  pace: Pace,
  common: Readonly<Record<string, string>>,
): Delivery {
  switch (answer.kind) {
    case "nothing":
      return { status: 0, headers: {}, steps: [answer.step], ...instead };
    case "raw":
      return {
        status: answer.status,
        headers: { ...common, ...answer.headers },
        steps: afterHeaders(0, [{ type: "send", bytes: Buffer.from(answer.body) }]),
        ...instead,
      };
    case "error": {
      const { status, error, headers } = answer.reply;
      const body = { type: "error", error, request_id: common["request-id"] };
      return {
        status,
        headers: { ...common, "content-type": "application/json", ...headers },
        ...spoiled(0, [json(body, 0)], fault),
      };
    }
    case "json": {
      const message = messageIn(answer);
      const frame = json(answer.body, message ? writingMs(message, pace) : 0);
      return {
        status: 200,
        headers: { ...common, "content-type": "application/json" },
        ...spoiled(pace.timeToFirstTokenMs, [frame], fault),
        begin: answer.begin,
      };
    }
    case "stream": {
      const events = pacedEvents(answer.events ?? cutIntoEvents(answer.message), answer.message, pace);
      const frames = events.map(({ event, waitMs }): Frame => {
        return { event: event.type, bytes: Buffer.from(encodeEvent(event)), waitMs };
      });
      return {
        status: 200,
        headers: {
          ...common,
          "content-type": "text/event-stream; charset=utf-8",
          "cache-control": "no-cache",
        },
        ...spoiled(pace.timeToFirstTokenMs, frames, fault),
        begin: answer.begin,
      };
    }
    default:
      return answer satisfies never;
  }
}

/** Of what came in place of the answer. */
const instead = { isStruck: false, comesWhole: false };

function json(body: unknown, waitMs: number): Frame {
  return { bytes: Buffer.from(JSON.stringify(body)), waitMs };
}

function spoiled(
  waitMs: number | undefined,
  frames: readonly Frame[],
  fault: Fault | undefined,
): Pick<Delivery, "steps" | "isStruck" | "comesWhole"> {
  const striking = fault && !changesNothing(frames, fault) ? fault : undefined;
  return {
    steps: afterHeaders(waitMs, spoil(frames, striking)),
    isStruck: striking !== undefined,
    comesWhole: striking === undefined || leavesWhole(frames, striking),
  };
}

function* afterHeaders(waitMs: number | undefined, steps: Iterable<Step>): Generator<Step> {
  yield* waited(waitMs ?? 0);
  yield { type: "headers" };
  yield* steps;
}
