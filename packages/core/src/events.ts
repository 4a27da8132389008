import type Anthropic from "@anthropic-ai/sdk";
import type { Cost } from "./cost.js";
import type { LimitName, Limits } from "./limits.js";
import type { Approval } from "./result.js";
import type { Spending } from "./spending.js";
import type { ToolDefinition } from "./tool-definition.js";
import type { Usage } from "./usage.js";

/** A system prompt as the API takes it. */
export type System = string | readonly Anthropic.TextBlockParam[];

/** A tool's answer without the ids that tie it to its call. */
export type ToolResult = Pick<Anthropic.ToolResultBlockParam, "content" | "is_error">;

/** How a tool call came out. Only `ok` and `error` mean that the tool ran to its end. */
export type ToolOutcome =
  /** It started, the process died, and nobody can tell whether it happened. */
  | "unknown"
  | "ok"
  | "error"
  | "invalid_input"
  | "unknown_tool"
  | "denied"
  | "timeout"
  | "aborted"
  | "not_run";

/** A prompt whose beginning was cached and did not come from the cache. */
export interface CacheMiss {
  /** Tokens that the call before had left in the cache and this one did not read. */
  readonly tokens: number;
  /** What changed in the prompt since, or that its time was up; `unknown`: nothing that we can see. */
  readonly why: "model" | "tools" | "system" | "settings" | "messages" | "lifetime" | "unknown";
}

/** Why a run ended: the API's own stop reason, or ours. */
export type EndReason = Anthropic.StopReason | "limit" | "aborted" | "error" | (string & {});

/** An error as data, free of headers and secrets. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly status?: number;
  readonly requestID?: string;
}

/**
 * Everything that happens to a session, in order. What is in the log happened; state is this log, folded.
 * The message history is the API's own types, stored exactly as the API sees it.
 */
