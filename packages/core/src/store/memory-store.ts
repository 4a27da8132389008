import { AlreadyPostedError, LeaseLostError, NoSessionError, SessionRunningError } from "../errors.js";
import type { AgentEvent, EventBody } from "../events.js";
import type { Log, SessionSummary, Store } from "./store.js";

interface MemorySession {
  readonly events: AgentEvent[];
  readonly keys: Set<string>;
  readonly listeners: Set<() => void>;
  lease: AbortController | undefined;
  fence: number;
}

/** A store that lives and dies with the process. The default of `run()`, and right for tests. `now` stamps the events. */
export function memoryStore(options: { readonly now?: () => number } = {}): Store {
  const now = options.now ?? Date.now;
  const sessions = new Map<string, MemorySession>();

  const sessionOf = (id: string): MemorySession => {
    let session = sessions.get(id);
    if (session === undefined) {
      session = { events: [], keys: new Set(), listeners: new Set(), lease: undefined, fence: 0 };
      sessions.set(id, session);
    }
    return session;
  };

  const add = (id: string, session: MemorySession, bodies: readonly EventBody[]): void => {
    for (const body of bodies)
      session.events.push(Object.freeze({ session: id, seq: session.events.length + 1, at: now(), ...body }));
  };

  return {
    async open(id) {
      const session = sessionOf(id);
      if (session.lease !== undefined) {
        throw new SessionRunningError(id);
      }
      const lease = new AbortController();
      session.lease = lease;
      session.fence += 1;
      return openLog(id, session, lease, (bodies) => add(id, session, bodies));
    },

    async post(id, events, { key } = {}) {
      const session = sessions.get(id);
      // One that is only watched was never begun, and one that was closed without an event never was one.
      if (session === undefined || (session.events.length === 0 && session.lease === undefined))
        throw new NoSessionError(id);
      if (key !== undefined) {
        if (session.keys.has(key)) throw new AlreadyPostedError(id, key);
        session.keys.add(key);
      }
      add(id, session, events);
      notify(session);
    },

    async *read(id, after = 0) {
      yield* sessions.get(id)?.events.slice(after) ?? [];
    },

    async *watch(id, after = 0, signal) {
      const session = sessionOf(id);
      let seen = after;
      while (!signal?.aborted) {
        const event = session.events[seen];
        if (event === undefined) {
          await nextChange(session, () => session.events.length > seen, signal);
        } else {
          seen += 1;
          yield event;
        }
      }
    },

    async *list() {
      for (const [id, { events }] of sessions) {
        const [first] = events;
        if (first?.type === "session.start") yield summarise(id, first.agent, events);
      }
    },
  };
}

function summarise(session: string, agent: string, events: readonly AgentEvent[]): SessionSummary {
  const startedAt = events[0]?.at ?? 0;
  return { session, agent, events: events.length, startedAt, lastAt: events.at(-1)?.at ?? startedAt };
}

function openLog(
  id: string,
  session: MemorySession,
  lease: AbortController,
  add: (bodies: readonly EventBody[]) => void,
): Log {
  let returned = 0;
  const held = () => session.lease === lease;
  return {
    fence: session.fence,
    lost: lease.signal,
    async append(bodies, { ifSeq } = {}) {
      if (!held()) throw new LeaseLostError(id);
      if (ifSeq === undefined || ifSeq === session.events.length) add(bodies);
      const news = session.events.slice(returned);
      // Before the listeners are called: what was just returned is no news to `posted`.
      returned = session.events.length;
      notify(session);
      return news;
    },
    posted: (signal) => nextChange(session, () => session.events.length > returned, signal),
    async close() {
      if (held()) session.lease = undefined;
    },
  };
}

function notify(session: MemorySession): void {
  for (const listener of [...session.listeners]) listener();
}

/** Resolves as soon as `changed()` holds; a watch whose signal aborts ends, so that no listener is left behind. */
function nextChange(session: MemorySession, changed: () => boolean, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (!changed() && !signal?.aborted) return;
      session.listeners.delete(check);
      signal?.removeEventListener("abort", check);
      resolve();
    };
    session.listeners.add(check);
    signal?.addEventListener("abort", check, { once: true });
    check();
  });
}
