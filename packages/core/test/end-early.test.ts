import Anthropic from "@anthropic-ai/sdk";
import {
  type AgentEvent,
  type Claude,
  cached,
  claude,
  type Delta,
  endEarly,
  type ModelRequest,
  memoryStore,
  run,
  type StreamEvent,
} from "@lockstitch/core";
import {
  createSimulator,
  replaySession,
  type Simulator,
  scripted,
  scriptMind,
  toolUse,
} from "@lockstitch/testing";
import { afterEach, describe, expect, it } from "vitest";
import { handTool } from "./helpers.js";
import { absent, found, type RecordedStream, startOf, streams } from "./recordings.js";

const words = Array.from({ length: 2_000 }, (_, index) => `word${index}`).join(" ");

const request: ModelRequest = {
  model: "claude-haiku-5-5",
  max_tokens: 1_000,
  messages: [{ role: "user", content: "Hi" }],
};

let simulator: Simulator | undefined;
afterEach(async () => simulator?.close());

describe("endEarly() over HTTP", () => {
  /** A model that writes a long text, a piece at each tick of the event loop. */
  async function writer() {
    const seen = { ticks: 0 };
    let done = () => {};
    simulator = await createSimulator({
      mind: scriptMind([words, words]),
      pace: { tokensPerSecond: 100, chunkCharacters: 20 },
      sleep: async (_milliseconds, signal) => {
        seen.ticks += 1;
        await new Promise((next) => setImmediate(next));
        signal.throwIfAborted();
      },
      onRequest: () => done(),
    });
    /** Until the server is done with a request, answered or not. */
    const served = () =>
      new Promise<void>((resolve) => {
        done = resolve;
      });
    const client = new Anthropic({ apiKey: "any", baseURL: simulator.url, logLevel: "off" });
    return { ask: claude({ client }), seen, served };
  }

  it("closes the connection, keeps what was streamed, and a small part of the whole is paid", async () => {
    const { ask, seen, served } = await writer();
    const agent = { model: "claude-sonnet-5-5" };
    const [whole] = await Promise.all([run(agent, "Write.", { claude: ask }), served()]);
    const ticks = seen.ticks;
    const closed = served();
    const early = await run(agent, "Write.", {
      claude: endEarly(ask, ({ text }) => text.includes("word20")),
    });
    await closed;
    expect(seen.ticks - ticks).toBeLessThan(ticks / 10);
    expect(early).toMatchObject({ status: "ended", reason: "ended_early", steps: 1 });
    expect(words.startsWith(early.text)).toBe(true);
    expect(early.text).toContain("word20");
    expect(early.text.length).toBeLessThan(400);
    expect(early.usage.input_tokens).toBe(whole.usage.input_tokens);
    expect(early.usage.output_tokens).toBeGreaterThan(10);
    const part = (early.cost.usd ?? 1) / (whole.cost.usd ?? 0);
    console.info(`endEarly(): ${(100 * part).toFixed(1)} % of what the whole answer costs`);
    expect(part).toBeLessThan(0.05);
  });

  it("counts all that might have been made against a limit on money, for nobody told what was", async () => {
    const { ask } = await writer();
    const ends: Extract<AgentEvent, { type: "model.end" }>[] = [];
    const result = await run({ model: "claude-sonnet-5-5", maxTokens: 4_000, limits: { usd: 1 } }, "Write.", {
      claude: endEarly(ask, ({ text }) => text.includes("word20")),
      onEvent: (event) => {
        if (event.type === "model.end") ends.push(event);
      },
    });
    expect(ends[0]?.outcome).toBe("message");
    expect(ends[0]?.charged?.tokens).toBe(result.usage.input_tokens + 4_000);
    expect(ends[0]?.charged?.usd).toBeGreaterThan(10 * (result.cost.usd ?? 1));
  });
});