export type EventBody =
  // a conversation and its runs
  | {
      readonly type: "session.start";
      readonly agent: string;
      readonly system?: System;
      readonly tools: readonly ToolDefinition[];
      /** A short name of system and tools, to compare prefixes by eye. */
      readonly fingerprint: string;
      readonly parent?: { readonly session: string; readonly toolUseId: string };
      readonly forkedFrom?: { readonly session: string; readonly seq: number };
    }
  /** `startedAt`: by the run's own clock, which its time limit goes by. */
  | {
      readonly type: "run.start";
      readonly model: string;
      readonly limits: Limits;
      readonly startedAt: number;
      /** A short name of those other fields of the request that the cache goes by, e.g. thinking. */
      readonly settings?: string;
      /** Images that a request takes, where a catalogue of the caller's own says so. */
      readonly maxImages?: number;
      /** Its requests ask for an output of a form, beside which the API takes no citations. */
      readonly hasFormat?: true;
    }
  | {
      readonly type: "run.end";
      readonly reason: EndReason;
      readonly limit?: LimitName;
      readonly steps: number;
      readonly usage: Usage;
      readonly cost: Cost;
      readonly error?: ErrorRecord;
    }
  | {
      readonly type: "run.resume";
      readonly owner: string;
      readonly startedAt: number;
      /** As in `run.start`. */
      readonly settings?: string;
      /** As in `run.start`. */
      readonly hasFormat?: true;
      /** Images that a request takes, where that is not what it was until now. */
      readonly maxImages?: number;
    }
  | { readonly type: "run.abort"; readonly by: string }
  // what a person or another process said; waits in the inbox until a step takes it up
  | {
      readonly type: "input";
      readonly messages: readonly Anthropic.MessageParam[];
      /**
       * Said by the run itself: its answer was not what `agent.output` asks for; or the agent's `system` is another one now, which is put in
       * the place of the one before.
       */
      readonly purpose?: "output" | "system";
    }
  // a step: one model call, however many attempts, and the tool calls it asked for
  | { readonly type: "step.start"; readonly step: number }
  | { readonly type: "step.end"; readonly step: number; readonly usage: Usage; readonly cost: Cost }
  | {
      readonly type: "model.start";
      readonly attempt: number;
      readonly model: string;
      /** What it may come to at worst. Only where the run has a limit that it counts against. */
      readonly reserved?: Spending;
      /** Where it is not the agent's own: lowered to what is left of the run's limits. */
      readonly maxTokens?: number;
      /** What the call is for, where it is not the next reply. */
      readonly purpose?: "compaction";
    }
  | {
      readonly type: "model.end";
      readonly attempt: number;
      readonly outcome: "message" | "broken" | "error" | "aborted";
      readonly model: string;
      /** What this attempt is known to have used; none where the reply broke before it said. */
      readonly usage?: Usage;
      readonly cost?: Cost;
      /** What counts against the run's limits, where more may have been spent than is known: the attempt did not come to its end. */
      readonly charged?: Spending;
      /** Only where less was read from the cache than the call before had left there. */
      readonly cacheMiss?: CacheMiss;
      readonly durationMs: number;
      readonly error?: ErrorRecord;
    }
  /** The next prompt is this large for `model`; counted where a history nears its window and the agent has its tokens counted. */
  | { readonly type: "prompt.count"; readonly model: string; readonly tokens: number }
  | {
      readonly type: "message";
      readonly id: string;
      readonly message: Anthropic.AssistantMessageParam;
      readonly stopReason: string;
      /** The API's container that the reply's code runs in; calls from that code can only be answered by naming it again. */
      readonly container?: string;
    }
  | {
      readonly type: "tool.check";
      readonly toolUseId: string;
      readonly verdict: "allow" | "ask" | "deny";
      /** Who decided, e.g. `"needsApproval"`, or why, in the permission's own words. */
      readonly rule?: string;
    }
  | { readonly type: "approval.request"; readonly toolUseId: string }
  | {
      readonly type: "approval.response";
      readonly toolUseId: string;
      readonly approved: boolean;
      readonly reason?: string;
    }
  | {
      readonly type: "tool.start";
      readonly toolUseId: string;
      readonly name: string;
      readonly idempotencyKey: string;
    }
  | {
      readonly type: "tool.end";
      readonly toolUseId: string;
      readonly name: string;
      readonly result: ToolResult;
      readonly outcome: ToolOutcome;
      readonly durationMs: number;
      /** The whole text, where `result` holds only its beginning and the agent can read on. */
      readonly full?: string;
    }
  // an agent that a tool runs, in a session of its own
  | {
      readonly type: "subagent.start";
      readonly toolUseId: string;
      /** The subagent's session. */
      readonly child: string;
      readonly agent: string;
      /** What it may spend of the run's limits; held until its end. */
      readonly granted?: Partial<Spending>;
    }
  | {
      readonly type: "subagent.end";
      readonly toolUseId: string;
      readonly child: string;
      readonly reason: string;
      readonly usage: Usage;
      readonly cost: Cost;
      /** What it counts for against the run's limits. */
      readonly charged: Spending;
    }
  /** A subagent waits for a person, and its call with it: the tool's function is given up, and runs again once somebody has answered. */
  | {
      readonly type: "tool.suspend";
      readonly toolUseId: string;
      readonly child: string;
      /** What it waits for, itself and below it. */
      readonly approvals: readonly Approval[];
    }
  /** Somebody has answered below the call, and its function runs again. A `run.resume` says the same of all calls. */
  | { readonly type: "tool.resume"; readonly toolUseId: string }
  // begins a new segment: system and tools may change only here
  | {
      readonly type: "compaction";
      /** The segment's first message, in the words that the API sees. Empty where all messages are kept and only the tools change. */
      readonly summary: string;
      /** How many of the newest messages are kept as they were. */
      readonly kept: number;
      readonly system?: System;
      readonly tools: readonly ToolDefinition[];
      readonly fingerprint: string;
    };

/** A committed event: `seq` counts from 1 within its session, `at` is in milliseconds since 1970. */
export type AgentEvent = { readonly session: string; readonly seq: number; readonly at: number } & EventBody;

/** Live only, never committed: for whoever watches. */
export type Delta = { readonly session: string } & DeltaBody;

export type DeltaBody =
  /** A piece of the reply. `block` is the head of the block it belongs to, as the API started it. */
  | {
      readonly type: "message.delta";
      readonly index: number;
      readonly block: Anthropic.RawContentBlockStartEvent["content_block"];
      readonly delta: Anthropic.RawContentBlockDelta;
    }
  /** The reply is tried again: drop what was shown of it. */
  | { readonly type: "message.restart"; readonly reason: string }
  /** What a tool tells of its progress. Of one that started while its reply still streamed it comes once the call is committed. */
  | { readonly type: "tool.delta"; readonly toolUseId: string; readonly value: unknown }
  | {
      readonly type: "wait";
      /** `store`: another process has the store, which may take longer than `ms`: then it is tried again. */
      readonly reason: "retry" | "rate_limit" | "store";
      readonly ms: number;
      readonly attempt?: number;
      readonly error?: string;
    };
