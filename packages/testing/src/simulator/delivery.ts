import { type Answer, messageOf } from "./answers.js";
import type { Fault } from "./faults/fault.js";
import type { Instead } from "./faults/instead.js";
import { changesNothing, spoil } from "./faults/spoil.js";
import { type Pace, pacedEvents, writingMs } from "./pace.js";
import { type Frame, type Step, waited } from "./steps.js";
import { encodeEvent, streamEvents } from "./stream.js";

/** How an answer goes out over HTTP. */
export interface Delivery {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly steps: Iterable<Step>;
  /** Whether the fault makes any difference on the way; one that came instead of the answer makes none. */
  readonly isStruck: boolean;
  /** Called when the headers go out, and not at all if they never do. */
  readonly begin?: (() => void) | undefined;
}

/** How this answer goes out: at this pace, with these headers beside its own, struck by this fault. */
export function deliveryOf(
  answer: Answer | Instead,
  fault: Fault | undefined,
  pace: Pace,
  common: Readonly<Record<string, string>>,
): Delivery {
  switch (answer.kind) {
    case "nothing":
      return { status: 0, headers: {}, steps: [answer.step], isStruck: false };
    case "raw":
      return {
        status: answer.status,
        headers: { ...common, ...answer.headers },
        steps: afterHeaders(0, [{ type: "send", bytes: Buffer.from(answer.body) }]),
        isStruck: false,
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
      const message = messageOf(answer);
      const frame = json(answer.body, message ? writingMs(message, pace) : 0);
      return {
        status: 200,
        headers: { ...common, "content-type": "application/json" },
        ...spoiled(pace.timeToFirstTokenMs, [frame], fault),
        begin: answer.begin,
      };
    }
    case "stream": {
      const events = pacedEvents(answer.events ?? streamEvents(answer.message), answer.message, pace);
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

function json(body: unknown, waitMs: number): Frame {
  return { bytes: Buffer.from(JSON.stringify(body)), waitMs };
}

function spoiled(
  waitMs: number | undefined,
  frames: readonly Frame[],
  fault: Fault | undefined,
): Pick<Delivery, "steps" | "isStruck"> {
  return {
    steps: afterHeaders(waitMs, spoil(frames, fault)),
    isStruck: fault !== undefined && !changesNothing(frames, fault),
  };
}

function* afterHeaders(waitMs: number | undefined, steps: Iterable<Step>): Generator<Step> {
  yield* waited(waitMs ?? 0);
  yield { type: "headers" };
  yield* steps;
}
