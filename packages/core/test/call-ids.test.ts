import { type Agent, type AgentEvent, approve, memoryStore, resume, run } from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { seenCalls } from "../src/pure/calls/seen-calls.js";
import { apply, emptyState } from "../src/pure/fold/apply.js";
import { readLog, storeWith } from "./crash.js";
import { handTool } from "./helpers.js";
import { member } from "./team/team.js";

describe("a call that comes with an id that the session has seen", () => {
  it("is another call, also where a summary has taken the first out of the history", async () => {
    const keys: string[] = [];
    const pay = handTool("pay", (_input, call) => keys.push(call.idempotencyKey), { effects: "idempotent" });
    const store = memoryStore();
    const agent: Agent = { tools: [pay] };
    const first = scripted([[toolUse("pay", { usd: 100 }, "call_0")], "Paid."]);
    await run(agent, "Pay 100.", { claude: first, store, session: "s" });
    const begun = (await readLog(store)).find((event) => event.type === "session.start");
    if (begun === undefined) throw new Error("it has begun");
    const { tools, fingerprint } = begun;
    const log = await store.open("s", "whoever summarises");
    await log.append([{ type: "compaction", summary: "They paid 100.", kept: 0, tools, fingerprint }]);
    await log.close();
    const second = scripted([[toolUse("pay", { usd: 250 }, "call_0")], "Paid again."]);
    await run(agent, "Pay 250.", { claude: second, store, session: "s" });
    const events = await readLog(store);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(2);
    const state = events.reduce(apply, emptyState("s"));
    expect(seenCalls(state).size).toBe(2);
  });
});

describe("the sessions of subagents", () => {
  it("are never those of another call, whatever the calls are called", async () => {
    const clerk = member("clerk");
    const inner = handTool(
      "ask",
      async (_input, call) => (await call.run(clerk, "What is 6 times 7?")).text,
      {
        effects: "idempotent",
      },
    );
    const chief = member("chief", [inner]);
    const outer = handTool(
      "ask",
      async (_input, call) => [
        (await call.run(chief, "Question 1")).text,
        (await call.run(clerk, "Question 2")).text,
      ],
      { effects: "idempotent" },
    );
    const claude = scripted([
      [toolUse("ask", {}, "1")],
      [toolUse("ask", {}, "2")],
      "42.",
      "Chief's.",
      "Clerk's.",
      "Done.",
    ]);
    const result = await run(member("lead", [outer]), "Go.", { claude, store: memoryStore(), session: "s" });
    expect(JSON.stringify(result.messages[2])).toContain("Clerk's.");
    claude.assertUsedUp();
  });

  it("are refused where there is a session of that name already", async () => {
    const store = memoryStore();
    await run({}, "Mine.", { claude: scripted(["Yours."]), store, session: "s:toolu_1" });
    const ask = handTool("ask", async (_input, call) => (await call.run(member("clerk"), "Go.")).text, {
      effects: "idempotent",
    });
    const claude = scripted([[toolUse("ask", {}, "toolu_1")], "Done."]);
    const result = await run(member("lead", [ask]), "Go.", { claude, store, session: "s" });
    expect(JSON.stringify(result.messages[2])).toContain("there is another one of that name");
    expect((await readLog(store, "s:toolu_1")).filter(({ type }) => type === "run.start")).toHaveLength(1);
  });
});

describe("a call that was allowed, and is denied when its session is resumed", () => {
  it("has the later decision in the log, with the rule", async () => {
    const store = memoryStore();
    const pay = handTool("pay", () => "paid", { effects: "once", needsApproval: true });
    const options = { store, session: "s" };
    await run({ tools: [pay] }, "Go.", { ...options, claude: scripted([[toolUse("pay", {}, "toolu_1")]]) });
    await approve(store, "s", "toolu_1", { approved: true });
    const frozen: Agent = { tools: [pay], permit: () => ({ verdict: "deny", rule: "payments are frozen" }) };
    await resume(frozen, "s", { ...options, claude: scripted(["Then not."]) });
    expect(checksIn(await readLog(store))).toEqual([
      ["ask", "needsApproval"],
      ["deny", "payments are frozen"],
    ]);
  });

  it("has it in one append with the answer, where the call had started, too", async () => {
    const store = memoryStore();
    const pay = handTool("pay", () => "paid", { effects: "once" });
    const options = { session: "s" };
    const replies = [[toolUse("pay", {}, "toolu_1")], "Done."];
    await run({ tools: [pay] }, "Go.", { ...options, store, claude: scripted(replies) });
    const whole = await readLog(store);
    const dead = await storeWith(whole.slice(0, whole.findIndex(({ type }) => type === "tool.start") + 1));
    const frozen: Agent = { tools: [pay], permit: () => ({ verdict: "deny", rule: "payments are frozen" }) };
    await resume(frozen, "s", { ...options, store: dead, claude: scripted(["Then not."]) });
    const events = await readLog(dead);
    expect(checksIn(events).at(-1)).toEqual(["deny", "payments are frozen"]);
    const at = events.findLastIndex(({ type }) => type === "tool.check");
    expect(events[at + 1]).toMatchObject({ type: "tool.end", outcome: "unknown" });
  });
});

const checksIn = (events: readonly AgentEvent[]) =>
  events.flatMap((event) => (event.type === "tool.check" ? [[event.verdict, event.rule]] : []));
