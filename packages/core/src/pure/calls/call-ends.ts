import type { Tool } from "../../agent.js";
import type { EventBody, ToolOutcome, ToolResult } from "../../events.js";
import type { CallState } from "../../state.js";

type Ids = Pick<CallState, "toolUseId" | "name">;

/** What the model is told of a call that had begun, and may have changed something. */
export const mayHaveHappened = "It may or may not have had its effects: its outcome is unknown.";

/** The end of a call whose answer is not its tool's own. */
export function callEnd({ toolUseId, name }: Ids, outcome: ToolOutcome, result: ToolResult): EventBody {
  return { type: "tool.end", toolUseId, name, outcome, durationMs: 0, result };
}

/** The end of a call that has no result of its tool's, in words that say why. */
export function failedEnd(call: Ids, outcome: ToolOutcome, words: string): EventBody {
  return callEnd(call, outcome, { content: words, is_error: true });
}

/** What the model is told of a call that was interrupted by the end of its process. */
export function unknownOutcome(name: string): string {
  return `${name} was interrupted while it ran. ${mayHaveHappened}`;
}

/** The answer to a call that a run leaves behind when it ends: it says truthfully whether the tool may have had effects. */
export function unansweredEnd(call: CallState, tools: ReadonlyMap<string, Tool>): EventBody {
  if (!call.started) return failedEnd(call, "not_run", "Not run: the run ended before this call started.");
  const effects = tools.get(call.name)?.effects === "none" ? "" : ` ${mayHaveHappened}`;
  return failedEnd(call, "aborted", `The run ended while this tool was running.${effects}`);
}
