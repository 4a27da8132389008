import type { Agent } from "./agent.js";
import type { Input } from "./input.js";
import { launch } from "./launch.js";
import type { RunOptions } from "./options.js";
import type { Run } from "./run-handle.js";
import { toMessages } from "./to-messages.js";

/**
 * Starts an agent on an input, at once. Await the run for its `Result`, or iterate it to watch.
 * It rejects with `AgentError` for an agent, input or options that can't be meant, `MissingKeyError` where there is no key,
 * `SessionRunningError` for a session that is being driven already, and with the SDK's own error class for a model call that
 * failed for good; `partialOf(error)` tells how far it had come.
 *
 * In a session that ended, it begins a new run on the same history; in one that waits for a person, the waiting calls are
 * denied ("the user moved on"); one that crashed is resumed first.
 */
export function run<Output = undefined>(
  agent: Agent<Output>,
  input: Input,
  options: RunOptions = {},
): Run<Output> {
  const how = options?.ifExists === "resume" ? "start_or_resume" : "start";
  return launch(agent, { type: how, messages: () => toMessages(input) }, options) as Run<Output>;
}

/**
 * Goes on with a session, from whatever state it is in: where a crash left it, as far as approvals allow, or after an abort, a limit or
 * an error. A run that came to its own end is not repeated: its result is given again. One that is being driven is followed.
 * Rejects with `NoSessionError` where there is nothing to resume.
 */
export function resume<Output = undefined>(
  agent: Agent<Output>,
  session: string,
  options: RunOptions,
): Run<Output> {
  return launch(agent, { type: "resume" }, { ...options, session }) as Run<Output>;
}
