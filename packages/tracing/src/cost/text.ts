import type { Cost } from "@lockstitch/core";
import { duration, money, plural, usageFacts } from "../sinks/figures.js";
import { oneLine } from "../sinks/terminal-text.js";
import type { CostFigures, CostLine, ToolLine } from "./tables.js";

type Row = readonly string[];

/** The figures as tables for people: the dearest first, days in order. */
export function costText(figures: CostFigures): string {
  const { totals, compaction, failed, untold, byModel, byAgent, byTool, byDay } = figures;
  const { cost } = totals;
  return [
    ["total", ...factsOf(totals)].join("  "),
    ...(cost.usd === null ? [`no price is known for ${oneLine(cost.unpriced.join(", "))}`] : []),
    ...(compaction.calls === 0 ? [] : [["of it summaries", ...factsOf(compaction)].join("  ")]),
    ...(failed === 0
      ? []
      : [`${plural(failed, "call")} brought no reply; ${untold} of them never said what they used`]),
    ...table("by model", dearestFirst(byModel), factsOf),
    ...table("by agent", dearestFirst(byAgent), factsOf),
    ...table("by tool", dearestFirst(byTool), toolFactsOf),
    ...table(
      "by day",
      [...byDay].sort(([a], [b]) => (a < b ? -1 : 1)),
      factsOf,
    ),
  ].join("\n");
}

function factsOf({ cost, calls, usage }: CostLine): Row {
  return [money(cost), plural(calls, "call"), ...usageFacts(usage)];
}

function toolFactsOf({ cost, calls, errors, durationMs, subagents }: ToolLine): Row {
  const spent = subagents.usd === 0 ? [] : [`${money(subagents)} by subagents`];
  return [money(cost), plural(calls, "call"), plural(errors, "error"), duration(durationMs), ...spent];
}

/** An unknown cost may be any. */
function dearestFirst<Line extends { readonly cost: Cost }>(
  lines: ReadonlyMap<string, Line>,
): readonly (readonly [string, Line])[] {
  const dollars = (line: Line) => line.cost.usd ?? Number.POSITIVE_INFINITY;
  return [...lines].sort(([, a], [, b]) => (dollars(a) === dollars(b) ? 0 : dollars(b) - dollars(a)));
}

function table<Line>(
  title: string,
  lines: readonly (readonly [string, Line])[],
  facts: (line: Line) => Row,
): readonly string[] {
  const rows = lines.map(([name, line]) => [oneLine(name), ...facts(line)]);
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  const lineOf = (row: Row) =>
    `  ${row.map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0))).join("  ")}`;
  return rows.length === 0 ? [] : ["", title, ...rows.map(lineOf)];
}
