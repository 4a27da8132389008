import {
  type Agent,
  type AgentEvent,
  memoryStore,
  resume,
  run,
  type Store,
  type Tool,
  type ToolCall,
} from "@lockstitch/core";
import { type ScriptedReply, scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { readLog, storeWith } from "./crash.js";
import { handTool, virtualTime } from "./helpers.js";
import { refill } from "./team/team.js";

const usage = { input_tokens: 1_000_000, output_tokens: 0 };
const model = "claude-haiku-4-5";
const child: Agent = { name: "child", model };

function asking(agents: readonly Agent[], more: Partial<Tool> = {}): Tool {
  const ask: Tool["run"] = async (_input, call) => {
    const results = await Promise.all(agents.map((agent) => call.run(agent, `Go, ${agent?.name}.`)));
    return results.map(({ text }) => text).join(" and ");
  };
  return handTool("ask", ask, { effects: "idempotent", ...more });
}

async function play(agent: Agent, replies: readonly ScriptedReply[], store = memoryStore()) {
  const claude = scripted(replies);
  const events: AgentEvent[] = [];
  const onEvent = (event: object) => "seq" in event && events.push(event as AgentEvent);
  const options = {
    claude,
    store,
    session: "s",
    ifExists: "resume",
    environment: virtualTime(),
    onEvent,
  } as const;
  const result = await run({ model, ...agent }, "Go.", options);
  return { result, events, claude, store };
}

const call = [toolUse("ask", {}, "toolu_1")];

describe("call.run", () => {
  it("runs an agent in a session of its own, below the call, and gives its result", async () => {
    const { result, events, store } = await play({ tools: [asking([child])] }, [
      call,
      "From below.",
      "Done.",
    ]);
    expect(result.messages[2]?.content).toMatchObject([{ type: "tool_result", content: "From below." }]);
    const below = await readLog(store, "s:toolu_1");
    expect(below[0]).toMatchObject({
      type: "session.start",
      agent: "child",
      parent: { session: "s", toolUseId: "toolu_1" },
    });
    expect(events.filter(({ session }) => session === "s:toolu_1").map(({ type }) => type)).toEqual(
      below.map(({ type }) => type),
    );
  });

  it("counts what its subagents used and cost as its own", async () => {
    const { result, events } = await play({ tools: [asking([child])] }, [
      { content: call, usage },
      { content: "Below.", usage },
      { content: "Done.", usage },
    ]);
    expect(result.usage.input_tokens).toBe(3_000_000);
    expect(result.cost).toEqual({ usd: 3 });
    const end = events.find((event) => event.type === "subagent.end");
    expect(end).toMatchObject({
      child: "s:toolu_1",
      reason: "end_turn",
      cost: { usd: 1 },
      toolUseId: "toolu_1",
    });
    expect(events.find(({ type, session }) => type === "step.end" && session === "s")).toMatchObject({
      cost: { usd: 2 },
    });
  });

  it("gives each of several a session of its own, by their number", async () => {
    const other: Agent = { name: "other", model };
    const { store } = await play({ tools: [asking([child, other])] }, [call, "One.", "Two.", "Done."]);
    expect((await readLog(store, "s:toolu_1"))[0]).toMatchObject({ agent: "child" });
    expect((await readLog(store, "s:toolu_1.2"))[0]).toMatchObject({ agent: "other" });
  });

  it("has the subagents of a step's calls, and of one call, at work at the same time", async () => {
    let release = () => {};
    const all = new Promise<void>((resolve) => {
      release = resolve;
    });
    let working = 0;
    const together = async () => {
      if (++working === 4) release();
      await all;
      return "From below.";
    };
    const calls = [toolUse("ask", {}, "toolu_1"), toolUse("ask", {}, "toolu_2")];
    const { result } = await play({ tools: [asking([child, child])] }, [
      calls,
      ...Array.from({ length: 4 }, () => together),
      "Done.",
    ]);
    expect(working).toBe(4);
    expect(result).toMatchObject({ text: "Done." });
  });

  it("grants a part of what is left of the limits, shared equally among the calls that have none yet", async () => {
    const calls = [toolUse("ask", {}, "toolu_1"), toolUse("ask", {}, "toolu_2")];
    const { events } = await play({ tools: [asking([child])], limits: { usd: 10 } }, [
      { content: calls, usage },
      "One.",
      "Two.",
      "Done.",
    ]);
    const granted = events.flatMap((event) => (event.type === "subagent.start" ? [event.granted?.usd] : []));
    expect(granted).toEqual([4.5, 4.5]);
    const starts = events.filter((event) => event.type === "run.start" && event.session !== "s");
    expect(starts).toMatchObject([{ limits: { usd: 4.5 } }, { limits: { usd: 4.5 } }]);
  });

  it("grants no more than the subagent's own limits allow", async () => {
    const modest = { ...child, limits: { usd: 0.5, maxTotalTokens: 7_000 } };
    const { events } = await play(
      { tools: [asking([modest])], limits: { usd: 10, maxTotalTokens: 3_000_000 } },
      [call, "Below.", "Done."],
    );
    expect(events.find((event) => event.type === "subagent.start")).toMatchObject({
      granted: { usd: 0.5, tokens: 7_000 },
    });
  });

  it("shares what is left equally among those that a call begins side by side, and they work at the same time", async () => {
    let [working, most] = [0, 0];
    const busy = handTool("busy", async () => {
      most = Math.max(most, ++working);
      for (let turn = 0; turn < 200; turn++) await undefined;
      working -= 1;
      return "was busy";
    });
    const three = ["a", "b", "c"].map((name) => ({ ...child, name, tools: [busy] }));
    const works = [toolUse("busy", {}, "toolu_9")];
    const { result, events } = await play({ tools: [asking(three)], limits: { usd: 12 } }, [
      call,
      ...Array.from({ length: 3 }, () => works),
      ...Array.from({ length: 3 }, () => "Below."),
      "Done.",
    ]);
    expect(result).toMatchObject({ reason: "end_turn", text: "Done." });
    const granted = events.flatMap((event) =>
      event.type === "subagent.start" ? [event.granted?.usd ?? 0] : [],
    );
    expect(granted).toHaveLength(3);
    for (const usd of granted) expect(usd).toBeCloseTo(4, 1);
    expect(most).toBe(3);
  });

  it("counts a call that begins several, and one that may come to begin one, by what they want", async () => {
    const two = asking([child, { ...child, name: "other" }]);
    const calls = [toolUse("ask", {}, "toolu_1"), toolUse("later", {}, "toolu_2")];
    const later: Tool = { ...asking([child]), name: "later" };
    const { events } = await play({ tools: [two, later], limits: { usd: 10 } }, [
      { content: calls, usage },
      ...Array.from({ length: 3 }, () => "Below."),
      "Done.",
    ]);
    expect(events.flatMap((event) => (event.type === "subagent.start" ? [event.granted?.usd] : []))).toEqual([
      3, 3, 3,
    ]);
  });

  it("lets several of one call have what is left one after the other", async () => {
    const inTurn = handTool(
      "ask",
      async (_input, toolCall) => {
        const first = await toolCall.run(child, "Go.");
        return `${first.text} and ${(await toolCall.run(child, "Go on.")).text}`;
      },
      { effects: "idempotent" },
    );
    const { result, events } = await play({ tools: [inTurn], limits: { usd: 10 } }, [
      call,
      "One.",
      "Two.",
      "Done.",
    ]);
    expect(JSON.stringify(result.messages[2])).toContain("One. and Two.");
    const granted = events.flatMap((event) =>
      event.type === "subagent.start" ? [event.granted?.usd ?? 0] : [],
    );
    expect(granted).toHaveLength(2);
    for (const usd of granted) expect(usd).toBeGreaterThan(9);
  });

  it("says what to give where it is given no agent", async () => {
    const { result } = await play({ tools: [asking([undefined as unknown as Agent])], limits: { usd: 10 } }, [
      call,
      "Done.",
    ]);
    expect(JSON.stringify(result.messages[2])).toContain("call.run takes an agent and an input");
  });

  it("doesn't let a subagent soften the hard cap above it", async () => {
    const search = { type: "web_search_20260318", name: "web_search" } as const;
    const soft: Agent = { ...child, tools: [search], limits: { softCap: true } };
    const hard = await play({ tools: [asking([soft])], limits: { usd: 1 } }, [call, "Done."]);
    expect(JSON.stringify(hard.result.messages[2])).toContain("bills by itself");
    const accepted = await play({ tools: [asking([soft])], limits: { usd: 1, softCap: true } }, [
      call,
      "Below.",
      "Done.",
    ]);
    expect(JSON.stringify(accepted.result.messages[2])).toContain("Below.");
  });

  it("holds a subagent to its grant after a crash, whatever its parent's limits are by then", async () => {
    const below: Agent = { ...child, tools: [handTool("look", () => "seen")], limits: { maxSteps: 9 } };
    const whole = await play({ tools: [asking([below])], limits: { usd: 0.1 } }, [
      call,
      { content: [toolUse("look", {}, "toolu_9")], usage: { input_tokens: 10, output_tokens: 10 } },
      "Below.",
      "Done.",
    ]);
    const store = memoryStore();
    const until = async (session: string, type: string) => {
      const events = await readLog(whole.store, session);
      await refill(store, session, events.slice(0, events.findIndex((event) => event.type === type) + 1));
    };
    await until("s", "subagent.start");
    await until("s:toolu_1", "step.end");
    const claude = scripted(["Below.", "Done."]);
    const richer: Agent = { ...below, maxTokens: 64_000 };
    await resume({ tools: [asking([richer])], limits: { usd: 1_000 } }, "s", {
      claude,
      store,
      environment: virtualTime(),
    });
    // $0.1 buys 20,000 tokens of output at most.
    expect(claude.requests[0]?.max_tokens).toBeLessThan(20_000);
  });

  it("rejects a call that outlives its run", async () => {
    let leaked: ToolCall | undefined;
    const leaks = handTool("ask", (_input, toolCall) => {
      leaked = toolCall;
      return "later";
    });
    await play({ tools: [leaks] }, [call, "Done."]);
    await expect(leaked?.run(child, "Go.")).rejects.toThrow("This tool call has ended");
  });

  it("isn't kept from its end by a call that a tool of an earlier step has kept", async () => {
    let leaked: ToolCall | undefined;
    const leaks = handTool("ask", (_input, toolCall) => {
      leaked = toolCall;
      return "later";
    });
    const uses = handTool("uses", () => leaked?.run(child, "Go."));
    const { result } = await play({ tools: [leaks, uses] }, [
      call,
      [toolUse("uses", {}, "toolu_2")],
      "Done.",
    ]);
    expect(JSON.stringify(result.messages[4])).toContain("This tool call has ended");
  });

  it("lets nothing below do what is forbidden above", async () => {
    const look = handTool("look", () => "seen");
    const below: Agent = { ...child, tools: [look], permit: () => "allow" };
    const { store } = await play(
      { tools: [asking([below])], permit: ({ name }) => (name === "look" ? "deny" : "allow") },
      [call, [toolUse("look", {}, "toolu_9")], "Below.", "Done."],
    );
    expect((await readLog(store, "s:toolu_1")).find(({ type }) => type === "tool.check")).toMatchObject({
      verdict: "deny",
    });
  });

  it("waits with a call that started early until its message is committed", async () => {
    const { events } = await play({ tools: [asking([child], { effects: "none" })] }, [
      call,
      "Below.",
      "Done.",
    ]);
    const types = events.map(({ type }) => type);
    expect(types.indexOf("subagent.start")).toBeGreaterThan(types.indexOf("tool.start"));
  });

  it("refuses to go deeper than five", async () => {
    const self: Agent = { name: "self", model, tools: [handTool("ask", () => "")] };
    const deep: Agent = { ...self, tools: [asking([self])] };
    (self as { tools: unknown }).tools = deep.tools;
    const claude = scripted([
      ...Array.from({ length: 6 }, (_, depth) => [toolUse("ask", {}, `toolu_${depth}`)]),
      ...Array.from({ length: 6 }, () => "Done."),
    ]);
    const store = memoryStore();
    await run({ ...deep, model }, "Go.", { claude, store, session: "s", environment: virtualTime() });
    const ids = Array.from({ length: 5 }, (_, depth) => `toolu_${depth}`).join(":");
    expect(JSON.stringify(await readLog(store, `s:${ids}`))).toContain(
      "Subagents are 5 deep here, and no deeper.",
    );
  });

  it("ends its subagents with it, and their ends are in the log before its own", async () => {
    const store = memoryStore();
    const hangs: Agent = { ...child, tools: [handTool("hang", () => new Promise(() => {}))] };
    const claude = scripted([call, [toolUse("hang", {}, "toolu_h")]]);
    const running = run({ model, tools: [asking([hangs])] }, "Go.", {
      claude,
      store,
      session: "s",
      onEvent: (event) => event.type === "tool.start" && event.name === "hang" && running.abort(),
    });
    expect(await running).toMatchObject({ reason: "aborted" });
    const types = (await readLog(store)).map(({ type }) => type);
    expect(types.slice(types.indexOf("subagent.end"))).toEqual([
      "subagent.end",
      "run.abort",
      "tool.end",
      "step.end",
      "run.end",
    ]);
    expect((await readLog(store, "s:toolu_1")).at(-1)).toMatchObject({ type: "run.end", reason: "aborted" });
  });

  it("hands on what its run rejects with", async () => {
    const { result } = await play({ tools: [asking([{ ...child, maxTokens: -1 }])] }, [call, "Done."]);
    expect(JSON.stringify(result.messages[2])).toContain("agent.maxTokens is -1");
  });
});

describe("a run with subagents whose process died", () => {
  it("goes on from any commit, and neither runs nor counts a subagent twice", async () => {
    const replies = [
      { content: call, usage },
      { content: "Below.", usage },
      { content: "Done.", usage },
    ];
    const agent = { tools: [asking([child])], limits: { usd: 30 } };
    const commits: AgentEvent[][] = [];
    await play(agent, replies, listening(commits));
    for (let length = 1; length <= commits.length; length++) {
      const dead = commits.slice(0, length).flat();
      const store = await storeWith(dead.filter(({ session }) => session === "s"));
      await refill(
        store,
        "s:toolu_1",
        dead.filter(({ session }) => session !== "s"),
      );
      const asked = replyCount(dead);
      const { result } = await play(agent, replies.slice(asked), store);
      expect([length, result]).toMatchObject([
        length,
        { reason: "end_turn", text: "Done.", cost: { usd: 3 } },
      ]);
      expect(replyCount(await readLog(store, "s:toolu_1"))).toBe(1);
      expect((await readLog(store)).filter(({ type }) => type === "subagent.end")).toHaveLength(1);
    }
    expect(commits.length).toBeGreaterThan(12);
  });

  it("doesn't begin again what its limits have ended", async () => {
    const poor = { ...child, limits: { maxTotalTokens: 1 } };
    const whole = await play({ tools: [asking([poor])] }, [call, "Done."]);
    const store = await storeWith((await readLog(whole.store)).slice(0, -5));
    await refill(store, "s:toolu_1", await readLog(whole.store, "s:toolu_1"));
    await play({ tools: [asking([poor])] }, ["Done."], store);
    expect((await readLog(store, "s:toolu_1")).filter(({ type }) => type === "run.start")).toHaveLength(1);
  });
});

/** A store that tells what each append committed, in whichever session. */
function listening(commits: AgentEvent[][]): Store {
  const inner = memoryStore();
  const open: Store["open"] = async (session, owner) => {
    const log = await inner.open(session, owner);
    const append: typeof log.append = async (...given) => {
      const events = await log.append(...given);
      if (events.length > 0) commits.push([...events]);
      return events;
    };
    return { ...log, append };
  };
  return { ...inner, open };
}

function replyCount(events: readonly AgentEvent[]): number {
  return events.filter(({ type }) => type === "message").length;
}
