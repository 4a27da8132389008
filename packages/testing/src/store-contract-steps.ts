import type { AgentEvent, EventBody, Log, Post, Store } from "@lockstitch/core";

const begun: EventBody = { type: "session.start", agent: "a", tools: [], fingerprint: "f" };

/** A new session, with one event. */
export async function begin(store: Store, session: string): Promise<Log> {
  const log = await store.open(session, "me");
  await log.append([begun]);
  return log;
}

export function said(content: string): Post {
  return { type: "input", messages: [{ role: "user", content }] };
}

/** An event that holds any JSON at all. */
export function call(input: unknown): EventBody {
  const content = [{ type: "tool_use" as const, id: "toolu_1", name: "look", input }];
  return { type: "message", id: "msg_1", message: { role: "assistant", content }, stopReason: "tool_use" };
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

export function seqs(events: readonly AgentEvent[]): number[] {
  return events.map(({ seq }) => seq);
}

/** What was said in them. */
export function texts(events: readonly AgentEvent[]): string[] {
  return events.flatMap((event) => (event.type === "input" ? [String(event.messages[0]?.content)] : []));
}

/** Without their dates. */
export function bare(events: readonly AgentEvent[]): object[] {
  return events.map(({ at: _, ...event }) => event);
}

/** Lets everything run that is ready to run. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export interface Following {
  /** Resolves when the event with this `seq` has been seen. */
  until(seq: number): Promise<void>;
  /** What was seen. */
  stop(): Promise<readonly number[]>;
}

/** Watches a session from after this `seq` on. */
export function follow(store: Store, session: string, after: number): Following {
  const controller = new AbortController();
  const seen: number[] = [];
  let wake = () => {};
  const watching = (async () => {
    for await (const { seq } of store.watch(session, after, controller.signal)) {
      seen.push(seq);
      wake();
    }
  })();
  return {
    async until(seq) {
      while (!seen.includes(seq)) {
        const more = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await Promise.race([more, watching]);
      }
    },
    async stop() {
      controller.abort();
      await watching;
      return seen;
    },
  };
}
