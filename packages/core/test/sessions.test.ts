import {
  type Agent,
  type AgentEvent,
  ApprovalError,
  abort,
  approve,
  emptyState,
  fork,
  memoryStore,
  type Result,
  resume,
  run,
  type Store,
  StoreBusyError,
  steer,
  totalTokens,
} from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { findHistoryProblem } from "../src/pure/conversation/history.js";
import { progressOf } from "../src/pure/to-result.js";
import { readLog, storeWith, upTo } from "./crash.js";
import { handTool, types, virtualTime } from "./helpers.js";

/** One session in each state, made anew for every test. */
type Kind = "running" | "waiting" | "ended" | "crashed";
const kinds: readonly Kind[] = ["running", "waiting", "ended", "crashed"];

const look = handTool("look", () => "seen");
const pay = handTool("pay", () => "paid", { effects: "once", needsApproval: true });
const agent: Agent = { tools: [look, pay] };

let crashedLog: readonly AgentEvent[];
beforeAll(async () => {
  const store = memoryStore();
  await run(agent, "Go.", { claude: scripted([[toolUse("look")], "Done."]), store, session: "s" });
  crashedLog = upTo(await readLog(store), "tool.start");
});

interface Made {
  readonly store: Store;
  /** Lets a running session come to its end. */
  finish(): Promise<Result | undefined>;
}

async function make(kind: Kind): Promise<Made> {
  const store = memoryStore();
  switch (kind) {
    case "ended":
      await run(agent, "Go.", { claude: scripted(["Done."]), store, session: "s" });
      return { store, finish: async () => undefined };
    case "waiting":
      await run(agent, "Go.", { claude: scripted([[toolUse("pay")]]), store, session: "s" });
      return { store, finish: async () => undefined };
    case "crashed":
      return { store: await storeWith(crashedLog), finish: async () => undefined };
    case "running": {
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const slow = scripted([
        async () => {
          await held;
          return "Done.";
        },
        "Heard.",
      ]);
      const running = run(agent, "Go.", { claude: slow, store, session: "s" });
      for await (const event of running) if (event.type === "model.start") break;
      return {
        store,
        finish: () => {
          release();
          return running.then((result) => result);
        },
      };
    }
  }
}

const end = async (store: Store) => (await readLog(store)).findLast((event) => event.type === "run.end");
const said = (result: Result | undefined) => JSON.stringify(result?.messages ?? []);
const on = (store: Store, ...replies: Parameters<typeof scripted>[0][number][]) => ({
  claude: scripted(replies),
  store,
});

describe("run() in a session that", () => {
  it("is running is refused", async () => {
    const { store, finish } = await make("running");
    await expect(run(agent, "More.", { ...on(store), session: "s" })).rejects.toMatchObject({
      reason: "session_running",
    });
    await finish();
  });

  it("waits for a person denies the waiting calls, since the user moved on, and goes on", async () => {
    const { store } = await make("waiting");
    const result = await run(agent, "Never mind.", { ...on(store, "As you like."), session: "s" });
    expect(result).toMatchObject({ status: "ended", text: "As you like." });
    expect(result.messages[2]).toMatchObject({
      content: [
        {
          type: "tool_result",
          is_error: true,
          content: "Denied: pay was not run. Reason: the user moved on",
        },
        { type: "text", text: "Never mind." },
      ],
    });
  });

  it("has ended begins a new run on the same history", async () => {
    const { store } = await make("ended");
    const result = await run(agent, "More.", { ...on(store, "More done."), session: "s" });
    expect(result).toMatchObject({ text: "More done.", steps: 1 });
    expect(result.messages).toHaveLength(4);
  });

  it("crashed resumes first, then goes on with what is said", async () => {
    const { store } = await make("crashed");
    const claude = scripted(["Both done."]);
    const result = await run(agent, "More.", { claude, store, session: "s" });
    expect(result).toMatchObject({ text: "Both done." });
    expect(claude.requests[0]?.messages.at(-1)?.content).toMatchObject([
      { type: "tool_result", content: "seen" },
      { text: "More." },
    ]);
    expect(types(await readLog(store))).toContain("run.resume");
  });
});

