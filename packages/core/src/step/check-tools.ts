import { messageOf } from "../errors.js";
import type { EventBody } from "../events.js";
import { isInvalidJson } from "../pure/reply.js";
import type { CallState } from "../pure/state.js";
import { notRun } from "../pure/tool-result.js";
import type { LiveRun } from "./live-run.js";
import { parseInput } from "./parse-input.js";

/**
 * Which calls may run. The verdicts are committed; a call that can't run is answered in the same append,
 * in words that tell the model what to mend.
 */
export async function checkTools(run: LiveRun, calls: readonly CallState[]): Promise<void> {
  const checked = await Promise.all(calls.map((call) => checkCall(run, call)));
  await run.commit(checked.flat());
}

async function checkCall(run: LiveRun, call: CallState): Promise<readonly EventBody[]> {
  const refuse = (outcome: "unknown_tool" | "invalid_input", words: string): readonly EventBody[] => [
    { type: "tool.check", toolUseId: call.toolUseId, verdict: "deny", rule: outcome },
    notRun(call, outcome, words),
  ];
  const tool = run.agent.tools.get(call.name);
  if (tool === undefined) {
    const names = [...run.agent.tools.keys()];
    const available =
      names.length === 0 ? "There are no tools to call." : `Available tools: ${names.join(", ")}.`;
    return refuse("unknown_tool", `There is no tool called ${JSON.stringify(call.name)}. ${available}`);
  }
  if (isInvalidJson(call.input)) {
    return refuse(
      "invalid_input",
      `The input of ${call.name} was not valid JSON. Call it again with one JSON object that follows its schema.`,
    );
  }
  try {
    await parseInput(run, tool, call);
  } catch (error) {
    // Aborted while parsing: the call stays unanswered, and the end of the step answers it.
    if (run.signal.aborted) return [];
    return refuse("invalid_input", messageOf(error));
  }
  return [{ type: "tool.check", toolUseId: call.toolUseId, verdict: "allow" }];
}
