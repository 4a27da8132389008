import { type Agent, type AgentEvent, memoryStore, type RunOptions, run, type Store } from "@lockstitch/core";
import { type ScriptedReply, type SessionReplay, scripted, toolUse } from "@lockstitch/testing";
import { handTool, still } from "./recording-helpers.js";

/** What happens in a session: what is said to it, and what becomes of it. */
export type Converse = (options: RunOptions & { store: Store; session: string }) => PromiseLike<unknown>;

/** The log of a session of what happened in it. */
export async function logOf(
  replies: readonly ScriptedReply[],
  converse: Converse,
): Promise<readonly AgentEvent[]> {
  const store = memoryStore();
  const script = scripted(replies);
  await converse({ claude: script, store, session: "s", environment: still() });
  script.assertUsedUp();
  const events: AgentEvent[] = [];
  for await (const event of store.read("s")) events.push(event);
  return JSON.parse(JSON.stringify(events));
}

export const wordsOf = ({ departures }: SessionReplay) => departures.map(({ words }) => words);

/** A reply and the end of its call are committed together: no store keeps the one without the other. */
export const isTorn = (events: readonly AgentEvent[], length: number) => events[length]?.type === "message";

export let effects = 0;
export const getWeather = handTool("get_weather", () => `3 °C ${++effects}`, { description: "Weather." });
export const pay = handTool("pay", () => `paid ${++effects}`, { effects: "once", needsApproval: true });
export const agent: Agent = { system: "Be brief.", tools: [getWeather, pay] };
export const weather = [[toolUse("get_weather", { location: "Oslo" }, "toolu_w")], "Cold."];
export const ask: Converse = (options) => run(agent, "Weather?", options);