describe("new words in a session with an open step", () => {
  const nonsense = [
    { role: "user" as const, content: [{ type: "tool_result" as const, tool_use_id: "nope", content: "x" }] },
  ];
  it.each(["waiting", "crashed"] as const)(
    "that is %s are not taken where the API would refuse them",
    async (kind) => {
      const { store } = await make(kind);
      const refused = run(agent, nonsense, { ...on(store), session: "s" });
      await expect(refused).rejects.toThrow(/would refuse this input/);
      const result = await run(agent, "Hello?", { ...on(store, "Still here.", "Still here."), session: "s" });
      expect(result).toMatchObject({ reason: "end_turn" });
    },
  );

  it("deny what waits for a person, even where another call of the step was interrupted", async () => {
    const store = memoryStore();
    const claude = scripted([[toolUse("look"), toolUse("pay", {}, "toolu_pay")], "Done."]);
    await run(agent, "Go.", { claude, store, session: "s" });
    const log = (await readLog(store)).filter((event) => event.type !== "tool.end");
    const crashed = await storeWith(log);
    const result = await run(agent, "Stop!", { ...on(crashed, "Stopped."), session: "s" });
    expect(result).toMatchObject({ status: "ended", text: "Stopped." });
    expect(said(result)).toContain("the user moved on");
    expect(said(result)).toContain("seen");
  });

  it("after an abort and a crash begin a new run, on the whole history, though the tools have changed", async () => {
    const store = await storeWith([
      ...crashedLog,
      { type: "run.abort", by: "outside" } as unknown as AgentEvent,
    ]);
    const changed = { tools: [...(agent.tools ?? []), handTool("more", () => "more")] };
    const options = { ...on(store, "Here.", "Again."), session: "s", ifPrefixChanged: "continue" as const };
    const result = await run(changed, "Hello?", options);
    expect(result).toMatchObject({ text: "Here." });
    expect(result.messages[0]).toMatchObject({ role: "user", content: "Go." });
    expect(await run(changed, "And?", options)).toMatchObject({ text: "Again." });
  });
});

