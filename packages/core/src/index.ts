// The SDK's own error classes, so that nobody needs the SDK to tell what failed.
export {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  OverloadedError,
  PermissionDeniedError,
  RateLimitError,
} from "@anthropic-ai/sdk";
export type {
  Agent,
  Effects,
  Permit,
  PermitAnswer,
  PermitCall,
  PermitVerdict,
  Reads,
  Reconciled,
  RequestFields,
  Tool,
  ToolCall,
} from "./agent.js";
export { cached, type ReplyCacheOptions } from "./claude/cached.js";
export { type ClaudeOptions, claude } from "./claude/claude.js";
export { endEarly, type GrowingAnswer } from "./claude/end-early.js";
export type { MessagesClient } from "./claude/exchange.js";
export type { Key } from "./claude/key.js";
export type { Admission, ResponseHead } from "./claude/rate/admission.js";
export { createGovernor, type Governor, type GovernorOptions, governed } from "./claude/rate/governor.js";
export { type RateLimits, type RateTier, type RateTierName, rateTiers } from "./claude/rate/tiers.js";
export type { ReplyStorage } from "./claude/reply-storage.js";
export type { RetryOptions } from "./claude/retry.js";
export type { Timeouts } from "./claude/watchdog.js";
export type { Claude, CountTokens, ModelCall, ModelRequest, StreamEvent, Wait } from "./claude-function.js";
export type { CompactionOptions } from "./compaction-options.js";
export { addCost, type Cost } from "./cost.js";
export type { Environment } from "./environment.js";
export {
  AgentError,
  AlreadyPostedError,
  ApprovalError,
  BrokenStreamError,
  CorruptLogError,
  HistoryError,
  KeyError,
  LeaseLostError,
  LockstitchError,
  MissingKeyError,
  messageOf,
  NoSessionError,
  PrefixChangedError,
  QueueFullError,
  SessionEndedError,
  SessionRunningError,
  StoreBusyError,
  StoreError,
  SubagentSessionError,
  ToolDefinitionError,
} from "./errors.js";
export { type Escalated, type EscalateOptions, type EscalationAttempt, escalate } from "./escalate.js";
export type {
  AgentEvent,
  CacheMiss,
  Delta,
  DeltaBody,
  EndReason,
  ErrorRecord,
  EventBody,
  System,
  ToolOutcome,
  ToolResult,
} from "./events.js";
export { fork } from "./fork.js";
export type { Input } from "./input.js";
export type { LimitName, Limits } from "./limits.js";
export { introductionPrices } from "./models/introduction-prices.js";
export { defaultMaxTokens, defaultModel, findModel, type Model, models } from "./models/models.js";
export {
  type CallTerms,
  costOf,
  extendPrices,
  findPrice,
  officialPrices,
  type Price,
  type PriceBook,
  type PriceTerms,
  type Rates,
} from "./models/prices.js";
export type { ModelRefusal } from "./models/refusals.js";
export type { RunOptions } from "./options.js";
export type { JsonOutputSchema, OutputSchema, OutputVerdict, StandardOutputSchema } from "./output.js";
export type { InputPattern, PatternOf } from "./permission/input-pattern.js";
export { type PermitRule, type PermitRules, permitRules } from "./permission/permit-rules.js";
export { type RuleOfTwoOptions, ruleOfTwo } from "./permission/rule-of-two.js";
export { strictest } from "./permission/strictest.js";
export { type Books, checkAgent } from "./prepare-agent.js";
export { isSummary } from "./pure/compaction/summary-request.js";
export { apply, emptyState } from "./pure/fold/apply.js";
export { maxMediaBytes } from "./pure/media/limits.js";
export {
  type DocumentBlock,
  type ImageBlock,
  type Media,
  type MediaHead,
  mediaHead,
  mediaOf,
} from "./pure/media/media.js";
export { type ReadResultInput, readResult } from "./read-result.js";
export { type Approval, type EndedResult, type Progress, partialOf, type Result } from "./result.js";
export { resume, run } from "./run.js";
export type { ApprovalAnswer, Run } from "./run-handle.js";
export { saysTypesTwice } from "./schema/choices.js";
export { holders as schemaKeywords } from "./schema/json-schema.js";
export { stepsOf as referenceSteps } from "./schema/reference.js";
export { abort, approve, steer } from "./session.js";
export type { Spending } from "./spending.js";
export type {
  CachedPrompt,
  CallState,
  CountedPrompt,
  PromptState,
  RunState,
  State,
  StepState,
  SuspendedSubagent,
} from "./state.js";
export { memoryStore } from "./store/memory-store.js";
export type { AppendOptions, Log, Post, SessionSummary, Store } from "./store/store.js";
export { ToolError } from "./tool.js";
export { checkToolName, type InputSchema, type ResultBlock, type ToolDefinition } from "./tool-definition.js";
export { inputSchemaProblem, strictSchemaProblem } from "./tool-schema.js";
export { addUsage, totalTokens, type Usage } from "./usage.js";
