/**
 * Everything Lockstitch itself can refuse or fail at. Errors of the API keep the SDK's own classes.
 * Switch on `reason`; `cause` holds what was underneath.
 */
export class LockstitchError extends Error {
  /** A stable word for the cause, e.g. `"agent"`, `"broken_stream"`. */
  readonly reason: string;

  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.reason = reason;
  }
}

/** The agent, its input or its options can't be run as given. Thrown before what it is about is sent. */
export class AgentError extends LockstitchError {
  constructor(message: string, options?: ErrorOptions) {
    super("agent", message, options);
  }
}

/** A tool can't be defined like this: an illegal name, or a schema with no JSON form. */
export class ToolDefinitionError extends LockstitchError {
  /** The tool's name as it was given. */
  readonly tool: string;

  constructor(tool: string, message: string, options?: ErrorOptions) {
    super("tool_definition", message, options);
    this.tool = tool;
  }
}

/** There is no API key to talk to Claude with. */
export class MissingKeyError extends LockstitchError {
  constructor(options?: ErrorOptions) {
    super(
      "missing_key",
      "No API key. Set ANTHROPIC_API_KEY in the environment, pass `claude: claude({ key })` with a key or a function that gives one, " +
        "or work offline with `scripted([...])` or `createSimulator()` from @lockstitch/testing.",
      options,
    );
  }
}

/** The API key can't be had or can't be sent. Never holds the key. */
export class KeyError extends LockstitchError {
  constructor(message: string, options?: ErrorOptions) {
    super("key", message, options);
  }
}

/** Too many calls wait for a rate limit already. Nothing was sent. */
export class QueueFullError extends LockstitchError {
  /** How many calls wait. */
  readonly waiting: number;

  constructor(waiting: number) {
    super(
      "queue_full",
      `${waiting} calls wait for the rate limit already, and no more may (maxQueue). Start fewer runs at once, let more of them wait with createGovernor({ maxQueue }), or ask for higher limits in the Console.`,
    );
    this.waiting = waiting;
  }
}

/** A reply that did not arrive whole: cut off, malformed, or against the protocol. Always worth another attempt. */
export class BrokenStreamError extends LockstitchError {
  /** The API's id of the request, where its headers arrived. */
  readonly requestID: string | undefined;

  constructor(message: string, options?: ErrorOptions & { requestID?: string | undefined }) {
    super("broken_stream", message, options);
    this.requestID = options?.requestID;
  }
}

/** A failed rule of a message history; sending it would be refused by the API for ever after. */
export class HistoryError extends LockstitchError {
  constructor(message: string, options?: ErrorOptions) {
    super("history", message, options);
  }
}

/** The store can't do what was asked, e.g. a second run of a session that is already running. */
export class StoreError extends LockstitchError {
  constructor(message: string, options?: ErrorOptions) {
    super("store", message, options);
  }
}

/** The session is being driven right now, by this process or another. */
export class SessionRunningError extends LockstitchError {
  constructor(session: string) {
    super(
      "session_running",
      `Session ${session} is already running. Wait for that run to end, steer it, or follow it with resume().`,
    );
  }
}

/** The session's last run has ended, so there is nobody to hear this. */
export class SessionEndedError extends LockstitchError {
  constructor(session: string) {
    super(
      "session_ended",
      `The last run of session ${session} has ended. Go on with run() in the same session.`,
    );
  }
}

/** The store holds no session with this id. */
export class NoSessionError extends LockstitchError {
  constructor(session: string) {
    super(
      "no_session",
      `There is no session ${session} in this store. Check the id and the store, or start it with run().`,
    );
  }
}

/** An answer to a call that is not waiting for one, or that was answered before. */
export class ApprovalError extends LockstitchError {
  constructor(message: string, options?: ErrorOptions) {
    super("approval", message, options);
  }
}

/** Another process writes to this store. The message names it and says what can be done. */
export class StoreBusyError extends LockstitchError {
  /** Who holds the store, as far as it says: a process id, a machine. */
  readonly owner: string;

  constructor(owner: string, message: string, options?: ErrorOptions) {
    super("store_busy", message, options);
    this.owner = owner;
  }
}

/** What is on disk can't be a log that was written and acknowledged: bytes were changed or are missing in the middle of it. */
export class CorruptLogError extends LockstitchError {
  constructor(message: string, options?: ErrorOptions) {
    super("corrupt_log", message, options);
  }
}

/** The agent's system prompt or tools are not the ones its session began with; the newest models refuse a history whose beginning changed. */
export class PrefixChangedError extends LockstitchError {
  constructor(session: string) {
    super(
      "prefix_changed",
      `Session ${session} began with another system prompt or other tools. Run it with the agent it began with, give ifPrefixChanged: "continue" to go on with this one, or begin a new session.`,
    );
  }
}

/** The session is a subagent's, which only the run it works for may go on with. */
export class SubagentSessionError extends LockstitchError {
  /** The session of the call that the subagent works for. */
  readonly parent: string;

  constructor(session: string, parent: string) {
    super(
      "subagent_session",
      `Session ${session} is that of a subagent of ${parent}, whose permissions and limits hold for it. Resume ${parent}, or fork() the session and go on with the branch.`,
    );
    this.parent = parent;
  }
}

/** Another owner drives this session now; nothing more can be committed from here. */
export class LeaseLostError extends LockstitchError {
  constructor(session: string) {
    super(
      "lease_lost",
      `Session ${session} is driven by another owner now; this run stops without committing.`,
    );
  }
}

/** The same `key` was posted before; the first post stands. */
export class AlreadyPostedError extends LockstitchError {
  constructor(session: string, key: string) {
    super(
      "already_posted",
      `Session ${session} already holds a post with the key ${JSON.stringify(key)}; the first one stands.`,
    );
  }
}

/** What anything thrown says of itself in words, whatever it is: always well-formed text. Never throws. */
export function messageOf(thrown: unknown): string {
  return wordsOf(() => {
    if (!(thrown instanceof Error)) return String(thrown);
    return typeof thrown.message === "string" && thrown.message !== "" ? thrown.message : errorName(thrown);
  });
}

/** The name of an error's class; `"Error"` for anything that has none. Never throws. */
export function errorName(thrown: unknown): string {
  return wordsOf(() => (thrown instanceof Error && typeof thrown.name === "string" ? thrown.name : "Error"));
}

function wordsOf(say: () => string): string {
  try {
    return say().toWellFormed();
  } catch {
    return "an error that can't be shown";
  }
}