describe("resume() of a session that", () => {
  it("is running follows the run, and gives its result", async () => {
    const { store, finish } = await make("running");
    const seen: string[] = [];
    const following = resume(agent, "s", { ...on(store), onEvent: ({ type }) => seen.push(type) });
    const [own, followed] = await Promise.all([finish(), following]);
    expect(followed).toMatchObject({ text: "Done.", messages: own?.messages });
    expect(seen).toContain("run.end");
  });

  it("is running may be steered, answered and stopped by who follows it", async () => {
    const { store, finish } = await make("running");
    const following = resume(agent, "s", on(store));
    await following.steer("Hurry!");
    await expect(following.approve("toolu_1", { approved: true })).rejects.toThrow(ApprovalError);
    following.abort();
    expect(await following).toMatchObject({ status: "ended", reason: "aborted", session: "s" });
    expect(await finish()).toMatchObject({ reason: "aborted" });
  });

  it("is running is left alone by a follower whose signal aborts", async () => {
    const { store, finish } = await make("running");
    const signal = AbortSignal.abort();
    expect(await resume(agent, "s", { ...on(store), signal })).toMatchObject({ reason: "aborted" });
    expect(await finish()).toMatchObject({ reason: "end_turn" });
  });

  it("ended unfinished is not answered from the log while another process has the store", async () => {
    const store = memoryStore();
    const limits = { maxSteps: 1 };
    await run({ ...agent, limits }, "Go.", { ...on(store, [toolUse("look")]), session: "s" });
    const open = () => Promise.reject(new StoreBusyError("process 7", "The store is busy."));
    // A store that is busy is waited for a second.
    const onBusy = (there: Store) => ({ ...on({ ...there, open }), environment: virtualTime() });
    await expect(resume(agent, "s", onBusy(store))).rejects.toThrow(StoreBusyError);
    const fresh = run(agent, "Go.", { ...onBusy(store), session: "new", ifExists: "resume" });
    await expect(fresh).rejects.toThrow(StoreBusyError);
    const { store: waiting } = await make("waiting");
    await expect(resume(agent, "s", onBusy(waiting))).rejects.toThrow(StoreBusyError);
  });

  it("may be driven by a process that has the store says so while it follows", async () => {
    const store = await storeWith(crashedLog);
    let looks = 0;
    const busy: Store = {
      ...store,
      open: async (...given) => {
        if (++looks < 40) throw new StoreBusyError("process 7", "Process 7 has the store.");
        return store.open(...given);
      },
    };
    const waits: unknown[] = [];
    const environment = virtualTime();
    const options = { ...on(busy, "Done."), environment, onEvent: (event: object) => waits.push(event) };
    await resume(agent, "s", options);
    expect(waits).toContainEqual({
      session: "s",
      type: "wait",
      reason: "store",
      ms: 500,
      error: "Process 7 has the store.",
    });
  });

  it("is taken over by who followed it, who sees every event of the run once", async () => {
    const store = await storeWith(crashedLog);
    const held = await store.open("s", "the one who dies");
    const seen: number[] = [];
    const late: Store = {
      ...store,
      // A look that comes late: what is committed just before the driver dies is seen by no watch.
      watch: async function* (session, after, signal) {
        await new Promise((resolve) => signal?.addEventListener("abort", resolve));
        yield* [] as AgentEvent[];
        void [session, after];
      },
    };
    const following = resume(agent, "s", {
      ...on(late, "Done."),
      onEvent: (event) => "seq" in event && seen.push(event.seq),
    });
    await vi.waitFor(() => expect(seen).not.toEqual([]), 10_000);
    await held.append([{ type: "input", messages: [{ role: "user", content: "More." }] }]);
    await held.close();
    await following;
    const [first = 0] = seen;
    expect(seen).toEqual((await readLog(store)).map(({ seq }) => seq).filter((seq) => seq >= first));
  });

  it("waits for a person waits on until somebody answers, then goes on", async () => {
    const { store } = await make("waiting");
    expect(await resume(agent, "s", on(store))).toMatchObject({
      status: "waiting",
      approvals: [{ session: "s", toolUseId: "toolu_1", tool: "pay", input: {} }],
    });
    await approve(store, "s", "toolu_1", { approved: true });
    const result = await resume(agent, "s", on(store, "Paid."));
    expect(result).toMatchObject({ text: "Paid." });
    expect(result.messages[2]?.content).toMatchObject([{ content: "paid" }]);
  });

  it("has come to its own end gives its result again, and asks nobody", async () => {
    const { store } = await make("ended");
    const before = await readLog(store);
    expect(await resume(agent, "s", on(store))).toMatchObject({
      status: "ended",
      reason: "end_turn",
      text: "Done.",
      steps: 1,
    });
    expect(await readLog(store)).toEqual(before);
  });

  it.each([
    ["limit", { limits: { maxSteps: 1 } }],
    ["error", {}],
  ])("ended with %s begins a new run without new input", async (reason, more) => {
    const store = memoryStore();
    const first = reason === "error" ? new TypeError("broken") : [toolUse("look")];
    await run({ ...agent, ...more }, "Go.", { ...on(store, first), session: "s" }).catch(() => {});
    expect(await end(store)).toMatchObject({ reason });
    expect(await resume(agent, "s", on(store, "Done."))).toMatchObject({
      text: "Done.",
      steps: 1,
      reason: "end_turn",
    });
  });

  it("crashed goes on where it stopped", async () => {
    const { store } = await make("crashed");
    const result = await resume(agent, "s", on(store, "Done."));
    expect(result).toMatchObject({ text: "Done.", steps: 2 });
    expect(result.messages[2]?.content).toMatchObject([{ content: "seen" }]);
  });

  it("is not there is refused", async () => {
    await expect(resume(agent, "s", on(memoryStore()))).rejects.toMatchObject({ reason: "no_session" });
  });
});

