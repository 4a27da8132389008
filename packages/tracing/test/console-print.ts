import type { AgentEvent, Delta, EventBody } from "@lockstitch/core";
import { type ConsoleSinkOptions, consoleSink } from "../src/index.js";
import { script } from "./session-script.js";

/** What the sink prints of these events, line by line. */
export function print(
  events: readonly (AgentEvent | Delta)[],
  options: ConsoleSinkOptions = {},
  columns?: number,
): string[] {
  let text = "";
  const write = (more: string) => {
    text += more;
  };
  const stream = columns === undefined ? { write } : { write, columns };
  const sink = consoleSink({ stream, colour: false, ...options });
  for (const event of events) sink(event);
  return text.split("\n").slice(0, -1);
}

/** The lines of one step in which just this happens. */
export function printStep(
  bodies: readonly EventBody[],
  options?: ConsoleSinkOptions,
  columns?: number,
): string[] {
  const { event } = script("s_1");
  return print(
    bodies.map((body, index) => event(index, body)),
    options,
    columns,
  );
}

export function message(
  ...content: Extract<EventBody, { type: "message" }>["message"]["content"][number][]
): EventBody {
  type Content = Extract<EventBody, { type: "message" }>["message"]["content"];
  return {
    type: "message",
    id: "msg_1",
    stopReason: "tool_use",
    message: { role: "assistant", content: content as Content },
  };
}

export const asksForPage = message({
  type: "tool_use",
  id: "toolu_1",
  name: "read_page",
  input: { page: 7 },
});
export const startsPage: EventBody = {
  type: "tool.start",
  toolUseId: "toolu_1",
  name: "read_page",
  idempotencyKey: "k",
};

export function pageEnds(
  content: string,
  outcome: Extract<EventBody, { type: "tool.end" }>["outcome"] = "ok",
): EventBody {
  return {
    type: "tool.end",
    toolUseId: "toolu_1",
    name: "read_page",
    outcome,
    result: outcome === "ok" ? { content } : { content, is_error: true },
    durationMs: 5,
  };
}
