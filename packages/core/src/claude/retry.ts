import type { APIError } from "@anthropic-ai/sdk";
import { BrokenStreamError } from "../errors.js";
import { retryAfterIn } from "./retry-after.js";
import { isApiError, isOfClass } from "./sdk-error.js";

export interface RetryOptions {
  /** Attempts at one model call, the first included. Default 5. */
  readonly attempts?: number;
  /** The longest `retry-after` that is waited for; above it the call fails at once. Milliseconds, default 60,000. */
  readonly maxRetryAfterMs?: number;
}

export const defaultRetry: Required<RetryOptions> = { attempts: 5, maxRetryAfterMs: 60_000 };

/** What another attempt would need. */
export type Retry =
  | { readonly type: "no" }
  /** The server said how long to wait, and that is longer than allowed. */
  | { readonly type: "too_long"; readonly retryAfterMs: number }
  | { readonly type: "after"; readonly ms: number };

/** Base of the back-off in milliseconds: a broken connection may be mended at once, an overloaded service needs a pause. */
const base = { transport: 250, overload: 1_000 } as const;
const longestBackOff = 16_000;

/**
 * Whether a failed attempt is worth another, and after how long. Pure.
 * @param failed how many attempts have failed so far, this one included
 * @param random in [0, 1): full jitter, so that many runs don't come back at the same moment
 */
export function planRetry(
  error: unknown,
  failed: number,
  random: number,
  now: number,
  options: Required<RetryOptions>,
): Retry {
  const kind = kindOf(error);
  if (kind === undefined) return { type: "no" };
  const retryAfterMs = retryAfterIn(isApiError(error) ? error.headers : undefined, now);
  if (retryAfterMs !== undefined) {
    return retryAfterMs > options.maxRetryAfterMs
      ? { type: "too_long", retryAfterMs }
      : { type: "after", ms: retryAfterMs };
  }
  return { type: "after", ms: Math.round(random * Math.min(longestBackOff, base[kind] * 2 ** (failed - 1))) };
}

/** `undefined`: trying again can't help. Classified by class and type first: an error in mid-stream has no status. */
function kindOf(error: unknown): keyof typeof base | undefined {
  if (error instanceof BrokenStreamError) return "transport";
  if (!isApiError(error) || isOfClass(error, "APIUserAbortError")) return undefined;
  // The month's spending limit answers 429 too, and goes on doing so until the month is over.
  if (error.errorCode === "enforced_spend_limit_reached") return undefined;
  const wish = error.headers?.get("x-should-retry");
  if (wish === "false") return undefined;
  const kind = kindOfApiError(error);
  return wish === "true" ? (kind ?? "overload") : kind;
}

function kindOfApiError(error: APIError): keyof typeof base | undefined {
  if (error.status === undefined) {
    return error.type === "overloaded_error" || error.type === "rate_limit_error"
      ? "overload"
      : midStream(error.type);
  }
  if (error.status === 429 || error.status === 529 || error.status === 503) return "overload";
  if (error.status === 408 || error.status === 409 || error.status >= 500) return "transport";
  return undefined;
}

/** A connection that failed, or an `error` event inside a stream that had begun well: not the request's fault, unless it says so. */
function midStream(type: string | null): "transport" | undefined {
  const final = [
    "invalid_request_error",
    "authentication_error",
    "billing_error",
    "permission_error",
    "not_found_error",
    "request_too_large",
  ];
  return final.includes(type ?? "") ? undefined : "transport";
}
