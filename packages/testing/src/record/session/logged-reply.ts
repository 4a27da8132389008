import type Anthropic from "@anthropic-ai/sdk";
import { type AgentEvent, BrokenStreamError, type ErrorRecord } from "@lockstitch/core";
import { fromRecordedError } from "../recorded-error.js";

/** What became of a model call, as its log tells it. */
export type LoggedReply =
  | {
      readonly type: "message";
      readonly message: Anthropic.Message;
      /** The place of its event. */
      readonly index: number;
    }
  | { readonly type: "error"; readonly error: Error }
  /** It was given up, or its process died before it was answered. */
  | { readonly type: "none" };

/** The reply to the call that began with the event at `index`. */
export function replyAfter(events: readonly AgentEvent[], index: number): LoggedReply {
  const later = events.slice(index + 1);
  const end = later.find(({ type }) => type === "model.end" || type === "model.start");
  if (end?.type === "model.start") return { type: "error", error: new BrokenStreamError(lost) };
  const unlogged = unloggedFailure(events);
  if (end === undefined && unlogged !== undefined)
    return { type: "error", error: loggedError(unlogged, false) };
  if (end?.type !== "model.end" || end.outcome === "aborted") return { type: "none" };
  const rest = later.slice(later.indexOf(end) + 1);
  if (end.outcome !== "message")
    return { type: "error", error: loggedError(end.error, !isFinal(end.error, rest)) };
  const start = events[index];
  if (start?.type === "model.start" && start.purpose !== undefined)
    return loggedSummary(end, rest[0], events);
  const said = rest.find(({ type }) => type === "message");
  if (said?.type !== "message") return { type: "none" };
  return { type: "message", message: loggedMessage(said, end), index: events.indexOf(said) };
}

/** A summary stands in the event that it came to. One that came to nothing had no words. */
function loggedSummary(
  end: Extract<AgentEvent, { type: "model.end" }>,
  next: AgentEvent | undefined,
  events: readonly AgentEvent[],
): LoggedReply {
  const text = next?.type === "compaction" ? next.summary : " ";
  const message = { role: "assistant", content: text } as const;
  const said = { ...end, type: "message", id: "msg_summary", message, stopReason: "end_turn" } as const;
  return { type: "message", message: loggedMessage(said, end), index: events.indexOf(end) };
}

/** Another attempt followed, so it failed; its end could not be written down. */
const lost = "The log does not say what this call failed with.";

const wasCutOff: readonly string[] = ["max_tokens", "model_context_window_exceeded"];

/** Of a reply that was cut off the loop drops a last call that is not whole. It did so before it was logged, and must find one again. */
const halfCall = { type: "server_tool_use", id: "srvtoolu_cut_off", name: "cut_off", input: {} };

/** The reply as it was committed. What it used is what its `model.end` says. */
function loggedMessage(
  said: Extract<AgentEvent, { type: "message" }>,
  end: Extract<AgentEvent, { type: "model.end" }>,
): Anthropic.Message {
  const { content } = said.message;
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : structuredClone(content);
  const cutOff =
    blocks.at(-1)?.type.endsWith("tool_use") && wasCutOff.includes(said.stopReason) ? [halfCall] : [];
  const message = {
    id: said.id,
    type: "message",
    role: "assistant",
    model: end.model,
    content: [...blocks, ...cutOff],
    stop_reason: said.stopReason,
    stop_sequence: null,
    container: said.container === undefined ? null : { id: said.container, expires_at: "" },
    usage: end.usage ?? { input_tokens: 0, output_tokens: 0 },
  };
  return message as unknown as Anthropic.Message;
}

/** It is what the run then failed with, so it was not worth another attempt. */
function isFinal(error: ErrorRecord | undefined, later: readonly AgentEvent[]): boolean {
  const end = later.find(({ type }) => type === "run.end" || type === "model.start");
  return end?.type === "run.end" && end.error?.name === error?.name && end.error?.message === error?.message;
}

/** What the last model call failed with, where its end could not be written down: the run failed with it too. */
function unloggedFailure(events: readonly AgentEvent[]): ErrorRecord | undefined {
  const last = events.findLast(({ type }) => type === "model.start" || type === "model.end");
  const end = events.findLast(({ type }) => type === "run.end");
  if (last?.type !== "model.start" || end?.type !== "run.end" || end.reason !== "error") return undefined;
  // A store fails with this alone, and then the call was well.
  return end.error?.name === "StoreError" ? undefined : end.error;
}

/** A log keeps no headers. Whether it was tried again is told to the one who decides that in their place. */
function loggedError(record: ErrorRecord | undefined, again: boolean): Error {
  const { name = "Error", message = "" } = record ?? {};
  return fromRecordedError({
    name,
    message,
    ...(record?.status === undefined ? {} : { status: record.status }),
    ...(record?.requestID === undefined ? {} : { requestID: record.requestID }),
    ...(record?.status === undefined ? {} : { headers: { "x-should-retry": String(again) } }),
  });
}

/**
 * How often a model call is tried at most, as far as an invocation shows it. Only where its run failed there need be a limit: no step was
 * tried more often than the one that used it up.
 */
export function attemptsIn(events: readonly AgentEvent[]): number {
  if (!hasFailedAtModel(events)) return 1_000;
  let [most, inStep] = [1, 0];
  for (const { type } of events) {
    if (type === "step.start") inStep = 0;
    if (type === "model.start") most = Math.max(most, ++inStep);
  }
  return most;
}

/** Whether the run failed at its model in the end. */
export function hasFailedAtModel(events: readonly AgentEvent[]): boolean {
  if (unloggedFailure(events) !== undefined) return true;
  const last = events.findLastIndex(({ type }) => type === "model.end");
  const end = events[last];
  return end?.type === "model.end" && end.error !== undefined && isFinal(end.error, events.slice(last + 1));
}
