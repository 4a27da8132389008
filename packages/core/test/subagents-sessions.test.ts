import {
  type AgentEvent,
  ApprovalError,
  abort,
  approve,
  fork,
  memoryStore,
  resume,
  run,
  type Store,
  StoreBusyError,
  steer,
} from "@lockstitch/core";
import { describe, expect, it } from "vitest";
import { findHistoryProblem } from "../src/pure/conversation/history.js";
import { stateOf } from "../src/state-of.js";
import { readLog } from "./crash.js";
import { handTool } from "./helpers.js";
import {
  asking,
  below,
  calls,
  listening,
  member,
  mindsOf,
  paying,
  refill,
  team,
  typesIn,
} from "./team/team.js";

const yes = { approved: true } as const;

/** A lead whose subagent waits for a person. */
async function waiting() {
  const made = team({}, { usd: 100 });
  await run(made.lead, "Go.", { ...made.options, session: "s" });
  return made;
}

/** Both sessions are over, with every call answered. */
async function expectClosed(store: Store, ...sessions: readonly string[]): Promise<void> {
  for (const session of sessions) {
    const state = await stateOf(store, session);
    expect([session, state.run?.end, state.step]).toEqual([session, { reason: "aborted" }, undefined]);
    expect(findHistoryProblem([...state.messages, { role: "user", content: "More." }])).toBeUndefined();
  }
}

describe("in a session whose subagent waits for a person,", () => {
  it("new words deny what the subagent waits for, since the user moved on, and what it could do counts", async () => {
    const { lead, options, store, paid } = await waiting();
    const result = await run(lead, "Never mind.", { ...options, session: "s" });
    expect(result).toMatchObject({ status: "ended", text: "Done." });
    expect(result.messages[2]?.content).toMatchObject([
      { type: "tool_result", content: "Paid, as you said." },
      { type: "text", text: "Never mind." },
    ]);
    expect(JSON.stringify(await readLog(store, below))).toContain(
      "Denied: pay was not run. Reason: the user moved on",
    );
    expect(paid).toEqual([]);
  });

  it("new words that the API would refuse deny nothing", async () => {
    const { lead, options, store } = await waiting();
    const nonsense = [{ role: "assistant" as const, content: [] }];
    await expect(run(lead, nonsense, { ...options, session: "s" })).rejects.toThrow();
    const changed = { ...lead, system: "changed" };
    await expect(run(changed, "More.", { ...options, session: "s" })).rejects.toThrow(/prefix|system/i);
    await approve(store, below, "toolu_pay", yes);
  });

  it("new words deny it even where the process died before its call was suspended", async () => {
    const { lead, options, store, paid } = await waiting();
    const crashed = memoryStore();
    const log = (await readLog(store)).filter(({ type }) => type !== "tool.suspend");
    await refill(crashed, "s", log);
    await refill(crashed, below, await readLog(store, below));
    const result = await run(lead, "Never mind.", { ...options, store: crashed, session: "s" });
    expect(result).toMatchObject({ status: "ended", text: "Done." });
    expect(paid).toEqual([]);
  });

  it("an answer that comes in just before new words do stands", async () => {
    const { lead, options, store, paid } = await waiting();
    let isAnswered = false;
    const post: Store["post"] = async (...given) => {
      if (!isAnswered) {
        isAnswered = true;
        await approve(store, below, "toolu_pay", yes);
      }
      return store.post(...given);
    };
    const result = await run(lead, "Never mind.", { ...options, store: { ...store, post }, session: "s" });
    expect(result).toMatchObject({ status: "ended", text: "Done." });
    expect(paid).toEqual([{}]);
  });

  it("words are queued, and heard once it goes on", async () => {
    const { lead, options, store } = await waiting();
    await steer(store, "s", "Hurry!");
    await approve(store, below, "toolu_pay", yes);
    const result = await resume(lead, "s", options);
    expect(JSON.stringify(result.messages).match(/Hurry!/g)).toHaveLength(1);
  });

  it("an answer goes to the subagent's own call: the suspended one takes none, and says which does", async () => {
    const { store } = await waiting();
    const refused = approve(store, "s", "toolu_ask", yes);
    await expect(refused).rejects.toThrow(ApprovalError);
    await expect(refused).rejects.toThrow(`These are: toolu_pay of session ${below}.`);
    await approve(store, below, "toolu_pay", yes);
    await expect(approve(store, below, "toolu_pay", yes)).rejects.toThrow(ApprovalError);
  });

  it("an abort answers and ends both, and counts what the subagent has cost", async () => {
    const { lead, options, store, paid } = await waiting();
    await abort(store, "s");
    await expectClosed(store, "s", below);
    const types = await typesIn(store);
    expect(types.slice(types.indexOf("tool.suspend"))).toEqual([
      ...["tool.suspend", "run.abort", "subagent.end", "tool.end", "step.end", "run.end"],
    ]);
    expect((await readLog(store)).at(-1)).toMatchObject({ cost: { usd: 2 } });
    expect(await run(lead, "Again.", { ...options, session: "s" })).toMatchObject({ text: "Done." });
    expect(paid).toEqual([]);
  });

  it("an abort reaches the deepest", async () => {
    const { pay } = paying();
    const middle = member("middle", [asking("pass", [member("clerk", [pay])])]);
    const claude = mindsOf({ lead: [calls("ask")], middle: [calls("pass")], clerk: [calls("pay")] });
    const store = memoryStore();
    await run(member("lead", [asking("ask", [middle])]), "Go.", { claude, store, session: "s" });
    await abort(store, "s");
    await expectClosed(store, "s", below, `${below}:toolu_pass`);
  });

  it("an abort of the subagent alone lets its call go on with what there is", async () => {
    const { lead, options, store } = await waiting();
    await abort(store, below);
    expect(await resume(lead, "s", options)).toMatchObject({ status: "ended", text: "Done." });
  });

  it("an abort that was only committed is made up for by whoever says something next", async () => {
    const { lead, options, store } = await waiting();
    await store.post("s", [{ type: "run.abort", by: "outside" }]);
    expect(await run(lead, "Again.", { ...options, session: "s" })).toMatchObject({ text: "Done." });
    expect((await readLog(store, below)).at(-1)).toMatchObject({ type: "run.end", reason: "aborted" });
    expect((await typesIn(store)).filter((type) => type === "subagent.end")).toHaveLength(1);
  });

  it("a fork is possible at finished steps only, as ever", async () => {
    const { store } = await waiting();
    for (const { seq } of await readLog(store))
      await expect(fork(store, "s", seq)).rejects.toThrow(/none yet/);
  });

  it("nobody is followed: while another process has the store, it is busy", async () => {
    const { lead, options, store } = await waiting();
    const open = async (): Promise<never> => {
      throw new StoreBusyError("process 7", "The store is busy.");
    };
    await expect(resume(lead, "s", { ...options, store: { ...store, open } })).rejects.toThrow(
      StoreBusyError,
    );
  });
});

