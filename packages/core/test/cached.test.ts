import type Anthropic from "@anthropic-ai/sdk";
import {
  type Claude,
  cached,
  endEarly,
  type ModelRequest,
  memoryStore,
  type ReplyCacheOptions,
  type ReplyStorage,
  run,
} from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { requestText } from "../src/claude/request-text.js";
import { retryBudgetOf } from "../src/claude/retry-budget.js";
import { apiError, handTool, virtualTime } from "./helpers.js";

const request: ModelRequest = {
  model: "claude-haiku-5-5",
  max_tokens: 100,
  messages: [{ role: "user", content: "What is the capital of Norway?" }],
};

function call(signal: AbortSignal = new AbortController().signal) {
  const events: { type: string }[] = [];
  return { signal, events, emit: (event: { type: string }) => void events.push(event) };
}

const bounds: ReplyCacheOptions = { lifetimeMs: 60_000, maxEntries: 10 };

/** A model that answers with how often it was asked, once it is let. */
function counting(reply: (count: number) => string | object = (count) => `Answer ${count}.`) {
  const asked: ModelRequest[] = [];
  const inner = scripted(Array.from({ length: 50 }, (_, index) => () => reply(index + 1) as string));
  const claude: Claude = (given, how) => {
    asked.push(given);
    return inner(given, how);
  };
  return { claude, asked };
}

