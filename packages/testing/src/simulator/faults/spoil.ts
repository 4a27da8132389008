import { type Frame, type Step, stepsOf, waited } from "../delivery/step.js";
import type { Fault, Place } from "./fault.js";
import { errorOf } from "./replacement.js";

/** What is sent of a body that a fault strikes. Pure. */
export function* spoil(frames: readonly Frame[], fault: Fault | undefined): Generator<Step> {
  switch (fault?.type) {
    case undefined:
    case "status":
    case "html":
    case "empty":
      return yield* stepsOf(frames);
    case "reset":
      yield* stepsOf(firstPart(frames, offsetOf(frames, fault.after)));
      return yield { type: "reset" };
    case "stall": {
      const { after = { events: 1 }, pingEveryMs } = fault;
      yield* stepsOf(firstPart(frames, offsetOf(frames, after)));
      return yield { type: "stall", ...(isStream(frames) ? { pingEveryMs } : {}) };
    }
    case "end":
      return yield* stepsOf(
        firstPart(frames, offsetOf(frames, fault.after ?? { events: frames.length - 1 })),
      );
    case "cut":
      yield* stepsOf(firstPart(frames, offsetOf(frames, fault.after)));
      return yield { type: "cut" };
    case "trickle":
      return yield* trickle(frames, fault.bytes ?? 1, fault.everyMs ?? 10);
    case "error":
      yield* stepsOf(frames.slice(0, indexOf(frames, fault.afterEvents)));
      return yield { type: "send", bytes: errorEvent(fault) };
    case "malformed": {
      const index = indexOf(frames, fault.afterEvents);
      return yield* stepsOf(frames.map((frame, each) => (each === index ? brokenOff(frame) : frame)));
    }
    case "protocol":
      return yield* stepsOf(breach(frames, fault.breach));
    case "wrong-bytes":
      return yield* stepsOf(withWrongByte(frames, fault.at ?? Math.floor(lengthOf(frames) / 2), fault.how));
    case "duplicate": {
      const index = indexOf(frames, fault.afterEvents);
      return yield* stepsOf(frames.flatMap((frame, each) => (each === index ? [frame, frame] : [frame])));
    }
    default:
      return fault satisfies never;
  }
}

/** Whether a fault's place is behind the end, or its pieces are no smaller than the body, so that this comes as if there were none. */
export function changesNothing(frames: readonly Frame[], fault: Fault): boolean {
  switch (fault.type) {
    case "end":
      return fault.after !== undefined && offsetOf(frames, fault.after) >= lengthOf(frames);
    case "wrong-bytes":
      return fault.at !== undefined && fault.at >= lengthOf(frames);
    case "trickle":
      return (fault.bytes ?? 1) >= lengthOf(frames);
    default:
      return false;
  }
}

/** Whether a body that this fault strikes comes whole nevertheless, to every reader: only later, or with a ping too many. */
export function leavesWhole(frames: readonly Frame[], fault: Fault): boolean {
  if (fault.type === "trickle") return true;
  return fault.type === "duplicate" && frames[indexOf(frames, fault.afterEvents)]?.event === "ping";
}

function isStream(frames: readonly Frame[]): boolean {
  return frames[0]?.event !== undefined;
}

function lengthOf(frames: readonly Frame[]): number {
  return frames.reduce((length, { bytes }) => length + bytes.length, 0);
}

function offsetOf(
  frames: readonly Frame[],
  place: Place = { events: Math.floor(frames.length / 2) },
): number {
  if ("bytes" in place) return place.bytes;
  return isStream(frames) ? lengthOf(frames.slice(0, place.events)) : Math.floor(lengthOf(frames) / 2);
}

/** Where the event behind so many others is: the one in the middle by default, the last one where there are not so many. */
function indexOf(frames: readonly Frame[], afterEvents: number = Math.floor(frames.length / 2)): number {
  return Math.min(afterEvents, frames.length - 1);
}

function* firstPart(frames: readonly Frame[], length: number): Generator<Frame> {
  let left = length;
  for (const frame of frames) {
    if (left <= 0) return;
    yield { ...frame, bytes: frame.bytes.subarray(0, left) };
    left -= frame.bytes.length;
  }
}

function* trickle(frames: readonly Frame[], size: number, everyMs: number): Generator<Step> {
  for (const { bytes, waitMs } of frames) {
    yield* waited(waitMs);
    for (let start = 0; start < bytes.length; start += size) {
      yield { type: "send", bytes: bytes.subarray(start, start + size) };
      yield* waited(everyMs);
    }
  }
}

function errorEvent(fault: Extract<Fault, { readonly type: "error" }>): Uint8Array {
  const event = { type: "error", error: errorOf(fault) };
  return Buffer.from(`event: error\ndata: ${JSON.stringify(event)}\n\n`);
}

/** Half of a frame's text; an event ends as events do, so that it is read as one. */
function brokenOff(frame: Frame): Frame {
  const text = Buffer.from(frame.bytes).toString("utf8").trimEnd();
  const start = text.indexOf("{");
  const kept = text.slice(0, start + Math.ceil((text.length - start) / 2));
  return { ...frame, bytes: Buffer.from(frame.event === undefined ? kept : `${kept}\n\n`) };
}

function breach(
  frames: readonly Frame[],
  kind: Extract<Fault, { readonly type: "protocol" }>["breach"],
): readonly Frame[] {
  // A reply without a block has only itself to start.
  const first = frames.findIndex(({ event }) => event === "content_block_start");
  const index = first === -1 ? 0 : first;
  return frames.flatMap((frame, each) => {
    if (each !== index) return [frame];
    return kind === "double-start" ? [frame, frame] : [];
  });
}

function withWrongByte(frames: readonly Frame[], at: number, how: "flip" | "utf8" = "flip"): Frame[] {
  let start = 0;
  return frames.map((frame) => {
    const offset = at - start;
    start += frame.bytes.length;
    const byte = frame.bytes[offset];
    if (byte === undefined) return frame;
    const bytes = Uint8Array.from(frame.bytes);
    bytes[offset] = how === "flip" ? byte ^ 1 : 0xff;
    return { ...frame, bytes };
  });
}
