import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { Mind, Said } from "../mind.js";

/** The mind to ask for one answer, to somebody with this key. */
export type Ask = (apiKey: string) => Asked;

interface Asked {
  readonly mind: Mind;
  /** To be called where the reply does not arrive whole, even while the mind still thinks: the next such request gets it. */
  missed(): void;
}

/** Somebody who asked, and has no reply yet. */
interface Waiting {
  readonly number: number;
  reply: Promise<Said>;
  /** Asks the mind anew, for whom a reply that was missed and given up. */
  readonly again: () => Promise<Said>;
}

/** All that is known of equal requests. */
interface Line {
  /** Replies that were missed, and wait for somebody to ask again. */
  readonly kept: Promise<Said>[];
  /** In the order of asking. */
  waiting: readonly Waiting[];
}

/**
 * A client that gets a broken answer, or is tired of waiting for one, sends the same request again. A script or a recording
 * has each reply once only, and would have moved on: here the same request, streamed or not, gets the same reply, until it arrives. A
 * mind that gave up when its client left has not said anything, and is asked again.
 *
 * Whoever hangs up and asks again may be heard asking first: then the replies move up, and each goes to the next who waits.
 */
export function keepingMissedReplies(mind: Mind): Ask {
  const lines = new Map<string, Line>();
  const lineOf = (key: string): Line => {
    const line = lines.get(key) ?? { kept: [], waiting: [] };
    lines.set(key, line);
    return line;
  };
  let count = 0;
  return (apiKey) => {
    let miss: () => void = () => {};
    return {
      async mind(request, context) {
        const key = keyOf(apiKey, request);
        const line = lineOf(key);
        const again = async (): Promise<Said> => mind(request, context);
        // Taken at once, so that of two requests side by side only one gets it.
        const waiting: Waiting = {
          number: ++count,
          reply: line.kept.shift()?.catch(again) ?? again(),
          again,
        };
        line.waiting = [...line.waiting, waiting];
        miss = () => passOn(lineOf(key), waiting);
        try {
          return await settled(line, waiting);
        } finally {
          leave(line, waiting);
          if (line.waiting.length === 0 && line.kept.length === 0) lines.delete(key);
        }
      },
      missed() {
        miss();
        miss = () => {};
      },
    };
  };
}

function keyOf(apiKey: string, request: object): string {
  const asked = JSON.stringify([apiKey, { ...request, stream: undefined }]);
  return createHash("sha256").update(asked).digest("hex");
}

/** The reply that is one's own in the end: while others wait before, one of them may turn out to be gone. */
async function settled(line: Line, waiting: Waiting): Promise<Said> {
  for (;;) {
    const { reply } = waiting;
    await reply.catch(() => {});
    if (line.waiting[0] !== waiting) await aFewTurns();
    if (waiting.reply === reply) return reply;
  }
}

/** Of the event loop: until a connection that was closed before the last request came is known to be. */
async function aFewTurns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setImmediate();
}

/** A reply goes to the next who waits, whose own goes to the one after; the last is kept. */
function passOn(line: Line, missed: Waiting): void {
  leave(line, missed);
  let { reply } = missed;
  for (const waiting of line.waiting.filter(({ number }) => number > missed.number)) {
    const own = waiting.reply;
    waiting.reply = reply.catch(waiting.again);
    // It is looked at only when the one before it has come.
    waiting.reply.catch(() => {});
    reply = own;
  }
  line.kept.push(reply);
}

function leave(line: Line, { number }: Waiting): void {
  line.waiting = line.waiting.filter((other) => other.number !== number);
}
