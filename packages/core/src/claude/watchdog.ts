import Anthropic from "@anthropic-ai/sdk";
import type { Environment } from "../environment.js";
import { steadyClock } from "./steady-clock.js";

/** How long a reply may be silent, in milliseconds. Its length is not limited. */
export interface Timeouts {
  /** Until the response's headers. Default 60,000. */
  readonly headersMs?: number;
  /** Without a single byte. Default 60,000. */
  readonly bytesMs?: number;
  /** Without an event that carries content; pings are no progress. Default 600,000: thinking may be silent for minutes. */
  readonly contentMs?: number;
}

export const defaultTimeouts: Required<Timeouts> = { headersMs: 60_000, bytesMs: 60_000, contentMs: 600_000 };

export interface Watchdog {
  sawHeaders(): void;
  sawBytes(): void;
  sawContent(): void;
  stop(): void;
}

/**
 * Calls `giveUp` once, as soon as one of the three clocks runs out.
 * One sleeping timer, looked at only when it wakes: an event costs no more than reading the clock.
 */
export function startWatchdog(
  timeouts: Required<Timeouts>,
  clock: Pick<Environment, "now" | "sleep">,
  giveUp: (error: Error) => void,
): Watchdog {
  const stopped = new AbortController();
  const now = steadyClock(clock);
  let headers = false;
  let lastBytes = now();
  let lastContent = lastBytes;

  const deadlines = (): readonly { readonly at: number; readonly words: string }[] =>
    headers
      ? [
          {
            at: lastBytes + timeouts.bytesMs,
            words: `no byte arrived for ${timeouts.bytesMs} ms (timeouts.bytesMs)`,
          },
          {
            at: lastContent + timeouts.contentMs,
            words: `no content arrived for ${timeouts.contentMs} ms (timeouts.contentMs)`,
          },
        ]
      : [
          {
            at: lastBytes + timeouts.headersMs,
            words: `no answer began within ${timeouts.headersMs} ms (timeouts.headersMs)`,
          },
        ];

  // A deadline that comes into being while the timer sleeps lies at least this far ahead, so no wake comes too late for it.
  const shortest = Math.min(timeouts.headersMs, timeouts.bytesMs, timeouts.contentMs);
  const watch = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const [next] = [...deadlines()].sort((a, b) => a.at - b.at);
      if (next === undefined) return;
      const left = next.at - now();
      if (left <= 0)
        return giveUp(
          new Anthropic.APIConnectionTimeoutError({ message: `The API went silent: ${next.words}.` }),
        );
      const pause = Math.min(left, shortest);
      const before = now();
      await clock.sleep(pause, stopped.signal);
      now.atLeast(before + pause);
    }
  };
  // Stopping rejects the sleep; that is the usual end and no fault.
  watch().catch(() => {});

  return {
    sawHeaders() {
      headers = true;
      lastBytes = now();
      lastContent = lastBytes;
    },
    sawBytes() {
      lastBytes = now();
    },
    sawContent() {
      lastContent = now();
    },
    stop: () => stopped.abort(),
  };
}
