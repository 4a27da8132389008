import { AgentError, messageOf, PrefixChangedError, SessionRunningError } from "@lockstitch/core";

/** Where something failed. */
export interface FailurePlace {
  /** The session, where there is a store. */
  readonly session?: string;
}

/** Hears of what failed inside. */
export type OnError = (error: unknown, place: FailurePlace) => unknown;

/** An `onError` whose own faults are reported on the console, and keep nobody waiting for an answer. */
export function safely(onError: OnError): (error: unknown, place: FailurePlace) => void {
  return (error, place) => {
    Promise.resolve()
      .then(() => onError(error, place))
      .catch((fault) => console.error(`Lockstitch: onError failed: ${messageOf(fault)}`));
  };
}

/** Not the whole error: what the SDK's own hold, headers for one, is nothing for a log. */
export function onConsole(tool: string): OnError {
  return (error, { session }) =>
    console.error(
      `Lockstitch: ${tool} failed${session === undefined ? "" : ` in session ${session}`}: ${messageOf(error)}`,
    );
}

/**
 * What a client is told of an error: what it can mend itself, in words that hold nothing of the error's own. Those are meant for the
 * owner, and name folders, addresses, keys that stand in these.
 */
export function wordsForClient(error: unknown): string {
  if (error instanceof SessionRunningError)
    return "This session is answering another question. Ask again when that is done.";
  if (error instanceof PrefixChangedError)
    return "The agent has changed since this session began. Begin a new one.";
  // The agent itself was looked at when the server was made: what is left is mostly that the input doesn't fit the session.
  if (error instanceof AgentError)
    return "The agent can't take this input in this session. A shorter one may help, or a new session; its owner can see why.";
  return "The agent failed; its owner can see why.";
}
