import type Anthropic from "@anthropic-ai/sdk";
import type { Cost } from "./cost.js";
import type { EndReason, System, ToolOutcome, ToolResult } from "./events.js";
import type { LimitName } from "./limits.js";
import type { ToolDefinition } from "./tool.js";
import type { Usage } from "./usage.js";

/** A session as its log tells it. */
export interface State {
  readonly session: string;
  /** Of the last event folded in. */
  readonly seq: number;
  readonly agent: string;
  readonly system: System | undefined;
  readonly tools: readonly ToolDefinition[];
  readonly fingerprint: string;
  /** The history, exactly as the API sees it. */
  readonly messages: readonly Anthropic.MessageParam[];
  /** What people said and no step has taken up yet. */
  readonly inbox: readonly Anthropic.MessageParam[];
  /** Of the API's code execution, once a reply of the run has named one. Containers expire, so none is kept for a later run. */
  readonly container: string | undefined;
  /** Of the last reply of any run. */
  readonly stopReason: string | undefined;
  /** The open run, or the last one. */
  readonly run: RunState | undefined;
  readonly step: StepState | undefined;
}

export interface RunState {
  readonly model: string;
  readonly startedAt: number;
  readonly steps: number;
  readonly usage: Usage;
  readonly cost: Cost;
  /** Who or what asked the run to stop, e.g. `"caller"` or `"maxDurationMs"`. */
  readonly abortedBy: string | undefined;
  /** The last reply asks for another call; true before the first. */
  readonly goesOn: boolean;
  /** Of the last reply, once there is one. */
  readonly stopReason: string | undefined;
  readonly text: string;
  /** Replies in a row that stopped with `pause_turn`. */
  readonly pauses: number;
  /** What the last step that had calls asked for, and how many in a row asked for exactly that. */
  readonly lastCalls: readonly string[];
  readonly repeats: number;
  readonly end: { readonly reason: EndReason; readonly limit?: LimitName } | undefined;
}

export interface StepState {
  readonly step: number;
  readonly usage: Usage;
  readonly cost: Cost;
  /** Attempts at the reply that were started, in whatever process. */
  readonly attempts: number;
  /** The reply is committed. */
  readonly replied: boolean;
  readonly calls: readonly CallState[];
}

export interface CallState {
  readonly toolUseId: string;
  readonly name: string;
  readonly input: unknown;
  readonly verdict: "allow" | "ask" | "deny" | undefined;
  /** Of the request that put the call before a person, and that nobody has answered. */
  readonly askedAt: number | undefined;
  /** What the person who said no gave as the reason. */
  readonly denial: string | undefined;
  /** Whether it was ever started, in whatever process: it may have had effects. */
  readonly started: boolean;
  /** A person said yes since it was last started, so it may start whatever became of it before. */
  readonly mayStart: boolean;
  readonly result: ToolResult | undefined;
  readonly outcome: ToolOutcome | undefined;
}
