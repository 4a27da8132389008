import { findModel } from "@lockstitch/core";
import { type Seen, see } from "./seen.js";
import { addLine, addTo, addToolLine, type CostLine, noLine, type ToolLine } from "./tables.js";

/** Where nobody has told: the agent of a session joined late, the model of a subagent's sum. */
export const unknown = "(unknown)";

/** What has to be known of a session to count it once. */
interface Session {
  agent: string | undefined;
  /** A fork begins with copies of events; their cost is the first session's. */
  copiedUpTo: number;
  readonly seen: Seen;
  /** Its own calls were seen, so its parent's sum of them is not counted. */
  spends: boolean;
}

/** What a model call, or a subagent's sum of them, is counted under. */
interface Place {
  readonly model: string;
  readonly agent: string;
  readonly day: string;
}

/** Sums over sessions. What it holds grows with the number of names and of sessions, up to a bound, never with that of events. */
export interface Sums {
  totals: CostLine;
  compaction: CostLine;
  failed: number;
  untold: number;
  readonly byModel: Map<string, CostLine>;
  readonly byAgent: Map<string, CostLine>;
  readonly byDay: Map<string, CostLine>;
  readonly byTool: Map<string, ToolLine>;
  readonly sessions: Map<string, Session>;
  /** What subagents cost by their parents' word, as long as their own calls were not seen. By session. */
  readonly told: Map<string, { readonly place: Place; readonly line: CostLine }[]>;
}

export function createSums(): Sums {
  return {
    ...{ totals: noLine, compaction: noLine, failed: 0, untold: 0 },
    ...{ byModel: new Map(), byAgent: new Map(), byDay: new Map(), byTool: new Map() },
    ...{ sessions: new Map(), told: new Map() },
  };
}

/** Sessions that are remembered; of older ones an event that comes again is counted again. */
export const mostSessions = 10_000;

/** What is known of a session; the one that was longest not heard of is forgotten for it. */
export function sessionOf({ sessions }: Sums, id: string): Session {
  const known = sessions.get(id);
  // Behind all others again.
  sessions.delete(id);
  const session = known ?? { agent: undefined, copiedUpTo: 0, seen: [], spends: false };
  sessions.set(id, session);
  if (sessions.size > mostSessions) sessions.delete(first(sessions) ?? id);
  return session;
}

/** False for an event that was counted before, or is a copy of one. */
export function isNew(session: Session, seq: number): boolean {
  return see(session.seen, seq) && seq > session.copiedUpTo;
}

export function placeOf(model: string, agent: string | undefined, at: number): Place {
  return {
    // A reply names its model by the dated id, whatever the request called it.
    model: findModel(model)?.id ?? model,
    agent: agent ?? unknown,
    day: new Date(at).toISOString().slice(0, 10),
  };
}

export function count(sums: Sums, { model, agent, day }: Place, line: CostLine): void {
  sums.totals = addLine(sums.totals, line);
  addTo(sums.byModel, model, line, addLine);
  addTo(sums.byAgent, agent, line, addLine);
  addTo(sums.byDay, day, line, addLine);
}

export function countTool(sums: Sums, name: string, line: ToolLine): void {
  addTo(sums.byTool, name, line, addToolLine);
}

/** Counts what a subagent cost by its parent's word, unless its own calls are counted. */
export function tell(sums: Sums, child: string, place: Place, line: CostLine): void {
  if (sessionOf(sums, child).spends) return;
  sums.told.set(child, [...(sums.told.get(child) ?? []), { place, line }]);
  if (sums.told.size <= mostSessions) return;
  const oldest = first(sums.told);
  if (oldest === undefined) return;
  for (const { place, line } of sums.told.get(oldest) ?? []) count(sums, place, line);
  sums.told.delete(oldest);
}

/** A call of the session itself was seen: what its parent says of it is the same money. */
export function spend(sums: Sums, id: string, session: Session): void {
  session.spends = true;
  sums.told.delete(id);
}

/** With what is only told counted too. */
export function settled(sums: Sums): Sums {
  const copy: Sums = {
    ...sums,
    ...{ byModel: new Map(sums.byModel), byAgent: new Map(sums.byAgent) },
    ...{ byDay: new Map(sums.byDay), byTool: new Map(sums.byTool) },
  };
  for (const lines of sums.told.values()) for (const { place, line } of lines) count(copy, place, line);
  return copy;
}

function first(map: ReadonlyMap<string, unknown>): string | undefined {
  return map.keys().next().value;
}
