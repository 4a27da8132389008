import type { ErrorReply } from "../mind.js";
import { type Fault, isMadeOfEvents } from "./fault.js";

/** What a fault puts in place of an answer; no mind is asked then. */
export type Replacement =
  | { readonly kind: "error"; readonly reply: ErrorReply }
  | {
      readonly kind: "raw";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      /** What it says, where it is an error. */
      readonly error?: ErrorReply["error"];
    }
  /** Not even headers. */
  | { readonly kind: "nothing"; readonly step: { readonly type: "reset" | "stall" } };

/** `undefined` for a fault that strikes an answer on its way. `now` is the simulator's clock. */
export function replacementFor(fault: Fault, streamed: boolean, now: number): Replacement | undefined {
  switch (fault.type) {
    case "status":
      return statusReplacement(fault, now);
    case "html":
      return { kind: "raw", status: 200, headers: { "content-type": "text/html" }, body: htmlPage };
    case "empty": {
      const type = streamed ? "text/event-stream; charset=utf-8" : "application/json";
      return { kind: "raw", status: 200, headers: { "content-type": type }, body: "" };
    }
    case "reset":
      return fault.after === undefined ? { kind: "nothing", step: { type: "reset" } } : undefined;
    case "stall":
      return fault.after === undefined && fault.pingEveryMs === undefined
        ? { kind: "nothing", step: { type: "stall" } }
        : undefined;
    case "error": {
      const error = errorOf(fault);
      return streamed ? undefined : { kind: "error", reply: { status: statusOf(error.type), error } };
    }
    default:
      return undefined;
  }
}

/** Whether there is anything to strike: events, or an answer to put something in the place of. */
export function canStrike(fault: Fault, streamed: boolean): boolean {
  return streamed || !isMadeOfEvents(fault) || fault.type === "error";
}

const htmlPage = "<!doctype html>\n<html><body><h1>502 Bad Gateway</h1></body></html>\n";

function statusReplacement(fault: Extract<Fault, { readonly type: "status" }>, now: number): Replacement {
  const { status, error = simulated(typeOf(status)), html } = fault;
  const headers = { ...waitUntil(fault.retryAfterDateMs, now), ...fault.headers };
  if (html === undefined) return { kind: "error", reply: { status, error, headers } };
  return { kind: "raw", status, headers: { "content-type": "text/html", ...headers }, body: html, error };
}

function waitUntil(waitMs: number | undefined, now: number): Readonly<Record<string, string>> {
  if (waitMs === undefined) return {};
  // A date has whole seconds: rounded up, so that nobody comes back too early.
  const date = new Date(Math.ceil((now + waitMs) / 1_000) * 1_000);
  if (Number.isNaN(date.getTime()))
    throw new RangeError(`by the clock it is ${now}, from which there is no date to wait until`);
  return { "retry-after": date.toUTCString() };
}

export function errorOf(fault: Extract<Fault, { readonly type: "error" }>): ErrorReply["error"] {
  return fault.error ?? simulated("overloaded_error");
}

function simulated(type: string): ErrorReply["error"] {
  return { type, message: type === "overloaded_error" ? "Overloaded" : `A simulated ${type}` };
}

/** https://platform.claude.com/docs/en/api/errors */
const types: ReadonlyMap<number, string> = new Map([
  [400, "invalid_request_error"],
  [401, "authentication_error"],
  [402, "billing_error"],
  [403, "permission_error"],
  [404, "not_found_error"],
  [409, "conflict_error"],
  [413, "request_too_large"],
  [429, "rate_limit_error"],
  [500, "api_error"],
  [504, "timeout_error"],
  [529, "overloaded_error"],
]);

function typeOf(status: number): string {
  if (status === 408) return "timeout_error";
  return types.get(status) ?? (status >= 500 ? "api_error" : "invalid_request_error");
}

function statusOf(type: string): number {
  return [...types].find(([, each]) => each === type)?.[0] ?? 500;
}
