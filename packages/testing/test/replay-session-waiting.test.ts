import {
  type Agent,
  type AgentEvent,
  abort,
  approve,
  memoryStore,
  resume,
  run,
  type Store,
  steer,
} from "@lockstitch/core";
import { replaySession, scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { handTool, still } from "./recording-helpers.js";

const model = "claude-haiku-4-5";
let asked = 0;
const pay = handTool("pay", () => "paid", { effects: "once", needsApproval: true });
const clerk: Agent = { name: "clerk", model, system: "clerk", cache: false, tools: [pay] };
const ask = handTool(
  "ask",
  async (_input, call) => {
    asked += 1;
    return (await call.run(clerk, "Go.")).text;
  },
  { effects: "idempotent" },
);
const look = handTool("look", () => "seen");
const lead: Agent = { name: "lead", model, system: "lead", cache: false, tools: [ask, look], eager: false };
const below = "s:toolu_ask";

/** What the two say, by how often they have spoken. */
function claude() {
  const said: Readonly<Record<string, readonly Parameters<typeof scripted>[0][number][]>> = {
    lead: [[toolUse("ask", {}, "toolu_ask"), toolUse("look", {}, "toolu_look")], "Done.", "Again."],
    clerk: [[toolUse("pay", {}, "toolu_pay")], "Paid."],
  };
  const ask: ReturnType<typeof scripted> = Object.assign(
    (
      request: Parameters<ReturnType<typeof scripted>>[0],
      call: Parameters<ReturnType<typeof scripted>>[1],
    ) => {
      const spoken = request.messages.filter(({ role }) => role === "assistant").length;
      return scripted([said[String(request.system)]?.[spoken] ?? "Well."])(request, call);
    },
    { requests: [], assertUsedUp: () => {} },
  );
  return ask;
}

/** A session that has come to wait below, and the means to go on with it. */
async function waiting() {
  const store = memoryStore();
  const options = { claude: claude(), store, environment: still() };
  expect(await run(lead, "Go.", { ...options, session: "s" })).toMatchObject({ status: "waiting" });
  return { store, options };
}

async function eventsOf(store: Store, session = "s"): Promise<readonly AgentEvent[]> {
  const events: AgentEvent[] = [];
  for await (const event of store.read(session)) events.push(event);
  return JSON.parse(JSON.stringify(events));
}

async function expectReplayed(store: Store): Promise<readonly AgentEvent[]> {
  const events = await eventsOf(store);
  const before = asked;
  expect(await replaySession(lead, events)).toMatchObject({ departures: [], runs: 1 });
  expect(asked).toBe(before);
  return events;
}

describe("a session that had to wait for a person below it", () => {
  it("is replayed as far as it has come", async () => {
    const { store } = await waiting();
    await expectReplayed(store);
    expect(await replaySession(clerk, await eventsOf(store, below))).toMatchObject({ departures: [] });
  });

  it("is replayed to its end, and from every place where its process may have died", async () => {
    const { store, options } = await waiting();
    await approve(store, below, "toolu_pay", { approved: true });
    await resume(lead, "s", options);
    const events = await expectReplayed(store);
    const begun = events.findIndex(({ type }) => type === "tool.start") + 1;
    for (let length = begun; length < events.length; length++) {
      if (events[length]?.type === "message") continue;
      expect([length, (await replaySession(lead, events.slice(0, length))).departures]).toEqual([length, []]);
    }
    expect(await replaySession(clerk, await eventsOf(store, below))).toMatchObject({ departures: [] });
  });

  it("is replayed where it was answered while the run went on", async () => {
    const store = memoryStore();
    const running = run(lead, "Go.", {
      claude: claude(),
      store,
      session: "s",
      environment: still(),
      onEvent: (event) => {
        if (event.type === "approval.request") void running.approve(event, { approved: true });
      },
    });
    await running;
    const events = await expectReplayed(store);
    expect(events.map(({ type }) => type)).toContain("tool.resume");
  });

  it("is replayed where the user moved on, was heard, or aborted it", async () => {
    const moved = await waiting();
    await run(lead, "Never mind.", { ...moved.options, session: "s" });
    await expectReplayed(moved.store);
    const steered = await waiting();
    await steer(steered.store, "s", "Hurry!");
    await approve(steered.store, below, "toolu_pay", { approved: false });
    await resume(lead, "s", steered.options);
    await expectReplayed(steered.store);
    const aborted = await waiting();
    await abort(aborted.store, "s");
    await expectReplayed(aborted.store);
  });

  it("still shows where the agent itself departs", async () => {
    const { store, options } = await waiting();
    await approve(store, below, "toolu_pay", { approved: true });
    await resume(lead, "s", options);
    const changed = { ...lead, permit: () => "deny" as const };
    expect((await replaySession(changed, await eventsOf(store))).departures).not.toEqual([]);
  });
});
