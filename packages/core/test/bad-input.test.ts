import { runInNewContext } from "node:vm";
import { type Claude, type Log, memoryStore, run, type Store } from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { realEnvironment } from "../src/environment.js";
import { readLog, storeWith, upTo } from "./crash.js";
import { handTool, virtualTime } from "./helpers.js";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const work = handTool("work", () => "done");
const claude = scripted([]);
const go = (agent: unknown, input: unknown = "Go.", options: unknown = { claude }) =>
  run(agent as never, input as never, options as never).catch((error: unknown) => error);

describe("what a beginner may get wrong is told in words, with a class and a way out", () => {
  it.each<[string, unknown, unknown, unknown, RegExp]>([
    ["one tool instead of a list", { tools: work }, "Go.", { claude }, /agent\.tools must be a list/],
    ["a tool that is none", { tools: [undefined] }, "Go.", { claude }, /something that is no tool/],
    [
      "a tool without run",
      { tools: [{ name: "work", parse: () => 1 }] },
      "Go.",
      { claude },
      /no `run` function/,
    ],
    [
      "a tool without parse",
      { tools: [{ name: "work", run: () => 1 }] },
      "Go.",
      { claude },
      /no `parse` function/,
    ],
    [
      "effects that there are not",
      { tools: [{ ...work, effects: "reads" }] },
      "Go.",
      { claude },
      /"none", "idempotent" or "once"/,
    ],
    [
      "a time limit that is none",
      { tools: [{ ...work, timeoutMs: -5 }] },
      "Go.",
      { claude },
      /positive number of milliseconds/,
    ],
    ["an agent that is a list", [], "Go.", { claude }, /must be an object/],
    ["a system prompt that is none", { system: 5 }, "Go.", { claude }, /agent\.system/],
    ["limits that are none", { limits: null }, "Go.", { claude }, /agent\.limits/],
    ["a list of texts", {}, ["hello"], { claude }, /unknown kind/],
    ["a message without content", {}, [{ role: "user" }], { claude }, /no content/],
    ["a message of nobody", {}, [{ role: "tool", content: "x" }], { claude }, /role "tool"/],
    ["a block that is none", {}, [{ foo: 1 }], { claude }, /no content block/],
    [
      "a text block without text",
      {},
      [{ type: "text" }],
      { claude },
      /messages\.0\.content\.0\.text must be a text/,
    ],
    ["a blank text block", {}, [{ type: "text", text: " " }], { claude }, /input is empty/],
    ["a blank message", {}, [{ role: "user", content: "  " }], { claude }, /input is empty/],
    [
      "an answer to no call",
      {},
      [{ role: "user", content: [{ type: "tool_result", tool_use_id: "x" }] }],
      { claude },
      /would refuse this input/,
    ],
    ["an option that there is not", {}, "Go.", { claude, sesion: "s" }, /no option "sesion"/],
    ["no options", {}, "Go.", null, /options must be an object/],
    ["a Claude that is no function", {}, "Go.", { claude: {} }, /options\.claude must be a function/],
    ["a listener that is none", {}, "Go.", { claude, onEvent: 1 }, /options\.onEvent must be a function/],
    [
      "a controller for a signal",
      {},
      "Go.",
      { claude, signal: new AbortController() },
      /pass controller\.signal/,
    ],
    ["start-or-resume without a store", {}, "Go.", { claude, ifExists: "resume" }, /needs a store/],
    [
      "start-or-resume without a session",
      {},
      "Go.",
      { claude, store: memoryStore(), ifExists: "resume" },
      /every call would start another/,
    ],
    [
      "an ifExists that there is not",
      {},
      "Go.",
      { claude, store: memoryStore(), session: "s", ifExists: "resumes" },
      /ifExists is "resume"/,
    ],
    [
      "an ifPrefixChanged that there is not",
      {},
      "Go.",
      { claude, ifPrefixChanged: "Continue" },
      /"reject" or "continue"/,
    ],
    [
      "an unknownOutcome that there is not",
      { unknownOutcome: "bogus" },
      "Go.",
      { claude },
      /"model" or "ask"/,
    ],
    ["limits that are a list", { limits: [] }, "Go.", { claude }, /limits must be an object/],
    [
      "a wait that is no number",
      {},
      "Go.",
      { claude, retry: { maxRetryAfterMs: "3" } },
      /maxRetryAfterMs is 3/,
    ],
    ["a field of retry that there is not", {}, "Go.", { claude, retry: { times: 3 } }, /has no "times"/],
    ["a permit that is no function", { permit: "allow" }, "Go.", { claude }, /permit must be a function/],
    [
      "a block that no user may say",
      {},
      [{ type: "thinking", thinking: "x", signature: "y" }],
      { claude },
      /"thinking".*These may be said: text, image/,
    ],
    ["a block of a kind that there is not", {}, [{ type: "banana" }], { claude }, /"banana"/],
  ])("%s", async (_what, agent, input, options, words) => {
    expect(await go(agent, input, options)).toMatchObject({
      message: expect.stringMatching(words),
      reason: expect.any(String),
    });
    expect(claude.requests).toHaveLength(0);
  });

  it("and spoils no session: the next run of it is as if nothing had been", async () => {
    const store = memoryStore();
    const options = { store, session: "s" };
    await run({}, "Hi.", { ...options, claude: scripted(["Hello."]) });
    for (const input of [
      [{ type: "text", text: "" }],
      [{ role: "assistant", content: "Hi." }],
      [{ role: "user", content: [{ type: "tool_result", tool_use_id: "x" }] }],
    ]) {
      expect(await go({}, input, { ...options, claude })).toMatchObject({ reason: "agent" });
    }
    expect(await run({}, "More.", { ...options, claude: scripted(["Yes."]) })).toMatchObject({
      text: "Yes.",
    });
  });
});