describe("a run whose subagent waits while other calls are running", () => {
  it("ends the subagent when it is aborted", async () => {
    const { pay } = paying();
    const hang = handTool("hang", () => new Promise(() => {}));
    const lead = member("lead", [asking("ask", [member("clerk", [pay])]), hang]);
    const claude = mindsOf({ lead: [calls("ask", "hang")], clerk: [calls("pay")] });
    const store = memoryStore();
    const running = run(lead, "Go.", {
      claude,
      store,
      session: "s",
      onEvent: ({ type }) => type === "tool.suspend" && running.abort(),
    });
    expect(await running).toMatchObject({ reason: "aborted" });
    await expectClosed(store, "s", below);
  });

  it("ends the subagent when its store fails at something else", async () => {
    const { pay } = paying();
    const inner = memoryStore();
    let isFull = false;
    const open: Store["open"] = async (session, owner) => {
      const log = await inner.open(session, owner);
      const append: typeof log.append = async (bodies, options) => {
        if (!isFull && bodies.some((body) => body.type === "tool.end" && body.name === "look")) {
          isFull = true;
          throw new Error("disk full");
        }
        return log.append(bodies, options);
      };
      return { ...log, append };
    };
    const look = handTool("look", () => new Promise((resolve) => setImmediate(resolve, "seen")));
    const lead = member("lead", [asking("ask", [member("clerk", [pay])]), look]);
    const claude = mindsOf({ lead: [calls("ask", "look")], clerk: [calls("pay")] });
    const store = { ...inner, open };
    await expect(run(lead, "Go.", { claude, store, session: "s" })).rejects.toThrow("disk full");
    expect((await readLog(inner)).at(-1)).toMatchObject({ type: "run.end", reason: "error" });
    expect((await readLog(inner, below)).at(-1)).toMatchObject({ type: "run.end", reason: "aborted" });
  });
});

describe("a session whose subagent waits, and whose process died at any commit,", () => {
  it("is ended with its subagent by an abort", async () => {
    for (const { length, store } of await deaths()) {
      await abort(store, "s");
      const sessions = (await readLog(store, below)).length > 0 ? ["s", below] : ["s"];
      // One that the abort found at its own end stays as it is.
      const open = [];
      for (const session of sessions)
        if ((await readLog(store, session)).at(-1)?.type === "run.end") open.push(session);
      expect([length, open]).toEqual([length, sessions]);
    }
  });

  it("has what was asked denied when something new is said, and runs nothing that nobody allowed", async () => {
    for (const { length, store, asked, allowed } of await deaths()) {
      const { lead, options, paid } = team({}, { usd: 100 });
      const { status } = await run(lead, "Never mind.", { ...options, store, session: "s" });
      // What was not asked yet when the words were said is asked now.
      expect([length, status]).toEqual([length, asked ? "ended" : "waiting"]);
      expect([length, allowed || paid.length === 0]).toEqual([length, true]);
    }
  });
});

/** What each possible death of a process leaves behind, from the first call on. */
async function deaths() {
  const commits: AgentEvent[][] = [];
  const { lead, options } = team({}, { usd: 100 });
  const all = listening(commits);
  await run(lead, "Go.", { ...options, store: all, session: "s" });
  await approve(all, below, "toolu_pay", yes);
  await resume(lead, "s", { ...options, store: all });
  const found = [];
  for (let length = 1; length <= commits.length; length++) {
    const dead = commits.slice(0, length).flat();
    if (dead.some(({ type, session }) => type === "run.end" && session === "s")) continue;
    const store = memoryStore();
    for (const session of new Set(dead.map((event) => event.session)))
      await refill(
        store,
        session,
        dead.filter((event) => event.session === session),
      );
    const has = (type: AgentEvent["type"]) => dead.some((event) => event.type === type);
    found.push({ length, store, asked: has("approval.request"), allowed: has("approval.response") });
  }
  return found;
}
