import type { ModelRequest } from "./claude-function.js";
import type { CompactionOptions } from "./compaction-options.js";
import type { System } from "./events.js";
import type { Input } from "./input.js";
import type { Limits } from "./limits.js";
import type { OutputSchema } from "./output.js";
import type { EndedResult } from "./result.js";
import type { State } from "./state.js";
import type { InputSchema, ToolDefinition } from "./tool-definition.js";

/** Any other field of the Messages API, passed through as it is. */
export type RequestFields = Partial<
  Omit<ModelRequest, "model" | "max_tokens" | "messages" | "system" | "tools">
>;

/** An agent is plain data. `Output` is the type of its answer where it has an `output`. */
export interface Agent<Output = unknown> {
  /** Shown in traces. Default `"agent"`. */
  readonly name?: string;
  /** Default: `defaultModel`, a current mid-sized one. */
  readonly model?: string;
  /** The system prompt; stays the same for a whole session. */
  readonly system?: System;
  /** Our tools and the API's own definitions, side by side. */
  readonly tools?: readonly (Tool | ToolDefinition)[];
  /** Output tokens of one reply at most. Default 16,000. */
  readonly maxTokens?: number;
  /**
   * What the final answer must be: the API holds the reply to it, and it is checked; an answer that does not fit is asked for again, at most
   * `limits.maxOutputRetries` times. `result.output` has the checked value. Default: any text.
   */
  readonly output?: OutputSchema<Output>;
  readonly limits?: Limits;
  /**
   * How long what is cached of a prompt lives: markers are set on tools, system prompt and messages, so that the next step reads them
   * at a fraction of the price. `false` sets none. Default `"5m"`.
   */
  readonly cache?: "5m" | "1h" | false;
  /**
   * Whether a history that nears the model's context window is summarised: its oldest messages give way to a summary that the model
   * writes, which counts against the limits like any reply. `false`: never; such a run ends, or is refused, when its window is full.
   * Default: at 0.8 of the window.
   */
  readonly compact?: CompactionOptions | false;
  /** Start calls of tools with `effects: "none"`, unless they act or run alone, while the reply still streams. Default true. */
  readonly eager?: boolean;
  /**
   * Whether a call may run: `"deny"`, `"ask"` (a person) or `"allow"`. Asked once a call and process, with what the model sent;
   * pure, so that the same call in the same state always gets the same answer. The strictest of this and the tool's `needsApproval` holds.
   * Where it throws or answers anything else, the call is denied. `permitRules`, `ruleOfTwo` and `strictest` make such functions.
   */
  readonly permit?: Permit;
  /**
   * What becomes of a call with `effects: "once"` that was interrupted by the end of its process and can't be reconciled:
   * the model is told that its outcome is unknown, or a person is asked whether to run it again. Default `"model"`.
   */
  readonly unknownOutcome?: "model" | "ask";
  /** Other fields of the request, sent as they are. A forced `tool_choice` (`any`, `tool`) holds for a run's first step. */
  readonly request?: RequestFields;
}

/** `state.step.calls` are those of the reply that the call stands in; while it still streams, those up to this one. */
export type Permit = (call: PermitCall, state: State) => PermitAnswer;

export type PermitVerdict = "allow" | "ask" | "deny";

/**
 * `rule`: why, in words. They stand in the log beside the verdict, and the model reads them where it is denied, so they hold no secrets.
 */
export type PermitAnswer = PermitVerdict | { readonly verdict: PermitVerdict; readonly rule?: string };

export interface PermitCall {
  readonly toolUseId: string;
  readonly name: string;
  /** What the model sent, not parsed. */
  readonly input: unknown;
  /** What the tool's `parse` made of it: the very value that it would run with, to be looked at and not changed. */
  readonly parsed: unknown;
}

/**
 * What running a tool does to the world:
 * - `"none"`: it only reads. It may start while the reply still streams (see `eager`), and may run again.
 * - `"idempotent"`: it may run again with the same `idempotencyKey`.
 * - `"once"`: it must never start twice; that it starts is committed before it does.
 */
export type Effects = "none" | "idempotent" | "once";

/** What a tool brings into the conversation: text that anybody may have written, or data that not everybody may see. */
export type Reads = "untrusted" | "private";

/**
 * A tool is a plain object. `tool()` makes one from a schema; writing one by hand is as good.
 * A tool whose `definition` has a `type` is one that the API defines and we run (memory, bash, text editor).
 */
