import {
  type Agent,
  type AgentEvent,
  approve,
  memoryStore,
  type Result,
  resume,
  run,
  type Store,
} from "@lockstitch/core";
import { scripted } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { readLog } from "./crash.js";
import { handTool } from "./helpers.js";
import {
  asking,
  below,
  calls,
  listening,
  paying,
  refill,
  resultsOf,
  team,
  typesIn,
  wanted,
} from "./team/team.js";

const yes = { approved: true } as const;

describe("a tool whose effects are once", () => {
  it("can't wait with its subagent, which is ended; the model is told so", async () => {
    const { lead, options, store, paid } = team({ effects: "once" });
    const result = await run(lead, "Go.", { ...options, session: "s" });
    expect(result).toMatchObject({ status: "ended", text: "Done." });
    expect(resultsOf(result)).toEqual([
      expect.stringMatching(
        /^LockstitchError: .*needed a person's approval for pay, and is ended: ask can't wait/,
      ),
    ]);
    expect((await readLog(store, below)).at(-1)).toMatchObject({ type: "run.end", reason: "aborted" });
    expect(paid).toEqual([]);
  });

  it("waits where it can find out that it has not happened", async () => {
    const reconcile = () => ({ status: "not_done" as const });
    const { lead, options, store } = team({ effects: "once", reconcile });
    expect(await run(lead, "Go.", { ...options, session: "s" })).toMatchObject({ approvals: [wanted] });
    await approve(store, below, "toolu_pay", yes);
    expect(resultsOf(await resume(lead, "s", options))).toEqual(["Paid, as you said."]);
  });

  it("leaves no subagent behind whose call a crash has made unknown", async () => {
    const { lead, options, store } = team();
    await run(lead, "Go.", { ...options, session: "s" });
    const careful = { ...lead, tools: [asking("ask", [], { effects: "once" })] };
    const result = await resume(careful, "s", options);
    expect(JSON.stringify(resultsOf(result))).toContain("its outcome is unknown");
    expect((await readLog(store, below)).at(-1)).toMatchObject({ type: "run.end", reason: "aborted" });
    expect((await readLog(store)).find(({ type }) => type === "subagent.end")).toMatchObject({
      reason: "aborted",
      cost: { usd: 1 },
    });
  });
});

describe("a tool whose function runs its agents in another order when it runs again", () => {
  it("finds none of them, and is told so: the session of one is not gone on with as another", async () => {
    const { pay, paid } = paying();
    const twins = ["A", "B"].map((name): Agent => ({ name, cache: false, tools: [pay] }));
    let times = 0;
    const both = handTool(
      "both",
      async (_input, call) => {
        const said: string[] = [];
        for (const agent of times++ === 0 ? twins : twins.toReversed())
          said.push((await call.run(agent, `You are ${agent.name}.`)).text);
        return said;
      },
      { effects: "idempotent" },
    );
    const claude = scripted([calls("both"), "I am A.", calls("pay"), "Done."]);
    const options = { claude, store: memoryStore(), session: "s", ifPrefixChanged: "continue" } as const;
    const result = await run({ tools: [both] }, "Go.", options);
    for (const { session, toolUseId } of result.status === "waiting" ? result.approvals : [])
      await approve(options.store, session, toolUseId, yes);
    const ended = await resume({ tools: [both] }, "s", options);
    expect(ended).toMatchObject({ status: "ended", text: "Done." });
    expect(resultsOf(ended)).toEqual([
      expect.stringMatching(/^AgentError: .*s:toolu_both is of the agent A, and .* with B\. .*same order/),
    ]);
    expect(paid).toEqual([]);
    expect((await readLog(options.store, "s:toolu_both.2")).at(-1)).toMatchObject({ reason: "aborted" });
  });
});

describe("a run with a subagent that waits, whose process died", () => {
  it("goes on from any commit, pays once, and counts nothing twice", async () => {
    const commits: AgentEvent[][] = [];
    const whole = team({}, { usd: 100 });
    const all = listening(commits);
    await run(whole.lead, "Go.", { ...whole.options, store: all, session: "s" });
    await approve(all, below, "toolu_pay", yes);
    await resume(whole.lead, "s", { ...whole.options, store: all });
    for (let length = 1; length <= commits.length; length++) {
      const dead = commits.slice(0, length).flat();
      const { lead, options, paid } = team({}, { usd: 100 });
      const store = await storeOf(dead);
      const hadPaid = dead.filter(({ type, session }) => type === "tool.end" && session === below).length;
      let result: Result = await run(lead, "Go.", { ...options, store, session: "s", ifExists: "resume" });
      if (result.status === "waiting") {
        expect([length, result.approvals]).toEqual([length, [wanted]]);
        await approve(store, below, "toolu_pay", yes);
        result = await resume(lead, "s", { ...options, store });
      }
      expect([length, result]).toMatchObject([length, { text: "Done.", cost: { usd: 4 } }]);
      // Whether a payment happened that had started and not ended when the process died, nobody can tell: it isn't made again.
      expect([length, hadPaid + paid.length <= 1]).toEqual([length, true]);
      const types = [...(await typesIn(store)), ...(await typesIn(store, below))];
      expect([length, types.filter((type) => type === "message")]).toMatchObject([length, { length: 4 }]);
      expect([length, types.filter((type) => type === "subagent.end")]).toMatchObject([
        length,
        { length: 1 },
      ]);
    }
    expect(commits.length).toBeGreaterThan(25);
  });
});

async function storeOf(events: readonly AgentEvent[]): Promise<Store> {
  const store = memoryStore();
  for (const session of new Set(events.map((event) => event.session)))
    await refill(
      store,
      session,
      events.filter((event) => event.session === session),
    );
  return store;
}