describe("endEarly()", () => {
  it("leaves a reply as it is where it never is enough", async () => {
    const ask = endEarly(scripted(["All of it."]), () => false);
    expect(await run({}, "Hi", { claude: ask })).toMatchObject({
      text: "All of it.",
      reason: "end_turn",
      usage: { input_tokens: 10, output_tokens: 5 },
    });
  });

  it("drops a call that was not complete, runs none, and leaves a history that can be gone on from", async () => {
    let ran = 0;
    const tool = handTool("look", () => ++ran, { effects: "once" });
    const inner = scripted([
      [
        { type: "text", text: "Let me look." },
        toolUse("look", { at: "here" }),
        toolUse("look", { at: "there" }),
      ],
      "Going on.",
    ]);
    const ask = endEarly(inner, ({ blocks }) => blocks.some(({ type }) => type === "tool_use"));
    const result = await run({ tools: [tool] }, "Look", { claude: ask });
    expect(result).toMatchObject({ reason: "ended_early" });
    expect(ran).toBe(0);
    expect(result.messages[1]).toMatchObject({
      content: [
        { type: "text", text: "Let me look." },
        { type: "tool_use", input: { at: "here" } },
      ],
    });
    const next = await run({ tools: [tool] }, [...result.messages, { role: "user", content: "Go on" }], {
      claude: inner,
    });
    expect(next.text).toBe("Going on.");
  });

  it("says no untruth of a call that began while its reply was streamed: its tool has run, and what it gave is not needed", async () => {
    let ran = 0;
    const look = handTool("look", () => ++ran);
    const inner: Claude = async (given, { emit, signal }) => {
      const message = await scripted(["x"])(given, { signal, emit: () => {} });
      const block = toolUse("look", {}, "toolu_x");
      const text = { type: "text", text: "", citations: null };
      for (const event of [
        { type: "message_start", message: { ...message, content: [], stop_reason: null } },
        { type: "content_block_start", index: 0, content_block: block },
        { type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: "{}" } },
        { type: "content_block_stop", index: 0, content_block: block },
      ])
        emit(event as StreamEvent);
      while (ran === 0) await new Promise((resolve) => setImmediate(resolve));
      emit({ type: "content_block_start", index: 1, content_block: text } as StreamEvent);
      emit({ type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "enough" } });
      return new Promise(() => {});
    };
    const ask = endEarly(inner, ({ text }) => text === "enough");
    const result = await run({ tools: [look] }, "Look", { claude: ask });
    expect(ran).toBe(1);
    expect(JSON.stringify(result.messages)).not.toMatch(/not run/i);
    expect(result.messages.at(-1)?.content).toMatchObject([
      { type: "tool_result", tool_use_id: "toolu_x", content: "Not needed: the reply was ended early." },
    ]);
  });

  it("drops a call that has begun and a thought that isn't finished", async () => {
    const events = [
      { type: "content_block_start", index: 1, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "Hello wor" } },
    ];
    const inner: Claude = async (request, { emit, signal }) => {
      const [message] = [await scripted(["x"])(request, { signal, emit: () => {} })];
      emit({ type: "message_start", message: { ...message, content: [], stop_reason: null } });
      emit({
        type: "content_block_start",
        index: 0,
        content_block: { type: "thinking", thinking: "", signature: "" },
      });
      emit({
        type: "content_block_delta",
        index: 0,
        delta: { type: "thinking_delta", thinking: "hm" },
      } as never);
      emit({
        type: "content_block_start",
        index: 2,
        content_block: { ...(toolUse("look", {}, "t") as object) },
      } as never);
      emit({
        type: "content_block_delta",
        index: 2,
        delta: { type: "input_json_delta", partial_json: '{"a' },
      });
      for (const event of events) emit(event as never);
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    };
    const result = await run({}, "Hi", { claude: endEarly(inner, ({ text }) => text === "Hello wor") });
    expect(result.messages[1]?.content).toEqual([{ type: "text", text: "Hello wor" }]);
    expect(result.usage.input_tokens).toBe(10);
    // Words, a thought, a call that was begun: no less than about fifty tokens.
    expect(result.usage.output_tokens).toBeGreaterThan(47);
    expect(result.usage.output_tokens).toBeLessThan(60);
  });

  it("never says fewer tokens than the API itself, nor more than the reply might have had", async () => {
    const start = (output_tokens: number) => async (maxTokens: number) => {
      const inner: Claude = async (request, { emit, signal }) => {
        const message = await scripted([words])(request, { signal, emit: () => {} });
        const usage = { ...message.usage, output_tokens };
        emit({ type: "message_start", message: { ...message, content: [], usage } });
        emit({
          type: "content_block_start",
          index: 0,
          content_block: { type: "text", text: "", citations: null },
        });
        emit({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: words } });
        return message;
      };
      const { usage } = await run({ maxTokens }, "Hi", { claude: endEarly(inner, () => true) });
      return usage.output_tokens;
    };
    expect(await start(90_000)(100_000)).toBe(90_000);
    expect(await start(1)(500)).toBe(500);
  });

  it("is free over an answer that is free", async () => {
    const free = { input_tokens: 0, output_tokens: 0 };
    const inner: Claude = async (request, { emit, signal }) => {
      const message = await scripted(["A long answer."])(request, { signal, emit: () => {} });
      emit({
        type: "message_start",
        message: { ...message, content: [], usage: { ...message.usage, ...free } },
      });
      emit({
        type: "content_block_start",
        index: 0,
        content_block: { type: "text", text: "", citations: null },
      });
      emit({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "A long" } });
      return message;
    };
    const { cost, text } = await run({}, "Hi", { claude: endEarly(inner, () => true) });
    expect({ cost, text }).toEqual({ cost: { usd: 0 }, text: "A long" });
  });

  it("ends the run with what the predicate throws, aborts the call, and does not try again", async () => {
    let aborted = false;
    let calls = 0;
    const inner: Claude = async (request, { emit, signal }) => {
      calls += 1;
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      return scripted(["Some text"])(request, { emit, signal }).then(() => new Promise<never>(() => {}));
    };
    const ask = endEarly(inner, () => {
      throw new TypeError("a bug in the predicate");
    });
    await expect(run({}, "Hi", { claude: ask })).rejects.toThrow("a bug in the predicate");
    expect({ aborted, calls }).toEqual({ aborted: true, calls: 1 });
  });

  it("hands an abort on to the call", async () => {
    const controller = new AbortController();
    const never: Claude = (_request, { signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const { signal } = controller;
    const calling = endEarly(never, () => true)(request, { signal, emit: () => {} });
    controller.abort(new Error("not wanted"));
    await expect(calling).rejects.toThrow("not wanted");
    expect(await run({}, "Hi", { claude: endEarly(never, () => true), signal })).toMatchObject({
      reason: "aborted",
    });
  });

  it("leaves the summary of a compaction alone: half of one would lose the other half of a history", async () => {
    const purposes: unknown[] = [];
    const inner = scripted(["The whole summary.", "A long answer."]);
    const ask: Claude = (given, call) => {
      purposes.push(call.purpose);
      return inner(given, call);
    };
    const said = Array.from({ length: 7 }, (_, index) => ({
      role: index % 2 === 0 ? ("user" as const) : ("assistant" as const),
      content: `${index} ${"word ".repeat(5_000)}`,
    }));
    const agent = { model: "claude-sonnet-5-5", compact: { at: 0.01, keep: 1 } };
    const options = { store: memoryStore(), session: "s" };
    // What the history begins with must have been taken up by a run before.
    await run({ ...agent, compact: false }, said, {
      ...options,
      claude: scripted([{ content: "So far.", usage: { input_tokens: 43_000 } }]),
    });
    const result = await run(agent, "Go on", {
      ...options,
      claude: endEarly(ask, ({ text }) => text.length > 4),
    });
    expect(purposes).toEqual(["compaction", undefined]);
    expect(JSON.stringify(result.messages)).toContain("The whole summary.");
    expect(result).toMatchObject({ reason: "ended_early", text: "A long answe" });
  });

  it("passes nothing on of what comes behind the end", async () => {
    const events: { type: string }[] = [];
    const emit = (event: { type: string }) => void events.push(event);
    const ask = endEarly(scripted(["Twelve chars and many more behind them."]), () => true);
    await ask(request, { signal: new AbortController().signal, emit });
    expect(events.map(({ type }) => type)).toEqual([
      ...["message_start", "content_block_start", "content_block_delta"],
    ]);
  });

  it("drops a call that the API was running itself, and keeps one that it had answered", async () => {
    const search = (id: string) => ({
      type: "server_tool_use",
      id,
      name: "web_search",
      input: { query: "x" },
    });
    const found = { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] };
    const inner = scripted([
      [search("srvtoolu_1"), found, search("srvtoolu_2"), { type: "text", text: "So" }] as never,
    ]);
    const ask = endEarly(inner, ({ text }) => text === "So");
    const { content } = await ask(request, { signal: new AbortController().signal, emit: () => {} });
    expect(content.map(({ type }) => type)).toEqual(["server_tool_use", "web_search_tool_result", "text"]);
  });

  it("leaves a session that replays from its log, and a hit of cached() as well", async () => {
    const events: AgentEvent[] = [];
    const onEvent = (event: AgentEvent | Delta) => {
      if ("seq" in event) events.push(event);
    };
    const agent = { model: "claude-haiku-5-5", limits: { usd: 1 }, tools: [handTool("look", () => "seen")] };
    const inner = scripted([[{ type: "text", text: "I shall look." }, toolUse("look")], "A long answer."]);
    const ask = endEarly(cached(inner, { lifetimeMs: 1_000, maxEntries: 9 }), ({ text }) =>
      text.startsWith("A long"),
    );
    await run(agent, "Look", { claude: ask });
    const result = await run(agent, "Look", { claude: ask, onEvent });
    expect(result).toMatchObject({ reason: "ended_early", steps: 2 });
    expect(await replaySession(agent, events)).toMatchObject({ departures: [], steps: 2 });
  });

  it("refuses what can't be meant", () => {
    expect(() => endEarly(scripted([]), "enough" as never)).toThrow(/a Claude function and a predicate/);
  });
});

