import type { Fault } from "./fault.js";

type StatusFault = Extract<Fault, { readonly type: "status" }>;
type Part = Omit<StatusFault, "type" | "status">;

export const statusFaultWords: string =
  "@7 or @1500ms asks to wait so long, @date+7 until a date; behind it may stand retry or no-retry (x-should-retry), " +
  "and behind 429 spent (a spend cap that is reached)";

/**
 * Reads what stands behind a status: how long to wait, after an `@`, and words. `undefined` where that means nothing. Whether to
 * try again and how long to wait are headers, as the API sends them; a spent cap has the API's own error code, and no wait
 * unless one is given.
 */
export function parseStatusFault(
  status: number,
  wait: string | undefined,
  words: readonly string[],
): StatusFault | undefined {
  const parts = [wait === undefined ? {} : waitOf(wait), ...words.map((word) => partOf(word, status))];
  let fault: StatusFault = { type: "status", status };
  for (const part of parts) {
    if (part === undefined) return undefined;
    const headers = { ...fault.headers, ...part.headers };
    fault = { ...fault, ...part, ...(Object.keys(headers).length > 0 ? { headers } : {}) };
  }
  return fault;
}

function waitOf(text: string): Part | undefined {
  const date = /^date\+(\d+)(?:s)?$/.exec(text);
  if (date) return { retryAfterDateMs: Number(date[1]) * 1_000 };
  const wait = /^(\d+)(ms|s)?$/.exec(text);
  if (!wait) return undefined;
  return { headers: { [wait[2] === "ms" ? "retry-after-ms" : "retry-after"]: wait[1] ?? "" } };
}

function partOf(word: string, status: number): Part | undefined {
  switch (word) {
    case "retry":
      return { headers: { "x-should-retry": "true" } };
    case "no-retry":
      return { headers: { "x-should-retry": "false" } };
    case "spent":
      return status === 429 ? { error: spentCap } : undefined;
    default:
      return undefined;
  }
}

/** https://platform.claude.com/docs/en/api/rate-limits: it fails until next month, and says no time to wait. */
const spentCap: NonNullable<StatusFault["error"]> = {
  type: "rate_limit_error",
  message: "You have reached your monthly spend limit.",
  details: { error_code: "enforced_spend_limit_reached" },
};
