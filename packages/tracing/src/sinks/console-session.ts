import type { AgentEvent, Delta } from "@lockstitch/core";
import type { TracerEvents } from "../tracer.js";

/** A tool call, from the message that asked for it to the next message. */
interface WatchedCall {
  /** The tool's name, numbered (`find_place#2`) where the same tool is called more than once in a step. */
  readonly label: string;
  readonly input: unknown;
  /** Whether its start was shown; some calls end without one. */
  readonly started: boolean;
}

interface ToolUse {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

/** What has to be remembered of a session to tell its next line. */
export interface WatchedSession {
  readonly agent: string | undefined;
  /** The session that this one works for. */
  readonly parent: string | undefined;
  readonly runStartedAt: number | undefined;
  readonly stepStartedAt: number | undefined;
  /** Those of the last reply, by tool use id. */
  readonly calls: ReadonlyMap<string, WatchedCall>;
  /** When the progress of a call was last shown, by tool use id. */
  readonly progressAt: ReadonlyMap<string, number>;
  /** The failure of the last model call, so that the restart and the wait which follow need not tell it again. */
  readonly told: string | undefined;
}

export const unwatched: WatchedSession = {
  agent: undefined,
  parent: undefined,
  runStartedAt: undefined,
  stepStartedAt: undefined,
  calls: new Map(),
  progressAt: new Map(),
  told: undefined,
};

/**
 * The session after this event. One that was joined late only knows less.
 * @param at milliseconds, by the clock that progress is timed with
 */
export function remember(session: WatchedSession, event: AgentEvent | Delta, at: number): WatchedSession {
  switch (event.type) {
    case "session.start":
      return { ...session, agent: event.agent, parent: event.parent?.session };
    case "run.start":
      return { ...session, runStartedAt: event.at };
    case "step.start":
      return { ...session, stepStartedAt: event.at };
    case "model.end":
      return { ...session, told: event.error?.message };
    case "message.delta":
      return event.block.type === "tool_use" ? expectCall(session, event.block) : session;
    case "message":
      return { ...session, calls: callsOf(event.message) };
    case "tool.delta":
      return { ...session, progressAt: new Map(session.progressAt).set(event.toolUseId, at) };
    case "tool.end":
      return { ...session, progressAt: without(session.progressAt, event.toolUseId) };
    case "tool.start": {
      const call = session.calls.get(event.toolUseId);
      if (call === undefined) return session;
      return { ...session, calls: new Map(session.calls).set(event.toolUseId, { ...call, started: true }) };
    }
    default:
      return session;
  }
}

/** A tool may tell of its progress a thousand times a second; nobody reads that, and all else would scroll away. */
const progressEveryMs = 1_000;

/** Whether the progress of a call is to be shown: the first time, and then once a second. */
export function isProgressDue(
  { progressAt }: WatchedSession,
  { toolUseId }: TracerEvents["tool.delta"],
  at: number,
): boolean {
  const last = progressAt.get(toolUseId);
  return last === undefined || at - last >= progressEveryMs;
}

function without(times: ReadonlyMap<string, number>, toolUseId: string): ReadonlyMap<string, number> {
  return new Map([...times].filter(([id]) => id !== toolUseId));
}

/** What a call is called in its lines. */
export function labelOf(session: WatchedSession, toolUseId: string): string {
  return session.calls.get(toolUseId)?.label ?? toolUseId;
}

/** A tool that starts while the reply still streams may report progress before its message is committed. */
function expectCall(session: WatchedSession, { id, name, input }: ToolUse): WatchedSession {
  if (session.calls.has(id)) return session;
  return { ...session, calls: new Map(session.calls).set(id, { label: name, input, started: false }) };
}

function callsOf(message: TracerEvents["message"]["message"]): ReadonlyMap<string, WatchedCall> {
  const blocks = typeof message.content === "string" ? [] : message.content;
  const asked = blocks.flatMap((block) => (block.type === "tool_use" ? [block] : []));
  const seen = new Map<string, number>();
  const calls = new Map<string, WatchedCall>();
  for (const { id, name, input } of asked) {
    const number = (seen.get(name) ?? 0) + 1;
    seen.set(name, number);
    const alone = asked.filter((other) => other.name === name).length === 1;
    calls.set(id, { label: alone ? name : `${name}#${number}`, input, started: false });
  }
  return calls;
}
