import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setImmediate } from "node:timers/promises";
import { encodeEvent } from "../event-stream.js";
import type { Delivery } from "./plan-delivery.js";

/** Waits so long, by whatever clock; rejects when the signal aborts. */
export type Sleep = (milliseconds: number, signal: AbortSignal) => Promise<void>;

/**
 * Sends an answer, step by step, and says whether it went out to its end. `gone` says that nobody is there to hear more; it
 * then stops at once, without an error.
 */
export async function deliver(
  { status, headers, steps, begin }: Delivery,
  response: ServerResponse,
  gone: AbortSignal,
  sleep: Sleep,
): Promise<boolean> {
  try {
    for (const step of steps) {
      gone.throwIfAborted();
      switch (step.type) {
        case "headers":
          response.writeHead(status, headers);
          response.flushHeaders();
          begin?.();
          break;
        case "send":
          await send(response, step.bytes);
          break;
        case "wait":
          await sleep(step.milliseconds, gone);
          break;
        case "stall":
          await stall(response, step.pingEveryMs, gone, sleep);
          return false;
        case "cut":
          response.destroy();
          return false;
        case "reset":
          response.socket?.resetAndDestroy();
          return false;
        default:
          return step satisfies never;
      }
    }
    if (gone.aborted) return false;
    response.end();
    return true;
  } catch (error) {
    // The client left in mid-stream: nobody is there to be told.
    if (!gone.aborted) throw error;
    return false;
  }
}

/** Waits until the bytes are on their way, so that a reader sees a stream, and other requests get their turn. */
async function send(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off("close", done);
      resolve();
    };
    // A connection that closes does not call back for all that was written.
    response.once("close", done);
    response.write(bytes, done);
  });
  await setImmediate();
}

async function stall(
  response: ServerResponse,
  pingEveryMs: number | undefined,
  gone: AbortSignal,
  sleep: Sleep,
): Promise<void> {
  while (pingEveryMs !== undefined) {
    await sleep(pingEveryMs, gone);
    gone.throwIfAborted();
    await send(response, ping);
  }
  await once(gone, "abort");
}

const ping: Uint8Array = Buffer.from(encodeEvent({ type: "ping" }));
