import type { AgentEvent, EventBody } from "@lockstitch/core";
import { type Difference, difference } from "../compare.js";
import { normalContent } from "../normal-form.js";

/** By this an event of the new log finds its own in the old one: calls that run side by side may come in another order. */
export function keyOf(body: EventBody): string {
  switch (body.type) {
    case "tool.check":
    case "tool.start":
    case "tool.end":
    case "tool.resume":
    case "approval.request":
    case "approval.response":
      return `${body.type} ${body.toolUseId}`;
    case "subagent.start":
    case "subagent.end":
    case "tool.suspend":
      return `${body.type} ${body.child}`;
    case "step.start":
    case "step.end":
      return `${body.type} ${body.step}`;
    default:
      return body.type;
  }
}

/** The first difference of two events of the same kind, in what an agent decides: not in times, prices or owners. */
export function eventDifference(expected: EventBody, got: EventBody): Difference | undefined {
  return difference([], essenceOf(expected, expected), essenceOf(got, expected));
}

/** @param logged the event in the log: what older ones did not know is not asked for */
function essenceOf(body: EventBody, logged: EventBody): unknown {
  switch (body.type) {
    case "run.start":
      return { model: body.model, settings: knowsSettings(logged) ? body.settings : undefined };
    case "run.resume":
      return { settings: knowsSettings(logged) ? body.settings : undefined };
    case "model.start":
      return { attempt: body.attempt, model: body.model, purpose: body.purpose };
    case "model.end":
      return { outcome: body.outcome };
    case "message":
      return { content: normalContent(body.message.content), stopReason: body.stopReason };
    case "tool.check":
      return { verdict: body.verdict, rule: body.rule };
    case "tool.end":
      return {
        outcome: body.outcome,
        content: normalContent(body.result.content),
        error: body.result.is_error === true,
      };
    case "run.end":
      return { reason: body.reason, limit: body.limit, steps: body.steps, error: body.error?.name };
    case "run.abort":
      return { by: body.by };
    case "compaction":
      return { kept: body.kept, summary: body.summary };
    // What begins a session shows in its first request; what people say comes from the log.
    default:
      return {};
  }
}

function knowsSettings(logged: EventBody): boolean {
  return (logged.type === "run.start" || logged.type === "run.resume") && logged.settings !== undefined;
}

/** An event for people. */
export function describe(body: EventBody | undefined, names: ReadonlyMap<string, string>): string {
  if (body === undefined) return "nothing more";
  switch (body.type) {
    case "step.start":
    case "step.end":
      return `${body.type} ${body.step}`;
    case "tool.check":
      return `tool.check of ${nameOf(body.toolUseId, names)}: ${verdictOf(body)}`;
    case "tool.start":
    case "tool.end":
    case "tool.resume":
    case "approval.request":
    case "approval.response":
      return `${body.type} of ${nameOf(body.toolUseId, names)}`;
    case "subagent.start":
    case "subagent.end":
    case "tool.suspend":
      return `${body.type} (${body.child}) of ${nameOf(body.toolUseId, names)}`;
    case "run.end":
      return `run.end (${body.limit ?? body.reason})`;
    default:
      return body.type;
  }
}

export function nameOf(toolUseId: string, names: ReadonlyMap<string, string>): string {
  return `${names.get(toolUseId) ?? "a tool"} (${toolUseId})`;
}

export function verdictOf({ verdict, rule }: Extract<EventBody, { type: "tool.check" }>): string {
  return rule === undefined ? verdict : `${verdict} (${rule})`;
}

/** The names of the tools that were called, by the ids of their calls. */
export function callNames(events: readonly AgentEvent[]): ReadonlyMap<string, string> {
  return new Map(
    events.flatMap((event): readonly (readonly [string, string])[] =>
      event.type !== "message" || typeof event.message.content === "string"
        ? []
        : event.message.content.flatMap((block) =>
            block.type === "tool_use" ? [[block.id, block.name] as const] : [],
          ),
    ),
  );
}
