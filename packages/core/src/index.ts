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
export type { Agent, Input, Permit, PermitCall, RequestFields } from "./agent.js";
export { type ClaudeOptions, claude, type MessagesClient } from "./claude/claude.js";
export type { RetryOptions } from "./claude/retry.js";
export type { Timeouts } from "./claude/watchdog.js";
export type { Claude, ModelCall, ModelRequest, StreamEvent, Wait } from "./claude-function.js";
export { addCost, type Cost } from "./cost.js";
export type { Environment } from "./environment.js";
export {
  AgentError,
  AlreadyPostedError,
  ApprovalError,
  BrokenStreamError,
  CorruptLogError,
  HistoryError,
  LeaseLostError,
  LockstitchError,
  MissingKeyError,
  messageOf,
  NoSessionError,
  PrefixChangedError,
  SessionEndedError,
  SessionRunningError,
  StoreBusyError,
  StoreError,
  ToolDefinitionError,
} from "./errors.js";
export type {
  AgentEvent,
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
export type { LimitName, Limits } from "./limits.js";
export { defaultMaxTokens, defaultModel, findModel, type Model, models } from "./models/models.js";
export {
  costOf,
  findPrice,
  officialPrices,
  type Price,
  type PriceBook,
  type Rates,
} from "./models/prices.js";
export type { RunOptions } from "./options.js";
export { apply, emptyState } from "./pure/apply.js";
export { type Approval, type Progress, partialOf, type Result } from "./result.js";
export { resume, run } from "./run.js";
export type { ApprovalAnswer, Run } from "./run-handle.js";
export { abort, approve, steer } from "./session.js";
export type { CallState, RunState, State, StepState } from "./state.js";
export { memoryStore } from "./store/memory-store.js";
export type { AppendOptions, Log, Post, SessionSummary, Store } from "./store/store.js";
export {
  checkToolName,
  type Effects,
  type InputSchema,
  type Reconciled,
  type ResultBlock,
  type Tool,
  type ToolCall,
  type ToolDefinition,
  ToolError,
} from "./tool.js";
export { addUsage, totalTokens, type Usage } from "./usage.js";
