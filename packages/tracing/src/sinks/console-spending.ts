import type { TracerEvents } from "../tracer.js";
import type { Line, Price } from "./console-line.js";
import { labelOf, type WatchedSession } from "./console-session.js";
import { money, plural, usageFacts } from "./figures.js";

type CacheMiss = NonNullable<TracerEvents["model.end"]["cacheMiss"]>;

const whys: Readonly<Record<CacheMiss["why"], string>> = {
  model: "another model",
  tools: "the tools changed",
  system: "the system prompt changed",
  settings: "the request's other fields changed",
  messages: "earlier messages changed",
  lifetime: "its time was up",
  unknown: "nobody can tell why",
};

/** Tokens that were paid for in full though they had been cached. */
export function missLine({ tokens, why }: CacheMiss): Line {
  const title = `${plural(tokens, "token")} no longer in the cache: ${whys[why]}`;
  return { gutter: "│", mark: ["yellow", "◌"], title };
}

/** The reply may be shorter than the agent asked for, so that it can be paid for. */
export function lessRoomLine(maxTokens: number): Line {
  return { gutter: "│", mark: ["dim", "·"], title: `room for ${plural(maxTokens, "token")} is left` };
}

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