function textOf(message: Anthropic.Message): string {
  return message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

function recordingStorage(): ReplyStorage & { readonly held: Map<string, string> } {
  const held = new Map<string, string>();
  return {
    held,
    get: async (key) => held.get(key),
    set: async (key, value) => held.set(key, value),
    delete: async (key) => held.delete(key),
  };
}

/** As a query builder gives them: no promise of the platform's, and without `catch`. */
function thenable(how: "resolves" | "rejects" | "throws" | "hangs", value?: unknown): Promise<never> {
  const then = (resolve: (value: unknown) => void, reject: (error: unknown) => void): void => {
    if (how === "resolves") resolve(value);
    if (how === "rejects") reject(new Error("down"));
    if (how === "throws") throw new Error("down");
  };
  return { then } as unknown as Promise<never>;
}

describe("cached()", () => {
  it("answers an equal request without a call, streams it, and it costs nothing under an id of its own", async () => {
    const { claude, asked } = counting();
    const ask = cached(claude, bounds);
    const first = await ask(request, call());
    const second = call();
    const again = await ask(structuredClone(request), second);
    expect(asked).toHaveLength(1);
    expect(textOf(again)).toBe("Answer 1.");
    expect(again.id).not.toBe(first.id);
    expect(again.usage).toMatchObject({ input_tokens: 0, output_tokens: 0, cache_read_input_tokens: 0 });
    expect(second.events.map(({ type }) => type)).toEqual([
      ...["message_start", "content_block_start", "content_block_delta", "content_block_stop"],
      ...["message_delta", "message_stop"],
    ]);
    expect(second.events[2]).toMatchObject({ delta: { type: "text_delta", text: "Answer 1." } });
  });

  it("costs a run nothing, shows its watchers the text, and tells no lie of the prompt's size", async () => {
    const ask = cached(counting(() => ({ content: "Oslo.", usage: { input_tokens: 5_000 } })).claude, bounds);
    const agent = { model: "claude-haiku-5-5" };
    const first = await run(agent, "Capital of Norway?", { claude: ask });
    const shown: string[] = [];
    const again = await run(agent, "Capital of Norway?", {
      claude: ask,
      onEvent: (event) => {
        if (event.type === "message.delta" && event.delta.type === "text_delta") shown.push(event.delta.text);
        if (event.type === "model.end") expect(event.cacheMiss).toBeUndefined();
      },
    });
    expect(first.cost.usd).toBeGreaterThan(0);
    expect(again).toMatchObject({ text: "Oslo.", cost: { usd: 0 }, reason: "end_turn" });
    expect(shown.join("")).toBe("Oslo.");
  });

  it("never lets a free answer make the next prompt look small: the cap holds", async () => {
    const long = "x".repeat(50_000);
    const look = handTool("look", () => "seen");
    const usage = { input_tokens: 40_000, output_tokens: 50 };
    const ask = cached(
      scripted([
        { content: [toolUse("look")], usage },
        { content: "Done.", usage },
        // A third run asks the first step's question for free, and another second one.
        { content: "Other.", usage },
      ]),
      bounds,
    );
    const agent = { model: "claude-opus-5-5", tools: [look], limits: { maxTotalTokens: 200_000 } };
    await run(agent, long, { claude: ask });
    let reserved = 0;
    await run({ ...agent, tools: [{ ...look, run: () => "seen again" }] }, long, {
      claude: ask,
      onEvent: (event) => {
        if (event.type === "model.start") reserved = event.reserved?.tokens ?? 0;
      },
    });
    expect(reserved).toBeGreaterThan(50_000);
  });

  it("is not taken for a prompt that was missing from the API's cache", async () => {
    const storage = recordingStorage();
    const usage = { input_tokens: 10, cache_creation_input_tokens: 5_000, cache_read_input_tokens: 0 };
    const first = { content: [toolUse("look", {}, "toolu_x")], usage };
    const claude = scripted([first, { content: "Done.", usage }, first]);
    const ask = cached(claude, { ...bounds, storage });
    const agent = { tools: [handTool("look", () => "seen")] };
    await run(agent, "Look", { claude: ask });
    const [oldest = ""] = storage.held.keys();
    storage.held.delete(oldest);
    const misses: unknown[] = [];
    const again = await run(agent, "Look", {
      claude: ask,
      onEvent: (event) => {
        if (event.type === "model.end") misses.push(event.cacheMiss);
      },
    });
    expect(again.text).toBe("Done.");
    expect(claude.requests).toHaveLength(3);
    expect(misses).toEqual([undefined, undefined]);
  });

  it("holds a whole run with tools: the second needs no call, for calls keep their ids", async () => {
    const claude = scripted([[toolUse("look", { at: 1 })], "Nothing to see."]);
    const ask = cached(claude, bounds);
    let looks = 0;
    const tool = handTool("look", () => {
      looks += 1;
      return "nothing";
    });
    const keys: string[] = [];
    const watch = (event: { type: string; idempotencyKey?: string }) => {
      if (event.type === "tool.start") keys.push(String(event.idempotencyKey));
    };
    const first = await run({ tools: [tool] }, "Look", { claude: ask, onEvent: watch });
    const again = await run({ tools: [tool] }, "Look", { claude: ask, onEvent: watch });
    expect(claude.requests).toHaveLength(2);
    expect(again.text).toBe("Nothing to see.");
    expect(again.messages).toEqual(first.messages);
    expect(looks).toBe(2);
    // The same call id in two sessions is still two calls to whoever goes by the key.
    expect(new Set(keys).size).toBe(2);
  });

  it.each<[string, (given: ModelRequest) => ModelRequest]>([
    ["model", (given) => ({ ...given, model: "claude-opus-5-5" })],
    ["max_tokens", (given) => ({ ...given, max_tokens: 101 })],
    ["system", (given) => ({ ...given, system: "Be brief." })],
    ["metadata", (given) => ({ ...given, metadata: { user_id: "another" } })],
    [
      "messages",
      (given) => ({ ...given, messages: [{ role: "user", content: "What is the capital of Norway" }] }),
    ],
    [
      "a tool's input",
      (given) => ({
        ...given,
        tools: [{ name: "t", input_schema: { type: "object", properties: { cache_control: {} } } }],
      }),
    ],
  ])("asks again where another %s is given", async (_what, change) => {
    const { claude, asked } = counting();
    const ask = cached(claude, bounds);
    await ask(request, call());
    expect(textOf(await ask(change(request), call()))).toBe("Answer 2.");
    expect(asked).toHaveLength(2);
  });

  it("takes requests for equal whatever the order of their fields and wherever their cache markers stand", () => {
    const marker = { cache_control: { type: "ephemeral" as const } };
    const schema = { type: "object" as const, properties: { a: {}, b: {} } };
    const one: ModelRequest = {
      ...request,
      system: "Be brief.",
      tools: [{ name: "t", input_schema: schema }],
      messages: [
        { role: "user", content: "Hi" },
        { role: "assistant", content: [{ type: "tool_use", id: "1", name: "t", input: { a: 1, b: 2 } }] },
        {
          role: "user",
          content: [{ type: "tool_result", tool_use_id: "1", content: [{ type: "text", text: "x" }] }],
        },
      ],
    };
    const other = {
      ...marker,
      messages: [
        { content: [{ text: "Hi", ...marker, type: "text" }], role: "user" },
        { role: "assistant", content: [{ input: { b: 2, a: 1 }, type: "tool_use", id: "1", name: "t" }] },
        {
          role: "user",
          content: [
            {
              ...marker,
              type: "tool_result",
              tool_use_id: "1",
              content: [{ ...marker, text: "x", type: "text" }],
            },
          ],
        },
      ],
      tools: [{ ...marker, input_schema: { properties: { b: {}, a: {} }, type: "object" }, name: "t" }],
      system: [{ type: "text", text: "Be brief.", ...marker }],
      max_tokens: request.max_tokens,
      model: request.model,
    } as ModelRequest;
    expect(requestText(other)).toBe(requestText(one));
    const withInput = (input: object): ModelRequest => ({
      ...request,
      messages: [{ role: "assistant", content: [{ type: "tool_use", id: "1", name: "t", input }] }],
    });
    // A tool may have an input of that name: there it is no marker.
    expect(requestText(withInput({ cache_control: 1 }))).not.toBe(
      requestText(withInput({ cache_control: 2 })),
    );
  });

  it.each<[string, object]>([
    ["a refusal", { content: "No.", stop_reason: "refusal" }],
    ["a reply cut off by max_tokens", { content: "Os", stop_reason: "max_tokens" }],
    ["one cut off by the window", { content: "Os", stop_reason: "model_context_window_exceeded" }],
    ["a paused turn", { content: "Os", stop_reason: "pause_turn" }],
    ["a reply that was ended early", { content: "Os", stop_reason: "ended_early" }],
    ["a reason that nobody knows", { content: "Os", stop_reason: "news" }],
    ["an empty reply", { content: [] }],
    ["one that lives on in a container", { content: "Os", container: { id: "c", expires_at: "2026-01-01" } }],
    ["a call with broken input", { content: [toolUse("t", { INVALID_JSON: "{" })] }],
  ])("does not keep %s", async (_what, reply) => {
    const { claude, asked } = counting(() => reply);
    const ask = cached(claude, bounds);
    await ask(request, call());
    await ask(request, call());
    expect(asked).toHaveLength(2);
  });

  it("asks anew once a reply's lifetime is over, by the clock that it was given", async () => {
    const environment = virtualTime();
    const { claude } = counting();
    const ask = cached(claude, { ...bounds, environment });
    await ask(request, call());
    await environment.sleep(59_999);
    expect(textOf(await ask(request, call()))).toBe("Answer 1.");
    await environment.sleep(1);
    expect(textOf(await ask(request, call()))).toBe("Answer 2.");
  });

  it("keeps no more than maxEntries, and lets go of the one that was not used for longest", async () => {
    const { claude, asked } = counting();
    const storage = recordingStorage();
    const ask = cached(claude, { ...bounds, maxEntries: 2, storage });
    const about = (content: string) => ask({ ...request, messages: [{ role: "user", content }] }, call());
    await about("A");
    await about("B");
    await about("A");
    await about("C");
    expect(storage.held.size).toBe(2);
    await about("A");
    expect(asked).toHaveLength(3);
    await about("B");
    expect(asked).toHaveLength(4);
  });

  it("makes one call for equal requests at the same time", async () => {
    const { claude, asked } = counting();
    const ask = cached(claude, bounds);
    const calls = Array.from({ length: 20 }, () => call());
    const replies = await Promise.all(calls.map((one) => ask(request, one)));
    expect(asked).toHaveLength(1);
    expect(new Set(replies.map(textOf))).toEqual(new Set(["Answer 1."]));
    expect(new Set(replies.map(({ id }) => id)).size).toBe(20);
    expect(calls.every(({ events }) => events.at(-1)?.type === "message_stop")).toBe(true);
    expect(replies.filter(({ usage }) => usage.input_tokens > 0)).toHaveLength(1);
    // What one run does with its reply must not reach another's.
    expect(replies[1]?.content[0]).not.toBe(replies[2]?.content[0]);
  });

  it("lets those who waited ask by themselves when the call they waited for fails", async () => {
    const { claude } = counting();
    let first = true;
    const ask = cached(async (given, how) => {
      if (!first) return claude(given, how);
      first = false;
      await Promise.resolve();
      throw apiError(529, "overloaded_error");
    }, bounds);
    const [leader, ...others] = await Promise.allSettled([1, 2, 3].map(() => ask(request, call())));
    expect(leader?.status).toBe("rejected");
    expect(others.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
  });

  it("goes on with one call when the caller it waited for aborts, even over a model that does not listen", async () => {
    const { claude, asked } = counting();
    let first = true;
    const ask = cached(async (given, how) => {
      if (!first) return claude(given, how);
      first = false;
      return new Promise<never>(() => {});
    }, bounds);
    const controller = new AbortController();
    const leader = ask(request, call(controller.signal));
    const others = [1, 2, 3].map(() => ask(request, call()));
    controller.abort(new Error("not wanted"));
    await expect(leader).rejects.toThrow("not wanted");
    expect((await Promise.all(others)).map(textOf)).toEqual(["Answer 1.", "Answer 1.", "Answer 1."]);
    expect(asked).toHaveLength(1);
  });

  it("lets one who waits leave at once when it aborts, and nobody else", async () => {
    let answer: (text: string) => void = () => {};
    const inner = scripted([() => new Promise<string>((resolve) => (answer = resolve))]);
    const ask = cached(inner, bounds);
    const leader = ask(request, call());
    const controller = new AbortController();
    const waiting = ask(request, call(controller.signal));
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    answer("Oslo.");
    expect(textOf(await leader)).toBe("Oslo.");
  });

  it("shares a storage between two functions, under keys that tell nothing", async () => {
    const storage = recordingStorage();
    const secret = { ...request, system: "The password is sesame." };
    await cached(counting().claude, { ...bounds, storage })(secret, call());
    const { claude, asked } = counting();
    expect(textOf(await cached(claude, { ...bounds, storage })(secret, call()))).toBe("Answer 1.");
    expect(asked).toHaveLength(0);
    for (const key of storage.held.keys()) expect(key).toMatch(/^lockstitch-reply-[0-9a-f]{14}$/);
  });

  it("never gives the answer of another request, should two share a key", async () => {
    const storage = recordingStorage();
    const { claude } = counting();
    const ask = cached(claude, { ...bounds, storage });
    await ask(request, call());
    const [entry] = storage.held.values();
    // A storage in which every key is the same.
    const one: ReplyStorage = { get: async () => entry, set: async () => {}, delete: async () => {} };
    const other = { ...request, max_tokens: 7 };
    expect(textOf(await cached(claude, { ...bounds, storage: one })(other, call()))).toBe("Answer 2.");
    expect(textOf(await cached(claude, { ...bounds, storage: one })(request, call()))).toBe("Answer 1.");
  });

  it.each<[string, ReplyStorage]>([
    [
      "rejects",
      {
        get: () => Promise.reject(new Error("down")),
        set: () => Promise.reject(new Error("down")),
        delete: () => Promise.reject(new Error("down")),
      },
    ],
    [
      "throws",
      {
        get: () => {
          throw new Error("down");
        },
        set: () => {
          throw new Error("down");
        },
        delete: () => {
          throw new Error("down");
        },
      },
    ],
    [
      "never answers",
      {
        get: () => new Promise(() => {}),
        set: () => new Promise(() => {}),
        delete: () => new Promise(() => {}),
      },
    ],
    [
      "has promises of its own kind, which reject",
      { get: () => thenable("rejects"), set: () => thenable("rejects"), delete: () => thenable("rejects") },
    ],
    [
      "has promises of its own kind, which never settle",
      { get: () => thenable("hangs"), set: () => thenable("hangs"), delete: () => thenable("hangs") },
    ],
    [
      "has promises of its own kind, which throw",
      { get: () => thenable("throws"), set: () => thenable("throws"), delete: () => thenable("throws") },
    ],
    ["gives rubbish", { get: async () => "{", set: async () => {}, delete: async () => {} }],
    [
      "gives something else",
      { get: async () => '{"message":{"content":"x"}}', set: async () => {}, delete: async () => {} },
    ],
  ])("a storage that %s does no harm", async (_how, storage) => {
    const { claude, asked } = counting();
    const ask = cached(claude, { lifetimeMs: 1, maxEntries: 1, storage, environment: virtualTime() });
    expect(textOf(await ask(request, call()))).toBe("Answer 1.");
    expect(textOf(await ask({ ...request, max_tokens: 5 }, call()))).toBe("Answer 2.");
    expect(asked).toHaveLength(2);
  });

  it("finds what a storage with promises of its own kind gives", async () => {
    const { held, ...storage } = recordingStorage();
    const get = (key: string) => thenable("resolves", held.get(key)) as Promise<string | undefined>;
    const { claude, asked } = counting();
    const ask = cached(claude, { ...bounds, storage: { ...storage, get } });
    await ask(request, call());
    expect(textOf(await ask(request, call()))).toBe("Answer 1.");
    expect(asked).toHaveLength(1);
  });

  it("lets nothing go unhandled where a call was aborted before it began", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    const ask = cached(async () => Promise.reject(new Error("aborted")), bounds);
    await expect(ask(request, call(AbortSignal.abort(new Error("not wanted"))))).rejects.toThrow(
      "not wanted",
    );
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  it("refuses what can't be meant", () => {
    const { claude } = counting();
    expect(() => cached(claude, { ...bounds, maxAge: 5 } as ReplyCacheOptions)).toThrow(
      /no option "maxAge" of cached\(\).*lifetimeMs, maxEntries, storage/,
    );
    expect(() => cached("claude" as unknown as Claude, bounds)).toThrow(/takes a Claude function/);
    expect(() => cached(claude, { ...bounds, lifetimeMs: 0 })).toThrow(/lifetimeMs is 0/);
    expect(() => cached(claude, { ...bounds, maxEntries: 0 })).toThrow(/maxEntries is 0/);
    expect(() => cached(claude, { ...bounds, storage: {} as ReplyStorage })).toThrow(/get, set and delete/);
  });

  it("shares the retries and the counting of what it goes over, so that an outage is not multiplied by wrappers", () => {
    const { claude } = counting();
    expect(retryBudgetOf(cached(claude, bounds))).toBe(retryBudgetOf(claude));
    expect(retryBudgetOf(endEarly(claude, () => true))).toBe(retryBudgetOf(claude));
    const counts = Object.assign(counting().claude, { countTokens: async () => 7 });
    expect(cached(counts, bounds).countTokens).toBe(counts.countTokens);
    expect(endEarly(counts, () => true).countTokens).toBe(counts.countTokens);
  });

  it("works in a session with a store", async () => {
    const { claude, asked } = counting();
    const ask = cached(claude, bounds);
    const store = memoryStore();
    await run({}, "A", { claude: ask, store, session: "one" });
    await run({}, "A", { claude: ask, store, session: "two" });
    expect(asked).toHaveLength(1);
  });
});
