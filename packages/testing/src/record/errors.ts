import { LockstitchError } from "@lockstitch/core";

/** A file that is no cassette, or can't be read or written as one. */
export class CassetteError extends LockstitchError {
  constructor(message: string, options?: ErrorOptions) {
    super("cassette", message, options);
  }
}

/** What a replay can't go on after. */
export type ReplayReason =
  /** No recorded request equals the one that came. */
  | "different_request"
  /** Every recorded call was replayed, or every call with this very request was. */
  | "used_up"
  /** Some recorded calls were not asked for. */
  | "not_used"
  /** A tool was called whose result is not in the recording. */
  | "tool_not_recorded"
  /** When it was recorded the call was aborted, so nobody knows the reply. */
  | "no_reply"
  /** There is no run in the log. */
  | "nothing_to_replay";

/** The code that is replayed does something else than what was recorded. The message says what, in words. */
export class ReplayError extends LockstitchError {
  declare readonly reason: ReplayReason;

  constructor(reason: ReplayReason, message: string, options?: ErrorOptions) {
    super(reason, message, options);
  }
}
