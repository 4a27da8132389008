import type { CallState } from "../pure/state.js";
import type { Tool } from "../tool.js";
import type { LiveRun } from "./live-run.js";
import { raceAbort } from "./race-abort.js";

/**
 * The tool's own view of what the model sent. The tool gets a copy: what it does to its input must not change the history.
 * Rejects with the tool's own words for an input it can't take.
 */
export function parseInput(run: LiveRun, tool: Tool, call: CallState): Promise<unknown> {
  return raceAbort(run.signal, () => tool.parse(structuredClone(call.input)));
}
