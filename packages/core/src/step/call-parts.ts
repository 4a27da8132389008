import type { ToolOutcome, ToolResult } from "../events.js";
import type { Tool } from "../tool.js";

/** The ids by which a call is known. */
export interface CallIds {
  readonly toolUseId: string;
  readonly name: string;
}

/** A call that may run. */
export interface Allowed {
  readonly verdict: "allow";
  readonly tool: Tool;
  /** As the tool's own `parse` made it. */
  readonly input: unknown;
}

/** How a call came out. */
export interface Outcome {
  readonly result: ToolResult;
  readonly outcome: ToolOutcome;
  readonly durationMs: number;
}
