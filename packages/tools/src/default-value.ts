/** Whether a default can stand in a JSON Schema. */
export function hasJsonForm(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Whether a default is made anew each time, like an id or the time (today's date too). Such a one must stay out of a tool's schema:
 * it would change the tool from one process to the next, and so void the prompt cache and the session's frozen tools.
 */
export function isMadeAnew(make: () => unknown): boolean {
  const first = JSON.stringify(make());
  if (first !== JSON.stringify(make())) return true;
  // Two readings of a clock within one millisecond are the same: it is known by what it says.
  return first !== undefined && speaksOfNow(JSON.parse(first), Date.now());
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Whether the present stands anywhere in a JSON value. */
function speaksOfNow(value: unknown, now: number): boolean {
  if (typeof value === "number") return isMoment(value, now);
  if (typeof value === "string") return isWrittenMoment(value, now);
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).some((inner) => speaksOfNow(inner, now))
  );
}

/** Within a minute of now, in milliseconds or in seconds. */
function isMoment(value: number, now: number): boolean {
  return [value, value * 1_000].some((time) => Math.abs(time - now) <= minuteMs);
}

/** A date and time of now, today's date, or an id with the time in it. */
function isWrittenMoment(text: string, now: number): boolean {
  // A time without a zone may be meant as local or as UTC; a time within an id is a long number.
  const times = [Date.parse(text), Date.parse(`${text}Z`), ...(text.match(/\d{10,}/g) ?? []).map(Number)];
  const today = [new Date(now).setHours(0, 0, 0, 0), Math.floor(now / dayMs) * dayMs];
  return times.some((time) => isMoment(time, now) || today.includes(time));
}
