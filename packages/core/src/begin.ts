import type Anthropic from "@anthropic-ai/sdk";
import { PrefixChangedError } from "./errors.js";
import type { EventBody } from "./events.js";
import { fingerprintOf, prefixText } from "./fingerprint.js";
import type { LiveRun } from "./step/live-run.js";

/** Commits the start of a run, and of its session where it is the first. Rejects with `PrefixChangedError` if the agent is not the session's own. */
export async function begin(live: LiveRun, messages: readonly Anthropic.MessageParam[]): Promise<void> {
  const { agent, state } = live;
  const { system, definitions: tools, name, model, limits } = agent;
  const prefix = prefixText(system, tools);
  const isNew = state.seq === 0;
  if (!isNew && prefixText(state.system, state.tools) !== prefix) throw new PrefixChangedError(state.session);
  const begun = {
    type: "session.start" as const,
    agent: name,
    ...(system === undefined ? {} : { system }),
    tools,
    fingerprint: fingerprintOf(prefix),
  };
  await live.commit([
    ...(isNew ? [begun] : []),
    { type: "run.start", model, limits },
    { type: "input", messages },
  ] satisfies EventBody[]);
}