it("what was said and not taken up yet stands in a result in an order that can be gone on from", () => {
  const said = (role: "user" | "system", content: string) => ({ role, content }) as const;
  const { messages } = progressOf({
    ...emptyState("s"),
    messages: [said("user", "Hi."), { role: "assistant", content: "Hello." }],
    inbox: [said("user", "Go on."), said("system", "Be brief."), said("user", "Hurry!")],
  });
  expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "user", "system"]);
  expect(findHistoryProblem(messages)).toBeUndefined();
});

describe("steer() of a session that", () => {
  it("is running is heard at the next step", async () => {
    const { store, finish } = await make("running");
    await steer(store, "s", "Hurry!");
    const result = await finish();
    expect(result).toMatchObject({ text: "Heard." });
    expect(said(result).match(/Hurry!/g)).toHaveLength(1);
  });

  it("is running is heard in the order in which things were said, however long each look takes", async () => {
    const { store, finish } = await make("running");
    let looks = 0;
    const uneven: Store = {
      ...store,
      read: async function* (...given) {
        const pause = 5 - Math.min(4, looks++);
        for (let turn = 0; turn < pause * 3; turn++) await Promise.resolve();
        yield* store.read(...given);
      },
    };
    await Promise.all(["1", "2", "3", "4", "5"].map((word) => steer(uneven, "s", word)));
    await finish();
    expect(
      (await readLog(store))
        .flatMap((event) => (event.type === "input" ? event.messages.map(({ content }) => content) : []))
        .slice(1),
    ).toEqual(["1", "2", "3", "4", "5"]);
  });

  it.each(["waiting", "crashed"] as const)("is %s is heard once it goes on", async (kind) => {
    const { store } = await make(kind);
    await steer(store, "s", "Hurry!");
    if (kind === "waiting") await approve(store, "s", "toolu_1", { approved: false });
    const result = await resume(agent, "s", on(store, "Done."));
    expect(said(result).match(/Hurry!/g)).toHaveLength(1);
  });

  it("has ended is refused", async () => {
    const { store } = await make("ended");
    await expect(steer(store, "s", "Hurry!")).rejects.toMatchObject({ reason: "session_ended" });
  });

  it.each([
    [
      "an answer to a tool call",
      [{ role: "user" as const, content: [{ type: "tool_result" as const, tool_use_id: "x" }] }],
    ],
    ["words of the assistant's", [{ role: "assistant" as const, content: "Yes." }]],
    ["thinking", [{ type: "thinking" as const, thinking: "x", signature: "y" }]],
    ["nothing", " "],
  ])("takes no %s", async (_what, input) => {
    const { store, finish } = await make("running");
    await expect(steer(store, "s", input)).rejects.toMatchObject({ reason: "agent" });
    await finish();
  });
});

