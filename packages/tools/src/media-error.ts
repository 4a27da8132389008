import { LockstitchError } from "@lockstitch/core";

/** A file can't be shown to a model: it can't be read, is of no kind that the API takes, or too large. Thrown before anything is sent. */
export class MediaError extends LockstitchError {
  constructor(message: string, options?: ErrorOptions) {
    super("media", message, options);
  }
}
