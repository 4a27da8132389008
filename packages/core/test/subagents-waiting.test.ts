import {
  type Agent,
  type AgentEvent,
  approve,
  type Delta,
  fork,
  memoryStore,
  type Result,
  resume,
  run,
  type Store,
  SubagentSessionError,
  type Tool,
  type ToolCall,
} from "@lockstitch/core";
import { scripted } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { readLog } from "./crash.js";
import { handTool, virtualTime } from "./helpers.js";
import {
  asking,
  below,
  calls,
  member,
  mindsOf,
  paying,
  resultsOf,
  says,
  team,
  typesIn,
  wanted,
} from "./team/team.js";

const yes = { approved: true } as const;

describe("a subagent that waits for a person", () => {
  it("suspends its call: the run waits with what it waits for, and the call stays open", async () => {
    const { lead, options, store, paid } = team();
    const result = await run(lead, "Go.", { ...options, session: "s" });
    expect(result).toMatchObject({ status: "waiting", approvals: [wanted] });
    const log = await readLog(store);
    expect(log.at(-1)).toMatchObject({
      type: "tool.suspend",
      toolUseId: "toolu_ask",
      child: below,
      approvals: [wanted],
    });
    expect(log.some(({ type }) => type === "tool.end" || type === "subagent.end")).toBe(false);
    expect(paid).toEqual([]);
  });

  it("goes on with its call once the answer is there and the run is resumed, and all is counted once", async () => {
    const { lead, options, store, claude, paid } = team({}, { usd: 100 });
    const first = await run(lead, "Go.", { ...options, session: "s" });
    expect(first.cost).toEqual({ usd: 1 });
    await approve(store, below, "toolu_pay", yes);
    const result = await resume(lead, "s", options);
    expect(result).toMatchObject({ status: "ended", text: "Done.", cost: { usd: 4 } });
    expect(resultsOf(result)).toEqual(["Paid, as you said."]);
    expect(paid).toEqual([{}]);
    expect(claude.asked).toEqual(["lead", "clerk", "clerk", "lead"]);
    const types = await typesIn(store);
    expect(types.filter((type) => type === "tool.start")).toHaveLength(1);
    expect(types.filter((type) => type === "subagent.start" || type === "subagent.end")).toHaveLength(2);
  });

  it("keeps what it was granted while it waits", async () => {
    const { lead, options, store } = team({}, { usd: 100 });
    await run(lead, "Go.", { ...options, session: "s" });
    await approve(store, below, "toolu_pay", yes);
    await resume(lead, "s", options);
    const starts = (await readLog(store, below)).filter(({ type }) => type === "run.start");
    expect(starts).toMatchObject([{ limits: { usd: 99 } }]);
  });

  it("is told of a no, and goes on without", async () => {
    const { lead, options, store, paid } = team();
    await run(lead, "Go.", { ...options, session: "s" });
    await approve(store, below, "toolu_pay", { approved: false, reason: "too dear" });
    expect(await resume(lead, "s", options)).toMatchObject({ status: "ended", text: "Done." });
    expect(JSON.stringify(await readLog(store, below))).toContain("Reason: too dear");
    expect(paid).toEqual([]);
  });

  it("waits on where nobody has answered, however often the run is resumed, and asks no model", async () => {
    const { lead, options, claude } = team();
    await run(lead, "Go.", { ...options, session: "s" });
    for (let again = 0; again < 2; again++)
      expect(await resume(lead, "s", options)).toMatchObject({ status: "waiting", approvals: [wanted] });
    expect(claude.asked).toEqual(["lead", "clerk"]);
  });

  it("waits beside the run's own approvals, while the other calls of the step run", async () => {
    const { pay } = paying();
    const look = handTool("look", () => "seen");
    const own = { ...pay, name: "buy" };
    const lead = member("lead", [asking("ask", [member("clerk", [pay])]), own, look]);
    const claude = mindsOf({ lead: [calls("ask", "buy", "look"), says("Done.")], clerk: [calls("pay")] });
    const store = memoryStore();
    const result = await run(lead, "Go.", { claude, store, session: "s" });
    expect(result).toMatchObject({
      approvals: [wanted, { session: "s", toolUseId: "toolu_buy", tool: "buy" }],
    });
    expect((await readLog(store)).find(({ type }) => type === "tool.end")).toMatchObject({ name: "look" });
    await approve(store, "s", "toolu_buy", yes);
    expect(await resume(lead, "s", { claude, store })).toMatchObject({ approvals: [wanted] });
    expect((await typesIn(store)).filter((type) => type === "tool.end")).toHaveLength(2);
  });

  it("is answered through the run's handle, and a run that still has other calls goes on with it by itself", async () => {
    const { pay, paid } = paying();
    let release = () => {};
    const slow = handTool("slow", () => new Promise((resolve) => (release = () => resolve("slow"))));
    const lead = member("lead", [asking("ask", [member("clerk", [pay])]), slow]);
    const claude = mindsOf({
      lead: [calls("ask", "slow"), says("Done.")],
      clerk: [calls("pay"), says("Paid.")],
    });
    const store = memoryStore();
    const running = run(lead, "Go.", {
      claude,
      store,
      session: "s",
      onEvent: (event) => {
        if (event.type !== "tool.suspend") return;
        for (const approval of event.approvals) void running.approve(approval, yes).then(release);
      },
    });
    const result = await running;
    expect(result).toMatchObject({ status: "ended", text: "Done." });
    expect(resultsOf(result)).toEqual(["Paid.", "slow"]);
    expect(paid).toEqual([{}]);
    expect(await typesIn(store)).toContain("tool.resume");
  });

  it("is not asked again where another call of the step is answered just before the run settles", async () => {
    const { pay } = paying();
    const inner = memoryStore();
    let isAnswered = false;
    const open: Store["open"] = async (session, owner) => {
      const log = await inner.open(session, owner);
      const append: typeof log.append = async (bodies, options) => {
        if (session === "s" && bodies.length === 0 && options?.barrier === true && !isAnswered) {
          isAnswered = true;
          await approve(inner, "s", "toolu_buy", yes);
        }
        return log.append(bodies, options);
      };
      return { ...log, append };
    };
    const lead = member("lead", [asking("ask", [member("clerk", [pay])]), { ...pay, name: "buy" }]);
    const claude = mindsOf({ lead: [calls("ask", "buy")], clerk: [calls("pay")] });
    const result = await run(lead, "Go.", { claude, store: { ...inner, open }, session: "s" });
    expect(result).toMatchObject({ approvals: [wanted] });
    const types = await typesIn(inner);
    expect(types.filter((type) => type === "tool.suspend")).toHaveLength(1);
    expect(types.at(-1)).toBe("tool.end");
  });

  it("goes on by itself where it is answered as soon as it asks", async () => {
    const { lead, options, paid } = team();
    const running = run(lead, "Go.", {
      ...options,
      session: "s",
      onEvent: (event) => {
        if (event.type === "approval.request") void running.approve(event, yes);
      },
    });
    expect(await running).toMatchObject({ status: "ended", text: "Done." });
    expect(paid).toEqual([{}]);
  });

  it("can't be gone on with by itself, where its parent's permissions and limits would not hold", async () => {
    const { lead, clerk, options, store, claude } = team();
    await run(lead, "Go.", { ...options, session: "s" });
    await approve(store, below, "toolu_pay", yes);
    const refused = {
      reason: "subagent_session",
      parent: "s",
      message: expect.stringContaining("Resume s,"),
    };
    const before = await readLog(store, below);
    await expect(resume(clerk, below, options)).rejects.toMatchObject(refused);
    await expect(run(clerk, "Pay more.", { ...options, session: below })).rejects.toMatchObject(refused);
    expect(await readLog(store, below)).toEqual(before);
    const result = await resume(lead, "s", options);
    expect(resultsOf(result)).toEqual(["Paid, as you said."]);
    expect(claude.asked).toEqual(["lead", "clerk", "clerk", "lead"]);
  });

  it("gives its result again once it has ended, and goes on as a branch that works for nobody", async () => {
    const { lead, clerk, options, store } = team();
    await run(lead, "Go.", { ...options, session: "s" });
    await approve(store, below, "toolu_pay", yes);
    await resume(lead, "s", options);
    expect(await resume(clerk, below, options)).toMatchObject({
      reason: "end_turn",
      text: "Paid, as you said.",
    });
    await expect(run(clerk, "And now?", { ...options, session: below })).rejects.toBeInstanceOf(
      SubagentSessionError,
    );
    const branch = await fork(store, below, (await readLog(store, below)).length);
    const went = await run(clerk, "And now?", {
      ...options,
      claude: scripted(["On its own."]),
      session: branch,
    });
    expect(went.text).toBe("On its own.");
    expect((await readLog(store, branch))[0]).not.toHaveProperty("parent");
  });

  it("bubbles up to the root from however deep, and the answer finds its way down", async () => {
    const { pay, paid } = paying();
    const middle = member("middle", [asking("pass", [member("clerk", [pay])])]);
    const lead = member("lead", [asking("ask", [middle])]);
    const claude = mindsOf({
      lead: [calls("ask"), says("Done.")],
      middle: [calls("pass"), says("Passed.")],
      clerk: [calls("pay"), says("Paid.")],
    });
    const store = memoryStore();
    const result = await run(lead, "Go.", { claude, store, session: "s" });
    const deep = { ...wanted, session: `${below}:toolu_pass` };
    expect(result).toMatchObject({ status: "waiting", approvals: [deep] });
    await approve(store, deep.session, deep.toolUseId, yes);
    expect(await resume(lead, "s", { claude, store })).toMatchObject({ text: "Done." });
    expect(paid).toEqual([{}]);
  });

  it("suspends a call that started early, too", async () => {
    const { lead, options, store } = team({ effects: "none" });
    expect(await run(lead, "Go.", { ...options, session: "s" })).toMatchObject({ approvals: [wanted] });
    await approve(store, below, "toolu_pay", yes);
    expect(await resume(lead, "s", options)).toMatchObject({ text: "Done." });
  });

  it("takes its time without any of the tool's own", async () => {
    const { lead, options, store } = team({ timeoutMs: 1_000 });
    expect(
      await run(lead, "Go.", { ...options, environment: { ...virtualTime(), sleep: never }, session: "s" }),
    ).toMatchObject({ approvals: [wanted] });
    await approve(store, below, "toolu_pay", yes);
    expect(
      await resume(lead, "s", { ...options, environment: { ...virtualTime(), sleep: never } }),
    ).toMatchObject({ text: "Done." });
  });
});

