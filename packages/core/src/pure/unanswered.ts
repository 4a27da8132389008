import type { Tool } from "../agent.js";
import type { EventBody, ToolOutcome, ToolResult } from "../events.js";
import type { CallState } from "../state.js";

type Ids = Pick<CallState, "toolUseId" | "name">;

/** It was put before a person, and neither they nor anything else has answered it. */
export function waitsForPerson({ askedAt, result }: CallState): boolean {
  return askedAt !== undefined && result === undefined;
}

/** The end of a call whose answer is not its tool's own. */
export function refusedEnd({ toolUseId, name }: Ids, outcome: ToolOutcome, result: ToolResult): EventBody {
  return { type: "tool.end", toolUseId, name, outcome, durationMs: 0, result };
}

/** The end of a call that never ran, in words that say why. */
export function notRun(call: Ids, outcome: ToolOutcome, words: string): EventBody {
  return refusedEnd(call, outcome, { content: words, is_error: true });
}

/** The answer to a call that a person said no to. */
export function deniedEnd(call: CallState): EventBody {
  const why = call.denial === undefined || call.denial === "" ? "" : ` Reason: ${call.denial.toWellFormed()}`;
  return call.started
    ? notRun(call, "unknown", `${unknownOutcome(call.name)} It was decided not to run it again.${why}`)
    : notRun(call, "denied", `Denied: ${call.name} was not run.${why}`);
}

/** What the model is told of a call that the agent's permission has denied; `rule` says why. */
export function deniedWords(name: string, rule: string | undefined): string {
  const why = rule === undefined ? "" : ` The rule: ${rule.replace(/[.\s]+$/, "")}.`;
  return `Denied: ${name} may not be called like this here.${why} Go on without it.`;
}

/** What the model is told of a call that was interrupted by the end of its process. */
export function unknownOutcome(name: string): string {
  return `${name} was interrupted while it ran: it may or may not have had its effects, its outcome is unknown.`;
}

/** The answer to a call that a run leaves behind when it ends: it says truthfully whether the tool may have had effects. */
export function unansweredEnd(call: CallState, tools: ReadonlyMap<string, Tool>): EventBody {
  if (!call.started) return notRun(call, "not_run", "Not run: the run ended before this call started.");
  const effects =
    tools.get(call.name)?.effects === "none"
      ? ""
      : " It may or may not have had its effects: its outcome is unknown.";
  return notRun(call, "aborted", `The run ended while this tool was running.${effects}`);
}