describe("what endEarly() estimates", () => {
  /** The output tokens that are estimated when a recorded reply is ended at its last piece, for each that the API counted. */
  async function ratioOf({ events }: RecordedStream): Promise<number> {
    const { usage, ...start } = startOf(events);
    let looks = 0;
    const upTo = (enough: () => boolean) => {
      const inner: Claude = async (_request, { emit }) => {
        for (const event of events) {
          // As if the API had told of the input alone.
          const quiet = {
            type: "message_start",
            message: { ...start, usage: { ...usage, output_tokens: 0 } },
          };
          if (event.type === "message_start") emit(quiet as StreamEvent);
          else if (!["message_delta", "message_stop"].includes(event.type)) emit(event as StreamEvent);
        }
        return { ...start, usage, content: [], stop_reason: "end_turn" } as never;
      };
      const request = { model: start.model, max_tokens: 100_000, messages: [] };
      return endEarly(inner, enough)(request, { signal: new AbortController().signal, emit: () => {} });
    };
    await upTo(() => ++looks < 0);
    const all = looks;
    looks = 0;
    const early = await upTo(() => ++looks === all);
    return early.usage.output_tokens / countedIn(events);
  }

  function countedIn(events: RecordedStream["events"]): number {
    const end = events.findLast(({ type }) => type === "message_delta");
    return (end?.usage as { output_tokens?: number } | undefined)?.output_tokens ?? 0;
  }

  it.skipIf(!found)(`is near what the API counted for recorded replies${absent}`, async () => {
    const plain = streams.filter(({ events }) => {
      const kinds = events.map(
        ({ content_block }) => (content_block as { type?: string } | undefined)?.type ?? "text",
      );
      return countedIn(events) >= 20 && kinds.every((kind) => ["text", "tool_use"].includes(kind));
    });
    const ratios = (await Promise.all(plain.map(ratioOf))).sort((a, b) => a - b);
    const at = (part: number) => ratios[Math.floor((ratios.length - 1) * part)] ?? Number.NaN;
    console.info(
      `endEarly(): of ${ratios.length} recorded replies, estimated ÷ counted is ${at(0.5).toFixed(2)} in the middle, ` +
        `${at(0.1).toFixed(2)} to ${at(0.9).toFixed(2)} for four fifths, ${at(0).toFixed(2)} to ${at(1).toFixed(2)} for all`,
    );
    expect(ratios.length).toBeGreaterThan(20);
    expect(at(0.5)).toBeGreaterThan(0.85);
    expect(at(0.5)).toBeLessThan(1.15);
    expect(at(0.1)).toBeGreaterThan(0.6);
    expect(at(0.9)).toBeLessThan(1.5);
  });
});
