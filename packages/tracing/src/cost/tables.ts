import { addCost, addUsage, type Cost, type Usage } from "@lockstitch/core";

/** What some model calls used and cost. */
export interface CostLine {
  readonly usage: Usage;
  /** Unknown (`usd: null`) as soon as one of them had no price. */
  readonly cost: Cost;
  /** Model calls: every attempt, well ended or not. */
  readonly calls: number;
}

/** What came of a tool, and what asking for it cost. */
export interface ToolLine {
  readonly calls: number;
  /** Calls that did not go well: failed, refused, given up, or with a result that says it is an error. */
  readonly errors: number;
  readonly durationMs: number;
  /** An equal share of each step that asked for it, and all that its subagents cost. */
  readonly cost: Cost;
  /** The subagents' part of it. */
  readonly subagents: Cost;
}

/** What was seen so far, as a copy. */
export interface CostFigures {
  readonly totals: CostLine;
  /** The calls that wrote a summary; in the totals too. */
  readonly compaction: CostLine;
  /** Calls that brought no reply: broken, failed, aborted, lost with their process. In the totals too, with what they are known to have used. */
  readonly failed: number;
  /** Those of them that may have been billed and never said for what: by so much may a bill be higher. */
  readonly untold: number;
  /** By the catalogue's id. `"(unknown)"`: what a subagent cost by its parent's word, its own events not having been seen. */
  readonly byModel: ReadonlyMap<string, CostLine>;
  /** By `session.start`'s name; `"(unknown)"` for a session whose beginning was not seen. */
  readonly byAgent: ReadonlyMap<string, CostLine>;
  /** By the day of the call's end in UTC, e.g. `"2026-11-22"`. */
  readonly byDay: ReadonlyMap<string, CostLine>;
  /**
   * By the tool's name. What calls and results add to prompts can't be told apart, so the cost is a share: that of a step's attempts at its
   * reply, in equal parts for the calls in it, and all that the call's subagents cost. A subagent's own tools have their share of that again,
   * and replies without calls belong to no tool: these rows don't add up to the totals.
   */
  readonly byTool: ReadonlyMap<string, ToolLine>;
}

export const noLine: CostLine = {
  usage: {
    input_tokens: 0,
    output_tokens: 0,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
  },
  cost: { usd: 0 },
  calls: 0,
};

export const noToolLine: ToolLine = {
  calls: 0,
  errors: 0,
  durationMs: 0,
  cost: { usd: 0 },
  subagents: { usd: 0 },
};

export function addLine(a: CostLine, b: CostLine): CostLine {
  return { usage: addUsage(a.usage, b.usage), cost: addCost(a.cost, b.cost), calls: a.calls + b.calls };
}

export function addToolLine(a: ToolLine, b: ToolLine): ToolLine {
  return {
    calls: a.calls + b.calls,
    errors: a.errors + b.errors,
    durationMs: a.durationMs + b.durationMs,
    cost: addCost(a.cost, b.cost),
    subagents: addCost(a.subagents, b.subagents),
  };
}

/** Rows of a table at most: a model may make up any number of tool names. */
const mostRows = 1000;
const others = "(others)";

/** Adds to the row of a name; what comes after the last row that there may be shares one. */
export function addTo<Line>(
  table: Map<string, Line>,
  name: string,
  line: Line,
  add: (a: Line, b: Line) => Line,
): void {
  const row = table.has(name) || table.size < mostRows ? name : others;
  const before = table.get(row);
  table.set(row, before === undefined ? line : add(before, line));
}