export interface Tool<Input = unknown> {
  /** Letters, digits, `_` and `-`, 1 to 64 of them. Unique within an agent. */
  readonly name: string;
  /** What it does and when to use it: the model chooses by this text. */
  readonly description?: string;
  /** JSON Schema of the input. Default: an object with no properties. */
  readonly inputSchema?: InputSchema;
  /** Default `"once"`, the careful choice. */
  readonly effects?: Effects;
  /**
   * What its results may hold, for `ruleOfTwo`: `"untrusted"` what strangers wrote (web pages, mail), `"private"` what not everybody may
   * see, both, or `[]`, neither. Default: not known, which counts as both.
   */
  readonly reads?: Reads | readonly Reads[];
  /**
   * Whether a call changes something, or sends out what the model chose, for `ruleOfTwo`. Default: true unless `effects` is `"none"`. Say
   * true for a tool that only reads and yet tells others something, as the address of a page tells its server; it then starts only once
   * its reply is committed.
   */
  readonly acts?: boolean;
  /** Milliseconds until the call is given up and the model is told so. Default: none. */
  readonly timeoutMs?: number;
  /** It must not run beside any other call. Default false. */
  readonly alone?: boolean;
  /** A person must say yes before it runs; asked with the parsed input. Where it throws, a person is asked. */
  readonly needsApproval?: boolean | NeedsApproval<Input>["ask"];
  /**
   * It reads on in results that were cut, with `call.resultOf`; `readResult` does. The whole texts of such results are kept only where an
   * agent has a tool like this, and its own results are not cut. Default false.
   */
  readonly readsResults?: boolean;
  /** Any other wire field of the definition, e.g. `strict`, `input_examples`, `defer_loading`. */
  readonly definition?: Partial<ToolDefinition>;
  /** Turns what the model sent into the input of `run`; throws, with words a model can use, where it can't. */
  parse(input: unknown): Input | Promise<Input>;
  /**
   * Does the work. A string, or content blocks (one, or an array of them and of texts), goes to the model as it is; all else as JSON.
   * Promises in an array are awaited.
   * Throw `ToolError` to choose what the model reads about a failure.
   */
  run(input: Input, call: ToolCall): unknown;
  /** For `effects: "once"`: finds out whether a call that was interrupted has happened. `output` is then what `run` would have returned. */
  reconcile?(input: Input, call: ToolCall): Reconciled | Promise<Reconciled>;
}

/** Written as a method, so that a tool of any input is a `Tool`. */
interface NeedsApproval<Input> {
  ask(input: Input): boolean | Promise<boolean>;
}

export type Reconciled =
  | { readonly status: "done"; readonly output: unknown }
  | { readonly status: "not_done" }
  | { readonly status: "unknown" };

/** What a running tool knows about its call. */
export interface ToolCall {
  readonly session: string;
  readonly toolUseId: string;
  /** The same for every try of this call, in this process or another. Hand it to a backend that knows idempotency. */
  readonly idempotencyKey: string;
  /** Grows with every change of the session's owner: a backend that remembers the highest can refuse a process that was fenced off. */
  readonly fence: number;
  /** Aborts when the run is aborted, the call's time is up, its result is no longer wanted, or it is suspended: see `run`. */
  readonly signal: AbortSignal;
  /**
   * Runs an agent in a session of its own, below this call: it shares the store, the Claude function, retries, prices, `onEvent`, the limits
   * on money and tokens, the permission and the abort; its model is its own. Rejects with `AgentError` five deep. The same call, run again
   * after a crash, goes on with the same session: so give its tool `effects: "idempotent"` where it does nothing else. What its run rejects
   * with, this rejects with. A call's agents are found by their order: where it has changed, so that one would go on with the session of an
   * agent with another name, this rejects with `AgentError`.
   *
   * Where it waits for a person the call is suspended: this rejects, and what the function does then counts for nothing; it runs again once
   * somebody has answered. For a tool with `effects: "once"` and without `reconcile` the agent is ended instead, and this rejects with words
   * that say so. So the result is never one that waits.
   */
  run<Output = undefined>(agent: Agent<Output>, input: Input): Promise<EndedResult<Output>>;
  /** `limits.maxResultLength`: a result that is longer is cut. */
  readonly maxResultLength: number;
  /** The whole text of an earlier result of this session that was cut; `undefined` for any other, see `Tool.readsResults`. */
  resultOf(toolUseId: string): string | undefined;
  /** Shows `value` to whoever watches the run, as a live `tool.delta`. Never committed. */
  progress(value: unknown): void;
}
