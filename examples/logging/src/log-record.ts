import type { AgentEvent } from "lockstitch";

/** One line of the log. */
export type LogRecord = Readonly<Record<string, string | number | null>>;

/** What the log keeps of an event: what happened, when, how long it took and what it cost. Not what was said: logs travel. */
export function toLogRecord(event: AgentEvent): LogRecord {
  const { at, session, seq, type } = event;
  return { time: new Date(at).toISOString(), session, seq, event: type, ...details(event) };
}

function details(event: AgentEvent): LogRecord {
  switch (event.type) {
    case "run.start":
      return { model: event.model };
    case "model.end":
      return { attempt: event.attempt, outcome: event.outcome, durationMs: event.durationMs };
    case "tool.start":
      return { tool: event.name };
    case "tool.end":
      return { tool: event.name, outcome: event.outcome, durationMs: event.durationMs };
    case "step.end":
      return { step: event.step, outputTokens: event.usage.output_tokens, usd: event.cost.usd };
    case "run.end":
      return { reason: event.reason, steps: event.steps, usd: event.cost.usd };
    default:
      return {};
  }
}
