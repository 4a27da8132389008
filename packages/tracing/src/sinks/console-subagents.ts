import type { TracerEvents } from "../tracer.js";
import type { Line, Price } from "./console-line.js";
import { labelOf, type WatchedSession } from "./console-session.js";
import { money, plural, usageFacts } from "./figures.js";

/** @param cost false: not a word of money */
export function subagentLine(
  { toolUseId, agent, child, granted }: TracerEvents["subagent.start"],
  session: WatchedSession,
  cost: boolean,
): Line {
  const { tokens, usd } = granted ?? {};
  const most = [
    ...(tokens === undefined ? [] : [plural(tokens, "token")]),
    ...(typeof usd === "number" && cost ? [money({ usd })] : []),
  ];
  const facts = [child, ...(most.length === 0 ? [] : [`at most ${most.join(" and ")}`])];
  return {
    gutter: "│",
    mark: ["cyan", "▷"],
    title: `${labelOf(session, toolUseId)}: ${agent} begins`,
    facts,
  };
}

export function subagentEndLine(
  { toolUseId, child, reason, usage, cost }: TracerEvents["subagent.end"],
  session: WatchedSession,
  price: Price,
): Line {
  const colour = reason === "error" ? "red" : reason === "end_turn" ? "green" : "yellow";
  return {
    gutter: "│",
    mark: [colour, "◁"],
    title: `${labelOf(session, toolUseId)}: ${reason}`,
    facts: [child, ...usageFacts(usage), ...price(cost)],
  };
}

/** The subagent's own lines tell what it wants to do. */
export function suspendedLine(
  { toolUseId, child, approvals }: TracerEvents["tool.suspend"],
  session: WatchedSession,
): Line {
  const tools = approvals.map(({ tool }) => tool).join(", ");
  const title = `${labelOf(session, toolUseId)} waits for approval of ${tools}`;
  return { gutter: "│", mark: ["yellow", "?"], title, facts: [child] };
}

export function resumedLine({ toolUseId }: TracerEvents["tool.resume"], session: WatchedSession): Line {
  return { gutter: "│", mark: ["cyan", "▷"], title: `${labelOf(session, toolUseId)} goes on` };
}
