import type { TracerEvents } from "../tracer.js";
import type { Line } from "./console-line.js";
import { plural } from "./figures.js";

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