describe("a store that fails while a run begins", () => {
  const failing = (how: "append" | "open" | "close"): Store => {
    const store = memoryStore();
    let fails = true;
    const broken = () => Promise.reject(new Error("no disk"));
    return {
      ...store,
      open: async (session, owner) => {
        if (how === "open" && fails) {
          fails = false;
          return broken();
        }
        const log = await store.open(session, owner);
        const wrapped: Log = { ...log, fence: log.fence, lost: log.lost };
        if (how === "append" && fails) Object.assign(wrapped, { append: broken });
        if (how === "close") Object.assign(wrapped, { close: () => log.close().then(broken) });
        fails = false;
        return wrapped;
      },
    };
  };

  it.each(["append", "open"] as const)(
    "at %s is told as a StoreError, and does not keep the session",
    async (how) => {
      const options = { store: failing(how), session: "s" };
      expect(await go({}, "Go.", { ...options, claude })).toMatchObject({
        reason: "store",
        cause: { message: "no disk" },
      });
      expect(await run({}, "Go.", { ...options, claude: scripted(["Done."]) })).toMatchObject({
        text: "Done.",
      });
    },
  );

  it("at close takes nothing away", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    expect(
      await run({}, "Go.", { store: failing("close"), session: "s", claude: scripted(["Done."]) }),
    ).toMatchObject({ text: "Done." });
    expect(warn).toHaveBeenCalledOnce();
  });

  it("by never opening is outrun by an abort", async () => {
    const store: Store = { ...memoryStore(), open: () => new Promise(() => {}) };
    const running = run({}, "Go.", { store, session: "s", claude, environment: virtualTime() });
    running.abort();
    expect(await running).toMatchObject({
      status: "ended",
      reason: "aborted",
      messages: [{ content: "Go." }],
    });
  });
});

describe("a Claude function that is anybody's code", () => {
  const says =
    (reply: unknown): Claude =>
    async () =>
      reply as never;
  const environment = virtualTime();

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["a text", "hello"],
    ["no content", { stop_reason: "end_turn" }],
    ["content that is no list", { content: "hello" }],
    ["a block that is null", { content: [null] }],
    ["a block without a type", { content: [{}] }],
    ["text that is a number", { content: [{ type: "text", text: 5 }] }],
    ["a model that is no name", { content: [], model: {} }],
  ])("and returns %s has broken its turn", async (_what, reply) => {
    const error = await go({}, "Go.", { claude: says(reply), environment });
    expect(error).toMatchObject({
      reason: "broken_stream",
      attempts: 5,
      message: expect.stringMatching(/not one of the Messages API/),
    });
  });

  it("may leave out the id of a call, or a text", async () => {
    const replies: unknown[] = [
      {
        id: "m",
        content: [{ type: "text" }, { type: "tool_use", name: "work", input: {} }],
        stop_reason: "tool_use",
      },
      { id: "m", content: [{ type: "text", text: "Done." }], stop_reason: "end_turn" },
    ];
    const result = await run({ tools: [work] }, "Go.", { claude: async () => replies.shift() as never });
    expect(result.messages[1]?.content).toMatchObject([
      { type: "tool_use", id: expect.stringMatching(/^toolu_/) },
    ]);
  });

  it("keeps its own error, frozen or none at all", async () => {
    const frozen = Object.freeze(new RangeError("mine"));
    expect(await go({}, "Go.", { claude: () => Promise.reject(frozen), environment })).toBe(frozen);
    expect(await go({}, "Go.", { claude: () => Promise.reject("just words"), environment })).toMatchObject({
      reason: "claude",
      cause: "just words",
    });
  });
});

