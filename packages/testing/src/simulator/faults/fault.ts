import type { ErrorReply } from "../mind.js";

/** A place in an answer's body: behind so many events of a stream, or so many bytes. */
export type Place = { readonly events: number } | { readonly bytes: number };

/**
 * Something that goes wrong with one answer. A place that is left out is the middle of the body. In an answer that is no
 * stream, any number of events means the middle as well.
 */
export type Fault =
  /** An error in place of an answer, with headers such as `retry-after` or `x-should-retry`, and with a page of HTML as its body where `html` is given. */
  | {
      readonly type: "status";
      readonly status: number;
      /** Default: the type that the API gives this status. */
      readonly error?: ErrorReply["error"];
      readonly headers?: Readonly<Record<string, string>>;
      readonly html?: string;
      /** Asks to wait until a date, so many milliseconds from when it strikes: a `retry-after` in whole seconds, rounded up. */
      readonly retryAfterDateMs?: number;
    }
  /** Status 200, and a page of HTML, as from a proxy. */
  | { readonly type: "html" }
  /** Status 200, and nothing else. */
  | { readonly type: "empty" }
  /** The connection is reset: at this place, or before the headers where none is given. */
  | { readonly type: "reset"; readonly after?: Place }
  /** Nothing more comes, and nothing ends: from this place on, or from before the headers where none is given. With `pingEveryMs` the stream goes on to send pings, from its first event on where no place is given. */
  | { readonly type: "stall"; readonly after?: Place; readonly pingEveryMs?: number }
  /** The body ends as if it were whole. Default place: before the last event, `message_stop`. */
  | { readonly type: "end"; readonly after?: Place }
  /** The connection is closed in the middle of the body, without the end that HTTP wants. */
  | { readonly type: "cut"; readonly after?: Place }
  /** Whole, but a few bytes at a time (default 1), with pauses in between (default 10 ms). */
  | { readonly type: "trickle"; readonly bytes?: number; readonly everyMs?: number }
  /** An `error` event in mid-stream, which ends there; an HTTP error where the answer is no stream. Default: `overloaded_error`. */
  | { readonly type: "error"; readonly error?: ErrorReply["error"]; readonly afterEvents?: number }
  /** An event whose JSON is broken off; the stream goes on behind it. */
  | { readonly type: "malformed"; readonly afterEvents?: number }
  /** The first block is never started, or started twice. Strikes streams only. */
  | { readonly type: "protocol"; readonly breach: "delta-without-start" | "double-start" }
  /** One bit of the byte at `at` is flipped (the default), or the byte is one that UTF-8 does not have. */
  | { readonly type: "wrong-bytes"; readonly at?: number; readonly how?: "flip" | "utf8" }
  /** One event comes twice. Strikes streams only. */
  | { readonly type: "duplicate"; readonly afterEvents?: number };

/** The fault in a word, for lists and logs. */
export function nameOf(fault: Fault): string {
  return fault.type === "status" ? String(fault.status) : fault.type;
}

/** Some faults are made of events and mean nothing where there are none. */
export function isMadeOfEvents({ type }: Fault): boolean {
  return type === "protocol" || type === "duplicate" || type === "error";
}
