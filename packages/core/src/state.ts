import type Anthropic from "@anthropic-ai/sdk";
import type { Cost } from "./cost.js";
import type { EndReason, System, ToolOutcome, ToolResult } from "./events.js";
import type { LimitName } from "./limits.js";
import type { Approval } from "./result.js";
import type { Spending } from "./spending.js";
import type { ToolDefinition } from "./tool-definition.js";
import type { Usage } from "./usage.js";

/** A session as its log tells it. */
export interface State {
  readonly session: string;
  /** Of the last event folded in. */
  readonly seq: number;
  readonly agent: string;
  readonly system: System | undefined;
  /** What was said in the conversation since, to take the place of `system`. */
  readonly saidSystem: System | undefined;
  readonly tools: readonly ToolDefinition[];
  readonly fingerprint: string;
  /** The call that it works for, where it is a subagent's. */
  readonly parent: { readonly session: string; readonly toolUseId: string } | undefined;
  /** The history, exactly as the API sees it. */
  readonly messages: readonly Anthropic.MessageParam[];
  /** Ids of the calls that a summary has taken out of the history: a call that comes with one of them is another call. */
  readonly formerCalls: readonly string[];
  /** What people said and no step has taken up yet. */
  readonly inbox: readonly Anthropic.MessageParam[];
  /** Of the API's code execution, once a reply of the run has named one. Containers expire, so none is kept for a later run. */
  readonly container: string | undefined;
  /** Of the last reply of any run. */
  readonly stopReason: string | undefined;
  /** The open run, or the last one. */
  readonly run: RunState | undefined;
  /** The last prompt that was answered, as the API counted it; none at the beginning of a segment. */
  readonly prompt: PromptState | undefined;
  /** The next prompt, where it was counted beforehand. */
  readonly counted: CountedPrompt | undefined;
  /** The whole texts of results that were cut, for a tool that reads on, by `toolUseId`. */
  readonly fullResults: Readonly<Record<string, string>>;
  /** Names of the tools of which a call has started, in the whole session: a compaction forgets messages, not these. */
  readonly startedTools: readonly string[];
  /** Types of the tools that the API runs by itself, of all that the session ever had. */
  readonly apiTools: readonly string[];
  /** What the last answered prompt has left in the API's cache. */
  readonly cached: CachedPrompt | undefined;
  readonly step: StepState | undefined;
}

/** What the API said of a prompt, to measure the next one by. */
export interface PromptState {
  readonly model: string;
  /** Input of every kind. */
  readonly tokens: number;
  /** What of the history was in it: so many messages, and so many blocks of the last that is no system message. */
  readonly messages: number;
  readonly blocks: number;
  /** Tokens of the reply to it. */
  readonly output: number;
}

/** How large the next prompt is, as the API counted it before it was sent, or refused it. It holds while nothing is added to history or inbox. */
export interface CountedPrompt {
  readonly model: string;
  readonly tokens: number;
  /** As in `PromptState`. */
  readonly messages: number;
  readonly blocks: number;
  readonly inbox: number;
  /** Tokens that the API takes at most, where it refused this prompt as too long: so it will any that only has grown. */
  readonly window?: number;
}

/** A prompt as it was sent, to tell why a later one finds less of it in the cache than it has left there. */
export interface CachedPrompt {
  readonly model: string;
  /** When it was sent, by the store's clock: the API counts the lifetime from there. */
  readonly at: number;
  /** What was read from the cache or written to it. */
  readonly tokens: number;
  /** How long what was written last is kept; `undefined` where nothing ever was. */
  readonly lifetime: "5m" | "1h" | undefined;
  readonly system: System | undefined;
  readonly tools: readonly ToolDefinition[];
  readonly messages: readonly Anthropic.MessageParam[];
  readonly settings: string | undefined;
  /** The run's how many-th step: a forced tool choice holds for the first. */
  readonly step: number;
}

export interface RunState {
  readonly model: string;
  readonly settings: string | undefined;
  /** Images that a request takes. */
  readonly maxImages: number;
  /** Its requests ask for an output of a form. */
  readonly hasFormat: boolean;
  readonly startedAt: number;
  readonly steps: number;
  readonly usage: Usage;
  readonly cost: Cost;
  /** What counts against the run's limits: at least what it cost. */
  readonly charged: Spending;
  /** Of attempts and subagents that have begun and not ended: by `child`, or `"model"`. */
  readonly held: Readonly<Record<string, Partial<Spending>>>;
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
  /** How often an answer was asked for again because it was not what `agent.output` asks for. */
  readonly outputRetries: number;
  /** The call for a summary: attempts at it since the last step, and how often it brought none since the last that did. */
  readonly summarising: { readonly attempts: number; readonly failures: number };
  readonly end: { readonly reason: EndReason; readonly limit?: LimitName } | undefined;
}

export interface StepState {
  readonly step: number;
  readonly usage: Usage;
  readonly cost: Cost;
  /** Attempts at the reply that were started, in whatever process. */
  readonly attempts: number;
  /** The model that the last of them asked. */
  readonly model: string | undefined;
  /** When it did, by the store's clock. */
  readonly sentAt: number;
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
  /** The sessions of the subagents that it has started, and of those that have ended. */
  readonly subagents: readonly string[];
  readonly endedSubagents: readonly string[];
  /** Those that wait for a person. Where there is one the call waits too, until its function runs again. */
  readonly suspended: readonly SuspendedSubagent[];
}

/** A subagent that waits for a person. */
export interface SuspendedSubagent {
  readonly child: string;
  readonly approvals: readonly Approval[];
}