describe("a call with several subagents of which one waits", () => {
  type Work = (agents: readonly [clerk: Agent, reader: Agent], call: ToolCall) => Promise<unknown>;

  /** A clerk who waits for a person, and a reader who has nothing to say before that. */
  function two(work: Work) {
    const { pay } = paying();
    const agents = [member("clerk", [pay]), member("reader")] as const;
    const signals: AbortSignal[] = [];
    const run: Tool["run"] = (_input, call) => {
      signals.push(call.signal);
      return work(agents, call);
    };
    let clerkWaits = () => {};
    const waits = new Promise<void>((resolve) => {
      clerkWaits = resolve;
    });
    const reads = async () => {
      await waits;
      return "Read.";
    };
    const lead = member("lead", [handTool("ask", run, { effects: "idempotent" })]);
    const claude = mindsOf({
      lead: [calls("ask"), says("Done.")],
      clerk: [calls("pay"), says("Paid.")],
      reader: [reads],
    });
    const onEvent = (event: AgentEvent | Delta) => {
      if (event.type === "tool.suspend") clerkWaits();
    };
    return { lead, claude, store: memoryStore(), signals, onEvent };
  }

  const texts = (results: readonly PromiseSettledResult<Result>[]) =>
    results.map((it) => (it.status === "fulfilled" ? it.value.text : "failed")).join(" and ");

  it("lets the others come to their ends first, and doesn't run them again", async () => {
    const { lead, claude, store, onEvent } = two(async (agents, call) =>
      texts(await Promise.allSettled(agents.map((agent) => call.run(agent, "Go.")))),
    );
    expect(await run(lead, "Go.", { claude, store, onEvent, session: "s" })).toMatchObject({
      status: "waiting",
    });
    expect((await typesIn(store)).slice(-2)).toEqual(["tool.suspend", "subagent.end"]);
    await approve(store, below, "toolu_pay", yes);
    const result = await resume(lead, "s", { claude, store });
    expect(resultsOf(result)).toEqual(["Paid. and Read."]);
    expect(claude.asked.filter((who) => who === "reader")).toHaveLength(1);
  });

  it("goes on with a function that has what it wants, and ends the one that waits", async () => {
    const { lead, claude, store, onEvent } = two(
      async (agents, call) => (await Promise.race(agents.map((agent) => call.run(agent, "Go.")))).text,
    );
    const result = await run(lead, "Go.", { claude, store, onEvent, session: "s" });
    expect(resultsOf(result)).toEqual(["Read."]);
    expect((await readLog(store, below)).at(-1)).toMatchObject({ type: "run.end", reason: "aborted" });
    const types = await typesIn(store);
    expect(types.filter((type) => type === "subagent.end")).toHaveLength(2);
    expect(types.lastIndexOf("subagent.end")).toBeLessThan(types.indexOf("step.end"));
  });

  it("goes on with what the function starts next", async () => {
    const { lead, claude, store, onEvent } = two(async ([clerk, reader], call) => {
      const twice = async () => {
        await call.run(reader, "Go.");
        return call.run({ ...reader, name: "again" }, "Go.");
      };
      return texts(await Promise.allSettled([call.run(clerk, "Go."), twice()]));
    });
    await run(lead, "Go.", { claude, store, onEvent, session: "s" });
    expect((await typesIn(store)).filter((type) => type === "subagent.end")).toHaveLength(2);
  });

  it("lets no function make a result of being given up, nor start another agent", async () => {
    const { lead, claude, store, signals, onEvent } = two(([clerk, reader], call) =>
      call.run(clerk, "Go.").catch(() => call.run(reader, "Go.")),
    );
    const result = await run(lead, "Go.", { claude, store, onEvent, session: "s" });
    expect(result).toMatchObject({ approvals: [wanted] });
    expect(signals[0]?.aborted).toBe(true);
    expect(claude.asked).not.toContain("reader");
    expect(await typesIn(store)).not.toContain("tool.end");
  });
});

function never(_milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
}
