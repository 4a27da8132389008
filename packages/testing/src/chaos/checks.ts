import type { AgentEvent, ModelRequest } from "@lockstitch/core";
import type { Effect } from "./tools.js";

/** What holds of every log, whatever happened. Each gives what is wrong, in words. */
export function findProblems(
  events: readonly AgentEvent[],
  requests: readonly ModelRequest[],
  effects: readonly Effect[],
): string[] {
  return [
    ...numberingProblems(events),
    ...inboxProblems(events),
    ...answerProblems(events),
    ...effectProblems(events, effects),
    ...prefixProblems(requests),
  ];
}

/** A run that comes to its own end leaves nothing unheard that was said before. */
function inboxProblems(events: readonly AgentEvent[]): string[] {
  return events.flatMap((event, index) => {
    if (event.type !== "run.end" || ["aborted", "limit", "error"].includes(event.reason)) return [];
    const lastStep = events.slice(0, index).findLastIndex(({ type }) => type === "step.start");
    const unheard = events.slice(lastStep, index).some(({ type }) => type === "input");
    return unheard ? [`the run ended with ${event.reason} though something was said before`] : [];
  });
}

function numberingProblems(events: readonly AgentEvent[]): string[] {
  return events.every(({ seq }, index) => seq === index + 1)
    ? []
    : ["the events of the log are not numbered without a gap"];
}

/** Every call of every message that went into the history is answered exactly once, and never before it started. */
function answerProblems(events: readonly AgentEvent[]): string[] {
  const problems: string[] = [];
  const asked = new Set(events.flatMap(askedBy));
  const started = new Set<string>();
  const ended = new Set<string>();
  for (const event of events) {
    if (event.type === "tool.start") {
      if (started.has(event.toolUseId)) problems.push(`${event.toolUseId} started twice`);
      started.add(event.toolUseId);
    }
    if (event.type !== "tool.end") continue;
    if (ended.has(event.toolUseId)) problems.push(`${event.toolUseId} was answered twice`);
    ended.add(event.toolUseId);
    if (!asked.has(event.toolUseId)) problems.push(`${event.toolUseId} was answered but never asked for`);
    if (["ok", "error", "timeout"].includes(event.outcome) && !started.has(event.toolUseId)) {
      problems.push(`${event.toolUseId} ended with ${event.outcome} without a start`);
    }
  }
  for (const id of asked) if (!ended.has(id)) problems.push(`${id} was never answered`);
  return problems;
}

function askedBy(event: AgentEvent): string[] {
  if (event.type !== "message" || event.stopReason === "refusal" || typeof event.message.content === "string")
    return [];
  return event.message.content.flatMap((block) => (block.type === "tool_use" ? [block.id] : []));
}

/** A tool with effects starts once, with its start committed, and only for a reply that stopped to have tools run. */
function effectProblems(events: readonly AgentEvent[], effects: readonly Effect[]): string[] {
  const runnable = new Set(
    events.flatMap((event) =>
      event.type === "message" && event.stopReason === "tool_use" ? askedBy(event) : [],
    ),
  );
  const committed = new Set(
    events.flatMap((event) => (event.type === "tool.start" ? [event.toolUseId] : [])),
  );
  const seen = new Set<string>();
  return effects.flatMap(({ tool, toolUseId }) => {
    if (tool.startsWith("look")) return [];
    const problems: string[] = [];
    if (seen.has(toolUseId)) problems.push(`${tool} ran twice for ${toolUseId}`);
    if (!committed.has(toolUseId)) problems.push(`${tool} ran for ${toolUseId} without a committed start`);
    if (!runnable.has(toolUseId))
      problems.push(`${tool} ran for ${toolUseId}, whose reply did not stop to have tools run`);
    seen.add(toolUseId);
    return problems;
  });
}

/**
 * What was sent once is sent again to the letter: later requests only add to earlier ones. Only cache markers move, a summary begins anew,
 * and a turn that was refused or empty leaves no call of the API's own tools open.
 */
function prefixProblems(requests: readonly ModelRequest[]): string[] {
  const flat = requests
    .filter((request) => !asksForSummary(request))
    .map((request) => [
      textOf([request.system, request.tools]),
      ...request.messages.flatMap(({ role, content }) =>
        (typeof content === "string" ? [{ type: "text", text: content }] : content).map((block) =>
          textOf([role, block]),
        ),
      ),
    ]);
  return flat.slice(1).flatMap((lines, index) => {
    const before = flat[index] ?? [];
    if (lines[1] !== before[1] && lines[1]?.includes(summaryLead)) return [];
    const changed = before.findIndex((line, position) => line !== lines[position]);
    return changed < 0 || hasOpenServerTool(before.slice(changed))
      ? []
      : [`request ${index + 2} changed what request ${index + 1} had sent, at block ${changed}`];
  });
}

function hasOpenServerTool(lines: readonly string[]): boolean {
  const blocks = lines.map((line) => (JSON.parse(line) as [string, Record<string, unknown>])[1]);
  const answered = new Set(blocks.map(({ tool_use_id }) => tool_use_id));
  return blocks.some(({ type, id }) => type === "server_tool_use" && !answered.has(id));
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (name, inner: unknown) => (name === "cache_control" ? undefined : inner));
}

/** How the first message of a history begins that goes on from a summary. */
export const summaryLead = "[This is a summary of the conversation so far";

function asksForSummary({ messages }: ModelRequest): boolean {
  return textOf(messages.at(-1)).includes("[The context window is nearly full. Answer with a summary");
}
