import type { EventBody } from "../../events.js";
import type { CallState } from "../../state.js";
import { failedEnd, unknownOutcome } from "./call-ends.js";

/** The answer to a call that a person said no to. */
export function deniedEnd(call: CallState): EventBody {
  const why = call.denial === undefined || call.denial === "" ? "" : ` Reason: ${call.denial.toWellFormed()}`;
  return call.started
    ? failedEnd(call, "unknown", `${unknownOutcome(call.name)} It was decided not to run it again.${why}`)
    : failedEnd(call, "denied", `Denied: ${call.name} was not run.${why}`);
}

/** What the model is told of a call that the agent's permission has denied; `rule` says why. */
export function deniedWords(name: string, rule: string | undefined): string {
  const why = rule === undefined ? "" : ` The rule: ${rule.replace(/[.\s]+$/, "")}.`;
  return `Denied: ${name} may not be called like this here.${why} Go on without it.`;
}
