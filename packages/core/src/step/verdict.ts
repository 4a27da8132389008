import { messageOf } from "../errors.js";
import type { ToolOutcome } from "../events.js";
import { isInvalidJson } from "../pure/reply.js";
import type { CallState } from "../pure/state.js";
import type { Allowed } from "./call-parts.js";
import type { LiveRun } from "./live-run.js";
import { raceAbort } from "./race-abort.js";

/** Whether a call may run; a refusal tells the model what to mend. */
export type Verdict =
  | Allowed
  | { readonly verdict: "deny"; readonly outcome: ToolOutcome; readonly words: string }
  /** The run was aborted while the input was parsed. */
  | { readonly verdict: "none" };

type CallToCheck = Pick<CallState, "name" | "input">;

/** Finds the call's tool and parses its input. The tool gets a copy: what it does to its input must not change the history. */
export async function verdictOf(
  run: LiveRun,
  { name, input }: CallToCheck,
  signal: AbortSignal = run.signal,
): Promise<Verdict> {
  const tool = run.agent.tools.get(name);
  if (tool === undefined)
    return {
      verdict: "deny",
      outcome: "unknown_tool",
      words: unknownTool(name, [...run.agent.tools.keys()]),
    };
  if (isInvalidJson(input)) {
    const words = `The input of ${name} was not valid JSON. Call it again with one JSON object that follows its schema.`;
    return { verdict: "deny", outcome: "invalid_input", words };
  }
  try {
    const parsed = await raceAbort(signal, () => tool.parse(structuredClone(input)));
    return { verdict: "allow", tool, input: parsed };
  } catch (error) {
    if (signal.aborted) return { verdict: "none" };
    return {
      verdict: "deny",
      outcome: "invalid_input",
      words: messageOf(error).toWellFormed() || `The input of ${name} is not valid.`,
    };
  }
}

function unknownTool(name: string, names: readonly string[]): string {
  const available =
    names.length === 0 ? "There are no tools to call." : `Available tools: ${names.join(", ")}.`;
  return `There is no tool called ${JSON.stringify(name)}. ${available}`;
}
