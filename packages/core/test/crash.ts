import { type AgentEvent, type EventBody, memoryStore, type Store } from "@lockstitch/core";

export async function readLog(store: Store, session = "s"): Promise<AgentEvent[]> {
  const events: AgentEvent[] = [];
  for await (const event of store.read(session)) events.push(event);
  return events;
}

/** A store as a process left it that died right after its nth commit: the log up to there, and nobody who holds the session. */
export async function storeWith(events: readonly AgentEvent[], session = "s"): Promise<Store> {
  const store = memoryStore();
  const log = await store.open(session, "the one who died");
  await log.append(events.map(bodyOf));
  await log.close();
  return store;
}

function bodyOf({ session: _session, seq: _seq, at: _at, ...body }: AgentEvent): EventBody {
  return body;
}

/** The log up to and with the nth event of a type, counted from 1. */
export function upTo(
  events: readonly AgentEvent[],
  type: AgentEvent["type"],
  nth = 1,
): readonly AgentEvent[] {
  let seen = 0;
  const end = events.findIndex((event) => event.type === type && ++seen === nth);
  if (end < 0) throw new Error(`the log has no ${type} number ${nth}`);
  return events.slice(0, end + 1);
}
