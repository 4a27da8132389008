import { errorName, messageOf } from "../errors.js";
import type { ErrorRecord } from "../events.js";

/** An error as data for the log: what it is and what it says, without headers, bodies or causes, which may hold secrets. */
export function toErrorRecord(error: unknown): ErrorRecord {
  const { status, requestID } = (typeof error === "object" && error !== null ? error : {}) as Readonly<
    Record<string, unknown>
  >;
  return {
    name: errorName(error),
    message: messageOf(error),
    ...(typeof status === "number" ? { status } : {}),
    ...(typeof requestID === "string" ? { requestID } : {}),
  };
}
