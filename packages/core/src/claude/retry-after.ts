/**
 * The wait that a response asked for in milliseconds, from its three forms: milliseconds, seconds, a date. None where that is no wait
 * at all: a thousand runs told to come back at once must still not come back at the same moment.
 */
export function retryAfterIn(headers: Pick<Headers, "get"> | undefined, now: number): number | undefined {
  const milliseconds = Number.parseFloat(headers?.get("retry-after-ms") ?? "");
  if (milliseconds > 0) return milliseconds;
  const value = headers?.get("retry-after") ?? "";
  const seconds = Number(value);
  const wait = Number.isNaN(seconds) ? Date.parse(value) - now : seconds * 1_000;
  return wait > 0 ? wait : undefined;
}
