import type { Tool } from "../agent.js";
import type { ToolOutcome, ToolResult } from "../events.js";

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
  /** Why, where the permission says. */
  readonly rule?: string;
}

/** How a call came out. */
export interface Ended {
  readonly result: ToolResult;
  /** All of its text, where `result` holds only the beginning and the agent can read on. */
  readonly full?: string;
  readonly outcome: ToolOutcome;
  readonly durationMs: number;
}

/** Whether a call may run; a refusal tells the model what to mend. */
export type Verdict =
  | Allowed
  /** A person must say yes; `rule` names who wants that. */
  | { readonly verdict: "ask"; readonly tool: Tool; readonly input: unknown; readonly rule: string }
  | {
      readonly verdict: "deny";
      readonly outcome: ToolOutcome;
      readonly rule: string;
      readonly result: ToolResult;
      /** The tool, where there is one, and its input, where it could be parsed. */
      readonly tool?: Tool;
      readonly input?: { readonly value: unknown };
    }
  /** Nobody waits for it any more: the run was aborted, or the reply broke, while it was judged. */
  | { readonly verdict: "none" };
