import Anthropic from "@anthropic-ai/sdk";
import { BrokenStreamError } from "@lockstitch/core";
import type { Random } from "./random.js";

/** Ways in which a model call can fail, as a Claude function reports them. */
export type Fault =
  | { readonly type: "none" }
  /** Before the first event. */
  | { readonly type: "refused"; readonly error: Error }
  /** After some events. */
  | { readonly type: "broken"; readonly error: Error }
  /** Never settles, not even when it is aborted. */
  | { readonly type: "deaf" };

const passing: readonly ((random: Random) => Error)[] = [
  () => new Anthropic.APIConnectionError({ message: "connection reset" }),
  () => new Anthropic.APIConnectionTimeoutError({ message: "no byte arrived" }),
  () => apiError(408, "timeout_error"),
  () => apiError(429, "rate_limit_error"),
  (random) => apiError(429, "rate_limit_error", { "retry-after": String(random.below(90)) }),
  () => apiError(500, "api_error"),
  () => apiError(503, "api_error"),
  () => apiError(529, "overloaded_error"),
];

const final: readonly (() => Error)[] = [
  () => apiError(400, "invalid_request_error"),
  () => apiError(401, "authentication_error"),
  () => apiError(403, "permission_error"),
  () => apiError(404, "not_found_error"),
  () => apiError(413, "request_too_large"),
  () => new TypeError("a fault in a Claude function's own code"),
];

const inMidStream: readonly (() => Error)[] = [
  () => new BrokenStreamError("The reply was cut off: the stream ended before message_stop."),
  () => new BrokenStreamError("The reply broke on its way: terminated."),
  () =>
    new Anthropic.APIError(
      undefined,
      { error: { type: "overloaded_error" } },
      undefined,
      undefined,
      "overloaded_error",
    ),
  () =>
    new Anthropic.APIError(undefined, { error: { type: "api_error" } }, undefined, undefined, "api_error"),
  () => new Anthropic.APIConnectionTimeoutError({ message: "no content arrived" }),
];

export function drawFault(random: Random): Fault {
  const draw = random.next();
  if (draw < 0.62) return { type: "none" };
  if (draw < 0.78) return { type: "refused", error: random.pick(passing)(random) };
  if (draw < 0.96) return { type: "broken", error: random.pick(inMidStream)() };
  if (draw < 0.985) return { type: "refused", error: random.pick(final)() };
  return { type: "deaf" };
}

function apiError(status: number, type: string, headers: Record<string, string> = {}): Error {
  const body = { type: "error", error: { type, message: `a drawn ${type}` } };
  return Anthropic.APIError.generate(status, body, undefined, new Headers(headers));
}
