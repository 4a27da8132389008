import { type AgentEvent, memoryStore, type Post } from "@lockstitch/core";
import { describe, expect, it } from "vitest";

const said = (content: string): Post => ({ type: "input", messages: [{ role: "user", content }] });
const begun = { type: "session.start" as const, agent: "a", tools: [], fingerprint: "f" };

async function all(events: AsyncIterable<AgentEvent>): Promise<AgentEvent[]> {
  const list: AgentEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

describe("a memory store", () => {
  it("numbers and dates what is appended, and gives it back", async () => {
    const store = memoryStore({ now: () => 7 });
    const log = await store.open("s", "me");
    const events = await log.append([begun, said("a")]);
    expect(events).toEqual([
      { session: "s", seq: 1, at: 7, ...begun },
      { session: "s", seq: 2, at: 7, ...said("a") },
    ]);
    expect(await all(store.read("s"))).toEqual(events);
    expect(await all(store.read("s", 1))).toEqual(events.slice(1));
    expect(await all(store.read("unknown"))).toEqual([]);
  });

  it("returns what others posted with the next append, once and in order", async () => {
    const store = memoryStore();
    const log = await store.open("s", "me");
    await log.append([begun]);
    await store.post("s", [said("b")]);
    expect((await log.append([said("c")])).map(({ seq }) => seq)).toEqual([2, 3]);
    expect(await log.append([])).toEqual([]);
  });

  it("commits nothing with ifSeq when something was posted since, and says what", async () => {
    const store = memoryStore();
    const log = await store.open("s", "me");
    await log.append([begun]);
    await store.post("s", [said("b")]);
    expect((await log.append([said("c")], { ifSeq: 1 })).map(({ seq }) => seq)).toEqual([2]);
    expect((await log.append([said("c")], { ifSeq: 2 })).map(({ seq }) => seq)).toEqual([3]);
  });

  it("tells of a post at once, of its own appends never, and lets go when the signal aborts", async () => {
    const store = memoryStore();
    const log = await store.open("s", "me");
    const controller = new AbortController();
    let told = 0;
    const wait = () => log.posted(controller.signal).then(() => told++);
    void wait();
    await log.append([begun]);
    await Promise.resolve();
    expect(told).toBe(0);
    await store.post("s", [said("b")]);
    await Promise.resolve();
    expect(told).toBe(1);
    await log.append([]);
    const waiting = wait();
    controller.abort();
    await waiting;
    expect(told).toBe(2);
  });

  it("takes a key once", async () => {
    const store = memoryStore();
    await (await store.open("s", "me")).append([begun]);
    await store.post("s", [said("a")], { key: "k" });
    await expect(store.post("s", [said("b")], { key: "k" })).rejects.toMatchObject({
      reason: "already_posted",
      message: expect.stringContaining('"k"'),
    });
    expect(await all(store.read("s"))).toHaveLength(2);
  });

  it("refuses posts to a session that isn't there", async () => {
    await expect(memoryStore().post("s", [said("a")])).rejects.toMatchObject({
      reason: "no_session",
      message: expect.stringContaining("no session s"),
    });
  });

  it("is watched live, from any point, until the signal aborts", async () => {
    const store = memoryStore();
    const log = await store.open("s", "me");
    await log.append([begun, said("a")]);
    const controller = new AbortController();
    const seen: number[] = [];
    const watching = (async () => {
      for await (const event of store.watch("s", 1, controller.signal)) seen.push(event.seq);
    })();
    await log.append([said("b")]);
    await store.post("s", [said("c")]);
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await watching;
    expect(seen).toEqual([2, 3, 4]);
  });

  it("gives a session to one owner at a time", async () => {
    const store = memoryStore();
    const log = await store.open("s", "me");
    await expect(store.open("s", "you")).rejects.toMatchObject({ reason: "session_running" });
    await log.close();
    const next = await store.open("s", "you");
    await expect(log.append([begun])).rejects.toMatchObject({ reason: "lease_lost" });
    await log.close();
    await expect(store.open("s", "they")).rejects.toMatchObject({ reason: "session_running" });
    await next.append([begun]);
  });

  it("lists its sessions", async () => {
    const store = memoryStore({ now: () => 7 });
    await (await store.open("s", "me")).append([begun, said("a")]);
    await store.open("empty", "me");
    const list = [];
    for await (const summary of store.list()) list.push(summary);
    expect(list).toEqual([{ session: "s", agent: "a", events: 2, startedAt: 7, lastAt: 7 }]);
  });
});