describe("waiting", () => {
  it("longer than a timer can is cut into timers", async () => {
    vi.useFakeTimers();
    let woken = false;
    void realEnvironment.sleep(30 * 86_400_000).then(() => {
      woken = true;
    });
    await vi.advanceTimersByTimeAsync(29 * 86_400_000);
    expect(woken).toBe(false);
    await vi.advanceTimersByTimeAsync(86_400_000);
    expect(woken).toBe(true);
  });

  it("for ever is not waiting at all: a limit that is none ends nothing", async () => {
    const tools = [{ ...work, timeoutMs: Number.POSITIVE_INFINITY }];
    const limits = { maxDurationMs: 30 * 86_400_000, maxSteps: Number.POSITIVE_INFINITY };
    const result = await run({ tools, limits }, "Go.", { claude: scripted([[toolUse("work")], "Done."]) });
    expect(result).toMatchObject({ text: "Done." });
  });
});

describe("nothing takes the process down", () => {
  it("not a tool that aborts the run and throws in one breath", async () => {
    const controller = new AbortController();
    const rash = handTool("rash", () => {
      controller.abort();
      throw new Error("x");
    });
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const result = await run({ tools: [{ ...rash, timeoutMs: 1_000 }] }, "Go.", {
      claude: scripted([[toolUse("rash")]]),
      signal: controller.signal,
    });
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", unhandled);
    expect(result).toMatchObject({ reason: "aborted" });
    expect(unhandled).not.toHaveBeenCalled();
  });

  it("not a listener whose promise is of another realm", async () => {
    const report = vi.spyOn(console, "error").mockImplementation(() => {});
    const foreign = () => runInNewContext("Promise.reject(new Error('elsewhere'))");
    expect(await run({}, "Go.", { claude: scripted(["Done."]), onEvent: foreign })).toMatchObject({
      text: "Done.",
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(report).toHaveBeenCalledOnce();
  });

  it("not steering that nobody looks at", async () => {
    const running = run({}, "Go.", { claude: () => Promise.reject(new TypeError("x")) });
    void running.steer("Hurry!");
    void running.approve("x", { approved: true });
    await running.catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe("a reader", () => {
  it("can leave while it waits for what comes next, and several may wait at once", async () => {
    let release = () => {};
    const held: Claude = async (request, call) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return scripted(["Done."])(request, call);
    };
    const running = run({}, "Go.", { claude: held });
    const reader = running[Symbol.asyncIterator]();
    for (let event = await reader.next(); event.value?.type !== "model.start"; event = await reader.next());
    const waiting = [reader.next(), reader.next()];
    await reader.return?.();
    expect(await Promise.all(waiting)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    expect(await reader.next()).toEqual({ done: true, value: undefined });
    release();
    expect(await running).toMatchObject({ text: "Done." });
  });
});

describe("a session that is resumed with an agent that has lost a tool, or forbids it now", () => {
  it("answers the call, and goes on", async () => {
    const store = memoryStore();
    await run({ tools: [work] }, "Go.", {
      claude: scripted([[toolUse("work")], "Done."]),
      store,
      session: "s",
    });
    const log = upTo(await readLog(store), "tool.start");
    const options = { session: "s", ifExists: "resume", ifPrefixChanged: "continue" } as const;
    const without = await run({}, "Go.", {
      ...options,
      store: await storeWith(log),
      claude: scripted(["Done."]),
    });
    expect(JSON.stringify(without.messages)).toContain("There is no tool called");
    const denied = await run({ tools: [work], permit: () => "deny" }, "Go.", {
      ...options,
      store: await storeWith(log),
      claude: scripted(["Done."]),
    });
    expect(JSON.stringify(denied.messages)).toContain("Denied: work");
  });
});
