import type { Fault, Place } from "./fault.js";

/**
 * Makes sure that a fault can be meant: a place before the first byte would strike nothing, and pieces of no bytes would
 * never come to an end.
 *
 * @throws RangeError that names the field.
 */
export function checkFault(fault: Fault): void {
  switch (fault.type) {
    case "status":
      checkStatus(fault.status);
      return checkPause(
        "retryAfterDateMs",
        fault.retryAfterDateMs,
        `from 0 to ${farthestDate}, for a date of HTTP has a year of four digits`,
        (pause) => pause >= 0 && pause <= farthestDate,
      );
    case "html":
    case "empty":
      return;
    case "reset":
    case "end":
    case "cut":
      return checkPlace(fault.after);
    case "stall":
      checkPlace(fault.after);
      return checkPause("pingEveryMs", fault.pingEveryMs, "more than 0", (pause) => pause > 0);
    case "trickle":
      checkCount("bytes", fault.bytes ?? 1);
      return checkPause("everyMs", fault.everyMs, "from 0 on", (pause) => pause >= 0);
    case "error":
    case "malformed":
    case "duplicate":
      return checkCount("afterEvents", fault.afterEvents ?? 0, 0);
    case "protocol":
      return checkName("breach", fault.breach, ["delta-without-start", "double-start"]);
    case "wrong-bytes":
      checkName("how", fault.how ?? "flip", ["flip", "utf8"]);
      return checkCount("at", fault.at ?? 0, 0);
    default:
      fault satisfies never;
      throw new RangeError(`There is no fault of the type ${JSON.stringify((fault as Fault).type)}.`);
  }
}

/** Some three thousand years. */
const farthestDate = 100_000_000_000_000;

/** @throws RangeError for what is no whole number, or less than `least`. */
export function checkCount(name: string, value: number, least = 1): void {
  if (!(Number.isInteger(value) && value >= least))
    throw new RangeError(
      `A fault's ${name} is ${String(value)}; it must be a whole number from ${least} on.`,
    );
}

/** What is below is no error; for a wrong answer with status 200 there are `html` and `empty`. */
function checkStatus(status: number): void {
  if (!(Number.isInteger(status) && status >= 300 && status <= 599))
    throw new RangeError(`A fault's status is ${String(status)}; it must be a whole number from 300 to 599.`);
}

function checkPlace(after: Place | undefined): void {
  if (after === undefined) return;
  if ("bytes" in after) checkCount("after.bytes", after.bytes, 0);
  else checkCount("after.events", after.events, 0);
}

function checkPause(
  name: string,
  value: number | undefined,
  wanted: string,
  isMeant: (pause: number) => boolean,
): void {
  if (value !== undefined && !(Number.isFinite(value) && isMeant(value)))
    throw new RangeError(`A fault's ${name} is ${String(value)}; it must be a number ${wanted}.`);
}

function checkName(name: string, value: string, names: readonly string[]): void {
  if (!names.includes(value))
    throw new RangeError(
      `A fault's ${name} is ${JSON.stringify(value)}; it must be one of ${names.join(", ")}.`,
    );
}
