import type Anthropic from "@anthropic-ai/sdk";
import type { Cost } from "./cost.js";
import type { LimitName } from "./limits.js";
import type { Usage } from "./usage.js";

/** What a run came to, so far or in the end. */
export interface Progress {
  /** The whole history of the session, as the API would see it next. */
  readonly messages: readonly Anthropic.MessageParam[];
  /** Tokens of this run, broken and repeated attempts included. */
  readonly usage: Usage;
  readonly cost: Cost;
  /** Model calls of this run, retries not counted. */
  readonly steps: number;
  readonly session: string;
}

/** A tool call that waits for a person. */
export interface Approval {
  readonly session: string;
  readonly toolUseId: string;
  readonly tool: string;
  readonly input: unknown;
}

/** A run's outcome, as plain data. */
export type Result<Output = unknown> = EndedResult<Output> | WaitingResult;

/** What a run came to that has ended. */
export interface EndedResult<Output = unknown> extends Progress {
  readonly status: "ended";
  /** The text of the last reply. */
  readonly text: string;
  /** The API's own stop reason, or `limit` (saying which), or `aborted`, or `ended_early` where `endEarly()` saw enough. */
  readonly reason: Anthropic.StopReason | "limit" | "aborted" | (string & {});
  readonly limit?: LimitName;
  /**
   * The answer, checked and as the agent's `output` makes it. `undefined` for an agent without one, and for a run that ended in any
   * other way than with an answer that fits: a refusal, a cut-off, a limit, an abort.
   */
  readonly output: Output | undefined;
}

/** What a run has come to that waits for a person. */
interface WaitingResult extends Progress {
  readonly status: "waiting";
  /** The text of the last reply. */
  readonly text: string;
  readonly approvals: readonly Approval[];
}

const partials = new WeakMap<object, Progress & { readonly text: string }>();

/**
 * Messages, usage, cost and steps up to the error that a run rejected with, so that the caller can go on from there.
 * `undefined` for an error that no run rejected with.
 */
export function partialOf(error: unknown): (Progress & { readonly text: string }) | undefined {
  return typeof error === "object" && error !== null ? partials.get(error) : undefined;
}

/** Ties what a run had come to to the error it rejects with. Beside the error, not in it: errors get logged. */
export function rememberPartial(error: unknown, partial: Progress & { readonly text: string }): void {
  if (typeof error === "object" && error !== null) partials.set(error, partial);
}