describe("approve() in a session that", () => {
  it.each(["running", "crashed"] as const)(
    "is %s and where that call does not wait is refused",
    async (kind) => {
      const { store, finish } = await make(kind);
      await expect(approve(store, "s", "toolu_1", { approved: true })).rejects.toMatchObject({
        reason: "approval",
      });
      await finish();
    },
  );

  it.each<[string, unknown]>([
    ["the word no", { approved: "no" }],
    ["a number", { approved: 1 }],
    ["an empty object", {}],
    ["nothing", undefined],
    ["a reason that is no text", { approved: false, reason: { code: 7 } }],
  ])("waits takes no answer that is %s, and runs nothing for it", async (_what, answer) => {
    const { store } = await make("waiting");
    await expect(approve(store, "s", "toolu_1", answer as never)).rejects.toMatchObject({ reason: "agent" });
    expect(await resume(agent, "s", on(store))).toMatchObject({ status: "waiting" });
  });

  it("was told to stop, and that nobody has closed yet, is refused; so is steering it", async () => {
    const { store } = await make("waiting");
    await store.post("s", [{ type: "run.abort", by: "outside" }]);
    const refused = { reason: "session_ended" };
    await expect(approve(store, "s", "toolu_1", { approved: true })).rejects.toMatchObject(refused);
    await expect(steer(store, "s", "Hurry!")).rejects.toMatchObject(refused);
  });

  it("waits answers that call, once", async () => {
    const { store } = await make("waiting");
    await expect(approve(store, "s", "toolu_9", { approved: true })).rejects.toThrow(/These are: toolu_1/);
    await approve(store, "s", "toolu_1", { approved: false, reason: "too dear" });
    await expect(approve(store, "s", "toolu_1", { approved: true })).rejects.toMatchObject({
      reason: "approval",
    });
    const result = await resume(agent, "s", on(store, "Then not."));
    expect(result.messages[2]?.content).toMatchObject([
      { is_error: true, content: "Denied: pay was not run. Reason: too dear" },
    ]);
  });

  it("has ended, or was aborted, is refused", async () => {
    for (const kind of ["ended", "waiting"] as const) {
      const { store } = await make(kind);
      if (kind === "waiting") await abort(store, "s");
      await expect(approve(store, "s", "toolu_1", { approved: true })).rejects.toMatchObject({
        reason: "session_ended",
      });
    }
  });

  it("waits takes one of two answers that come at once", async () => {
    const { store } = await make("waiting");
    const answers = await Promise.allSettled(
      [true, false].map((approved) => approve(store, "s", "toolu_1", { approved })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });
});

describe("abort() of a session that", () => {
  it("is running stops it at once", async () => {
    const { store, finish } = await make("running");
    await abort(store, "s");
    expect(await finish()).toMatchObject({ reason: "aborted" });
  });

  it.each(["waiting", "crashed"] as const)("is %s answers its calls and ends it", async (kind) => {
    const { store } = await make(kind);
    await abort(store, "s");
    expect(await end(store)).toMatchObject({ reason: "aborted" });
    expect((await readLog(store)).filter(({ type }) => type === "tool.end")).toHaveLength(1);
    expect(await run(agent, "Again.", { ...on(store, "Fine."), session: "s" })).toMatchObject({
      text: "Fine.",
    });
  });

  it("has ended changes nothing", async () => {
    const { store } = await make("ended");
    const before = await readLog(store);
    await abort(store, "s");
    expect(await readLog(store)).toEqual(before);
  });

  it("is not there is refused", async () => {
    await expect(abort(memoryStore(), "s")).rejects.toMatchObject({ reason: "no_session" });
  });
});

describe("fork() of a session", () => {
  it.each(kinds)("that is %s is possible at a finished step, and nowhere else", async (kind) => {
    const { store, finish } = await make(kind);
    const log = await readLog(store);
    for (const { type, seq } of log) {
      const forked = fork(store, "s", seq);
      if (type === "step.end" || type === "run.end") expect(await forked).toEqual(expect.any(String));
      else await expect(forked).rejects.toThrow(/only at the seq of a step.end or run.end/);
    }
    await finish();
  });

  it("goes on by itself, from the same history, and pays nothing for the shared part", async () => {
    const store = memoryStore();
    const first = await run(agent, "Go.", { ...on(store, [toolUse("look")], "Done."), session: "s" });
    const seq = (await readLog(store)).find(({ type }) => type === "step.end")?.seq ?? 0;
    const branch = await fork(store, "s", seq, { id: "branch" });
    const result = await resume(agent, branch, on(store, "Done otherwise."));
    expect(result.messages.slice(0, 3)).toEqual(first.messages.slice(0, 3));
    expect(result).toMatchObject({ text: "Done otherwise.", session: "branch", usage: { input_tokens: 10 } });
    expect((await readLog(store, "branch"))[0]).toMatchObject({ forkedFrom: { session: "s", seq } });
    expect(await resume(agent, "s", on(store))).toMatchObject({ text: "Done." });
    await expect(fork(store, "s", seq, { id: "branch" })).rejects.toThrow(/already/);
    await expect(fork(store, "nowhere", 1)).rejects.toMatchObject({ reason: "no_session" });
  });

  it.each(["step.end", "run.end"] as const)(
    "at a %s leaves all usage to the first in sums over logs",
    async (at) => {
      const store = memoryStore();
      await run(agent, "Go.", { ...on(store, [toolUse("look")], "Done."), session: "s" });
      const seq = (await readLog(store)).findLast(({ type }) => type === at)?.seq ?? 0;
      const copy = await readLog(store, await fork(store, "s", seq));
      const counted = (log: readonly AgentEvent[]) =>
        log.flatMap((event) =>
          "usage" in event && event.usage !== undefined ? [totalTokens(event.usage)] : [],
        );
      expect(counted(await readLog(store)).every((tokens) => tokens > 0)).toBe(true);
      expect(new Set(counted(copy))).toEqual(new Set([0]));
      expect(copy.flatMap((event) => ("cost" in event ? [event.cost] : []))).toEqual(
        counted(copy).map(() => ({ usd: 0 })),
      );
    },
  );

  it("says where it is possible, and takes no id that no session can have", async () => {
    const { store } = await make("ended");
    const places = (await readLog(store)).flatMap(({ type, seq }) =>
      /^(step|run)\.end$/.test(type) ? [seq] : [],
    );
    for (const seq of [0, -1, Number.NaN, undefined])
      await expect(fork(store, "s", seq as number)).rejects.toThrow(`These are at ${places.join(", ")}.`);
    for (const id of ["", 5, {}])
      await expect(fork(store, "s", places[0] as number, { id: id as string })).rejects.toMatchObject({
        reason: "agent",
      });
  });
});

describe("start-or-resume", () => {
  const options = (store: Store, ...replies: string[]) => ({
    ...on(store, ...replies),
    session: "s",
    ifExists: "resume" as const,
  });

  it("starts what isn't there, and takes the input once", async () => {
    const store = memoryStore();
    expect(await run(agent, "Go.", options(store, "Done."))).toMatchObject({ text: "Done." });
    const again = await run(agent, "Go.", options(store));
    expect(again).toMatchObject({ text: "Done." });
    expect(again.messages).toHaveLength(2);
  });

  it("resumes what crashed, without the input of the second call", async () => {
    const { store } = await make("crashed");
    const result = await run(agent, "Go.", options(store, "Done."));
    expect(result.text).toBe("Done.");
    expect(said(result).match(/Go\./g)).toHaveLength(1);
  });

  it("by two workers at once runs once, and both have the result", async () => {
    const store = memoryStore();
    const claude = scripted(["Done."]);
    const [a, b] = await Promise.all(
      [1, 2].map(() => run(agent, "Go.", { claude, store, session: "s", ifExists: "resume" })),
    );
    expect([a?.text, b?.text]).toEqual(["Done.", "Done."]);
    claude.assertUsedUp();
  });
});

describe("a session whose agent has changed", () => {
  it("is refused, unless the caller says to go on: a new system prompt is then said, once", async () => {
    const { store } = await make("ended");
    const changed: Agent = { ...agent, system: "Be brief.", cache: false };
    await expect(run(changed, "More.", { ...on(store), session: "s" })).rejects.toMatchObject({
      reason: "prefix_changed",
    });
    const claude = scripted(["One.", "Two."]);
    const options = { claude, store, session: "s", ifPrefixChanged: "continue" as const };
    await run(changed, "More.", options);
    await run(changed, "And more.", options);
    expect(claude.requests.map(({ system }) => system)).toEqual([undefined, undefined]);
    expect(claude.requests[1]?.messages.map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "user",
      "system",
      "assistant",
      "user",
    ]);
    expect(claude.requests[1]?.messages[3]).toEqual({ role: "system", content: "Be brief." });
  });

  it("goes on with a new system prompt in a new segment where the model takes no system message in mid-conversation", async () => {
    const { store } = await make("ended");
    const changed: Agent = { ...agent, model: "claude-haiku-4-5", system: "Be brief.", cache: false };
    const claude = scripted(["One."]);
    await run(changed, "More.", { claude, store, session: "s", ifPrefixChanged: "continue" });
    expect(claude.requests[0]?.system).toBe("Be brief.");
    expect(claude.requests[0]?.messages.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
  });

  it("goes on with other tools in a new segment, in which no thinking is left that was bound to the old one", async () => {
    const store = memoryStore();
    const thinking = { type: "thinking" as const, thinking: "Hm.", signature: "s" };
    await run(agent, "Go.", { ...on(store, [thinking, { type: "text", text: "Done." }]), session: "s" });
    const claude = scripted(["More done."]);
    const result = await run({ tools: [look] }, "More.", {
      claude,
      store,
      session: "s",
      ifPrefixChanged: "continue",
    });
    expect(claude.requests[0]?.tools).toHaveLength(1);
    expect(result.messages[1]?.content).toEqual([{ type: "text", text: "Done." }]);
    expect(types(await readLog(store))).toContain("compaction");
    expect(await run({ tools: [look] }, "Again.", { ...on(store, "Yes."), session: "s" })).toMatchObject({
      text: "Yes.",
    });
  });

  it("isn't taken for a changed one because somebody said a system message", async () => {
    const store = memoryStore();
    const words = [
      { role: "user" as const, content: "Go." },
      { role: "system" as const, content: "It is Monday." },
    ];
    await run(agent, words, { ...on(store, "Done."), session: "s" });
    const went = await run(agent, "More.", { ...on(store, "More done."), session: "s" });
    expect(went.text).toBe("More done.");
  });

  it("is the same again once its system prompt was taken away, and said so", async () => {
    const { store } = await make("ended");
    const first: Agent = { ...agent, system: "Be brief." };
    const goOn = { session: "s", ifPrefixChanged: "continue" } as const;
    await run(first, "More.", { ...on(store, "Yes."), ...goOn });
    const claude = scripted(["One.", "Two."]);
    await run(agent, "And more.", { claude, store, ...goOn });
    expect(JSON.stringify(claude.requests[0]?.messages)).toContain("no longer hold");
    await run(agent, "And more.", { claude, store, session: "s" });
    expect(JSON.stringify(claude.requests[1]?.messages).match(/no longer hold/g)).toHaveLength(1);
  });

  it("has its newest system prompt said last, where other tools begin a new segment after an older one was said", async () => {
    const { store } = await make("ended");
    const goOn = { session: "s", ifPrefixChanged: "continue" } as const;
    await run({ ...agent, system: "Be brief." }, "More.", { ...on(store, "Yes."), ...goOn });
    const claude = scripted(["One.", "Two."]);
    const other: Agent = { tools: [look], system: "Be long.", cache: false };
    await run(other, "And more.", { claude, store, ...goOn });
    expect(claude.requests[0]?.messages.filter(({ role }) => role === "system").at(-1)?.content).toBe(
      "Be long.",
    );
    await run(other, "And more.", { claude, store, session: "s" });
    claude.assertUsedUp();
  });

  it("takes new words after a run that ended before it had said its new system prompt", async () => {
    const { store } = await make("ended");
    const changed: Agent = { ...agent, system: "Be brief.", cache: false };
    const goOn = { store, session: "s", ifPrefixChanged: "continue" } as const;
    const tooPoor: Agent = { ...changed, limits: { maxTotalTokens: 1 } };
    expect(await run(tooPoor, "Second.", { ...goOn, claude: scripted([]) })).toMatchObject({
      limit: "maxTotalTokens",
    });
    const claude = scripted(["Third."]);
    expect(await run(changed, "Third?", { claude, store, session: "s" })).toMatchObject({ text: "Third." });
    expect(claude.requests[0]?.messages.map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "user",
      "system",
    ]);
  });
});
