import { getEventListeners } from "node:events";
import {
  type Agent,
  AgentError,
  type AgentEvent,
  BadRequestError,
  type Claude,
  type Delta,
  memoryStore,
  partialOf,
  type RunOptions,
  run,
  ToolError,
} from "@lockstitch/core";
import { type ScriptedReply, scripted, toolUse } from "@lockstitch/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { apiError, handTool, types, virtualTime } from "./helpers.js";
import { message } from "./sse-server.js";

afterEach(() => {
  vi.restoreAllMocks();
});

const weather = handTool("get_weather", (input) => ({ ...(input as object), celsius: 3 }));

/** Runs a scripted conversation and checks that the script was used up. */
async function play(agent: Agent, replies: readonly ScriptedReply[], options: RunOptions = {}) {
  const claude = scripted(replies);
  const result = await run(agent, "Go.", { claude, ...options });
  claude.assertUsedUp();
  return { result, requests: claude.requests };
}

describe("a run", () => {
  it("calls the tool the model asks for, and answers with what the model then says", async () => {
    const { result } = await play({ tools: [weather] }, [
      [toolUse("get_weather", { location: "Oslo" })],
      "It is 3 °C.",
    ]);
    expect(result).toMatchObject({
      status: "ended",
      reason: "end_turn",
      text: "It is 3 °C.",
      steps: 2,
      output: undefined,
    });
    expect(result.messages).toEqual([
      { role: "user", content: "Go." },
      {
        role: "assistant",
        content: [{ type: "tool_use", id: "toolu_1", name: "get_weather", input: { location: "Oslo" } }],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "toolu_1", content: '{"location":"Oslo","celsius":3}' },
        ],
      },
      { role: "assistant", content: [{ type: "text", text: "It is 3 °C." }] },
    ]);
  });

  it("sends the whole history each time, with model, limit, system and tools", async () => {
    const agent: Agent = {
      model: "claude-haiku-5-5",
      maxTokens: 512,
      system: "Be brief.",
      tools: [weather],
      request: { stop_sequences: ["X"] },
      cache: false,
    };
    const { requests, result } = await play(agent, [[toolUse("get_weather", {})], "Done."]);
    expect(requests).toHaveLength(2);
    for (const request of requests) {
      expect(request).toMatchObject({
        model: "claude-haiku-5-5",
        max_tokens: 512,
        system: "Be brief.",
        stop_sequences: ["X"],
      });
      expect(request.tools).toEqual([
        {
          name: "get_weather",
          input_schema: { type: "object", properties: {}, additionalProperties: false },
        },
      ]);
    }
    expect(requests[1]?.messages).toEqual(result.messages.slice(0, 3));
  });

  it("runs the calls of one reply side by side and answers them in one message, in the order of the calls", async () => {
    let running = 0;
    let most = 0;
    const slow = handTool("slow", async (input) => {
      most = Math.max(most, ++running);
      const { turns } = input as { turns: number };
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      running -= 1;
      return `after ${turns}`;
    });
    const calls = [30, 20, 10].map((turns) => toolUse("slow", { turns }));
    const { result } = await play({ tools: [slow] }, [calls, "Done."]);
    expect(most).toBe(3);
    expect(result.messages[2]?.content).toMatchObject([
      { content: "after 30" },
      { content: "after 20" },
      { content: "after 10" },
    ]);
  });

  it("sums usage and cost over its steps", async () => {
    const usage = { input_tokens: 1_000, output_tokens: 100 };
    const model = "claude-haiku-4-5-20251001";
    const { result } = await play({ model, tools: [weather] }, [
      { content: [toolUse("get_weather", {})], usage },
      { content: "Done.", usage },
    ]);
    expect(result.usage).toMatchObject({ input_tokens: 2_000, output_tokens: 200 });
    expect(result.cost.usd).toBeCloseTo((2_000 * 1 + 200 * 5) / 1e6, 10);
  });

  it("ends at the step limit, which is 20 unless set, with a history that is whole", async () => {
    const forever = Array.from({ length: 20 }, (_, index) => [toolUse("get_weather", { index })]);
    const { result } = await play({ tools: [weather] }, forever);
    expect(result).toMatchObject({ reason: "limit", limit: "maxSteps", steps: 20 });
    expect(result.messages.at(-1)).toMatchObject({ role: "user", content: [{ type: "tool_result" }] });

    const { result: short } = await play({ tools: [weather], limits: { maxSteps: 1 } }, [
      [toolUse("get_weather", {})],
    ]);
    expect(short).toMatchObject({ reason: "limit", limit: "maxSteps", steps: 1 });
  });

  it.each(["stop_sequence", "max_tokens", "model_context_window_exceeded", "a_reason_of_tomorrow"])(
    "ends with the reply's own stop reason %s",
    async (stop_reason) => {
      const { result } = await play({}, [{ content: "So far", stop_reason }]);
      expect(result).toMatchObject({ status: "ended", reason: stop_reason, text: "So far" });
    },
  );

  it("sends a paused turn back as it is until it ends", async () => {
    const content = [
      { type: "text" as const, text: "Wait" },
      {
        type: "server_tool_use" as const,
        id: "srvtoolu_1",
        name: "web_search" as const,
        input: {},
        caller: { type: "direct" as const },
      },
    ];
    const { result, requests } = await play({}, [{ content, stop_reason: "pause_turn" }, "Done."]);
    expect(result).toMatchObject({ reason: "end_turn", text: "Done.", steps: 2 });
    expect(requests[1]?.messages.at(-1)).toMatchObject({ role: "assistant", content });
  });

  it("ends with a pause that no server tool is behind: sent back, it would be refused", async () => {
    const { result, requests } = await play({}, [{ content: "Wait", stop_reason: "pause_turn" }]);
    expect(result).toMatchObject({ reason: "pause_turn", text: "Wait", steps: 1 });
    expect(requests).toHaveLength(1);
  });

  it("never runs a tool whose name the model only came close to", async () => {
    const ran: string[] = [];
    const tools = ["delete_all", "_", "undefined"].map((name) =>
      handTool(name, () => ran.push(name), { effects: "once" }),
    );
    const calls = ["delete.all", ""].map((name, index) => ({
      type: "tool_use" as const,
      id: `toolu_${index}`,
      name,
      input: {},
    }));
    const { result } = await play({ tools }, [calls, "Done."]);
    expect(ran).toEqual([]);
    expect(JSON.stringify(result.messages)).toContain("There is no tool called");
  });

  it("tells the model of an input that is nested too deep, and can be gone on with", async () => {
    const input = JSON.parse(`{"a":${"[".repeat(5_000)}${"]".repeat(5_000)}}`);
    const block = {
      type: "tool_use" as const,
      id: "toolu_1",
      name: "get_weather",
      input,
      caller: { type: "direct" as const },
    };
    const rest = scripted(["Done."]);
    let calls = 0;
    const claude: Claude = async (request, call) => {
      if (calls++ > 0) return rest(request, call);
      call.emit({ type: "content_block_stop", index: 0, content_block: block } as never);
      return { ...message, content: [block] };
    };
    const result = await run({ tools: [weather] }, "Go.", { claude });
    expect(result).toMatchObject({ text: "Done.", steps: 2 });
    expect(JSON.stringify(result.messages)).toContain("not valid JSON");
  });

  it("says what is wrong with a store that answers nothing", async () => {
    const store = memoryStore();
    const broken = {
      ...store,
      open: async (session: string, owner: string) => {
        const log = await store.open(session, owner);
        return { ...log, append: async () => undefined as never };
      },
    };
    await expect(run({}, "Go.", { claude: scripted(["Hi."]), store: broken })).rejects.toMatchObject({
      reason: "store",
    });
  });

  it("keeps a refused turn out of the history", async () => {
    const { result } = await play({}, [{ content: "I can't", stop_reason: "refusal" }]);
    expect(result).toMatchObject({
      reason: "refusal",
      text: "I can't",
      messages: [{ role: "user", content: "Go." }],
    });
  });

  it("tells the model what failed when a tool throws", async () => {
    const broken = handTool("broken", () => {
      throw new TypeError("x is undefined");
    });
    const picky = handTool("picky", () => {
      throw new ToolError("Give a city, not a country.");
    });
    const { result } = await play({ tools: [broken, picky] }, [
      [toolUse("broken"), toolUse("picky")],
      "Sorry.",
    ]);
    expect(result.messages[2]?.content).toMatchObject([
      { is_error: true, content: "TypeError: x is undefined" },
      { is_error: true, content: "Give a city, not a country." },
    ]);
  });

  it("answers a call of an unknown tool, or with input it can't take, and names the way out", async () => {
    const strict = handTool("strict", () => "ran", {
      parse: () => {
        throw new Error("location: expected string, received number");
      },
    });
    const { result } = await play({ tools: [strict] }, [
      [toolUse("nope"), toolUse("strict", { location: 1 })],
      "Sorry.",
    ]);
    expect(result.messages[2]?.content).toMatchObject([
      { is_error: true, content: 'There is no tool called "nope". Available tools: strict.' },
      { is_error: true, content: "location: expected string, received number" },
    ]);
  });

  it("hands a tool its own copy of the input and the ids of its call", async () => {
    const seen: unknown[] = [];
    const greedy = handTool("greedy", (input, call) => {
      seen.push(call.toolUseId, call.session, call.idempotencyKey, call.signal.aborted);
      (input as { list: number[] }).list.push(4);
    });
    const { result } = await play({ tools: [greedy] }, [[toolUse("greedy", { list: [1] })], "Done."]);
    expect(seen).toEqual(["toolu_1", result.session, `${result.session}:toolu_1`, false]);
    expect(result.messages[1]?.content).toMatchObject([{ input: { list: [1] } }]);
  });

  it("forces a tool in its first step only, or it could never answer", async () => {
    const forced = (tool_choice: NonNullable<Agent["request"]>["tool_choice"]) =>
      // Of the newest models most refuse to be forced.
      play(
        {
          model: "claude-opus-5",
          tools: [weather],
          request: tool_choice === undefined ? {} : { tool_choice },
        },
        [[toolUse("get_weather")], "Done."],
      );
    const choices = async (choice: NonNullable<Agent["request"]>["tool_choice"]) =>
      (await forced(choice)).requests.map((it) => it.tool_choice);
    expect(await choices({ type: "any" })).toEqual([{ type: "any" }, undefined]);
    expect(await choices({ type: "tool", name: "get_weather", disable_parallel_tool_use: true })).toEqual([
      { type: "tool", name: "get_weather", disable_parallel_tool_use: true },
      { type: "auto", disable_parallel_tool_use: true },
    ]);
    expect(await choices({ type: "none" })).toEqual([{ type: "none" }, { type: "none" }]);
  });

  it("names no deferred tools to a model that calls one that there is not, and no more than fifty others", async () => {
    const search = { type: "tool_search_tool_regex_20251119", name: "tool_search_tool_regex" } as const;
    const tools = Array.from({ length: 200 }, (_, n) =>
      handTool(`tool_${n}`, () => "", n < 60 ? {} : { definition: { defer_loading: true } }),
    );
    const { result } = await play({ tools: [search, ...tools] }, [[toolUse("nope")], "Done."]);
    const [answer] = (result.messages[2]?.content ?? []) as { content: string }[];
    expect(answer?.content).toMatch(/tool_49, and 10 more\.$/);
    expect(answer?.content).not.toContain("tool_60");
  });

  it("names the container of a reply in all requests that follow", async () => {
    const reply = {
      content: [toolUse("get_weather")],
      container: { id: "container_1", expires_at: "", skills: null },
    };
    const { requests } = await play({ tools: [weather] }, [
      reply,
      [toolUse("get_weather", { again: true })],
      "Done.",
    ]);
    expect(requests.map(({ container }) => container)).toEqual([undefined, "container_1", "container_1"]);
  });

  it("cuts a result that is too long, and tells the model so", async () => {
    const long = handTool("long", () => "x".repeat(50));
    const { result } = await play({ tools: [long], limits: { maxResultLength: 20 } }, [
      [toolUse("long")],
      "Done.",
    ]);
    expect(result.messages[2]?.content).toMatchObject([
      { content: `${"x".repeat(20)}\n[cut: the first 20 of 50 characters are shown]` },
    ]);
  });

  it("ends where the model asks for the very same thing step after step", async () => {
    const again = [toolUse("get_weather", { location: "Oslo" })];
    const { result } = await play({ tools: [weather], limits: { maxRepeatedCalls: 3 } }, [
      again,
      again,
      again,
    ]);
    expect(result).toMatchObject({ reason: "limit", limit: "maxRepeatedCalls", steps: 3 });
  });

  it("ends when its tokens or its time are used up", async () => {
    const usage = { input_tokens: 19_500, output_tokens: 10 };
    const tokens = await play({ tools: [weather], limits: { maxTotalTokens: 20_000 } }, [
      { content: [toolUse("get_weather")], usage },
    ]);
    expect(tokens.result).toMatchObject({ reason: "limit", limit: "maxTotalTokens" });

    let ring = () => {};
    const hang = handTool("hang", () => {
      ring();
      return new Promise(() => {});
    });
    const sleep = () =>
      new Promise<void>((resolve) => {
        ring = resolve;
      });
    const time = await play({ tools: [hang], limits: { maxDurationMs: 1_000 } }, [[toolUse("hang")]], {
      environment: { ...virtualTime(), sleep },
    });
    expect(time.result).toMatchObject({ reason: "limit", limit: "maxDurationMs" });
  });

  it("takes content blocks and whole messages as input", async () => {
    const blocks = scripted(["Seen."]);
    await run({ cache: false }, [{ type: "text", text: "Look" }], { claude: blocks });
    expect(blocks.requests[0]?.messages).toEqual([
      { role: "user", content: [{ type: "text", text: "Look" }] },
    ]);

    const conversation = [
      { role: "user" as const, content: "Hi" },
      { role: "assistant" as const, content: "Hello" },
      { role: "user" as const, content: "Bye" },
    ];
    const messages = scripted(["Bye."]);
    await run({ cache: false }, conversation, { claude: messages });
    expect(messages.requests[0]?.messages).toEqual(conversation);
  });

  it("uses the catalogue's default model and reply length", async () => {
    const { requests } = await play({}, ["Hi."]);
    expect(requests[0]).toMatchObject({ model: "claude-sonnet-5-5", max_tokens: 16_000 });
  });
});

describe("failing model calls", () => {
  const time = virtualTime();

  it("are tried again after a pause, and then go on as if nothing had been", async () => {
    const shown: (AgentEvent | Delta)[] = [];
    const { result } = await play(
      {},
      [apiError(529, "overloaded_error"), apiError(500, "api_error"), "Done."],
      {
        environment: time,
        onEvent: (event) => shown.push(event),
      },
    );
    expect(result).toMatchObject({ text: "Done.", steps: 1 });
    expect(types(shown).filter((type) => type.startsWith("model.") || type === "wait")).toEqual([
      ...["model.start", "model.end", "wait", "model.start", "model.end", "wait", "model.start", "model.end"],
    ]);
  });

  it("are not tried again when the request itself is wrong; the SDK's own error tells why, with all that was done so far", async () => {
    const claude = scripted([[toolUse("get_weather")], apiError(400, "invalid_request_error")]);
    const events: string[] = [];
    const failed = run({ tools: [weather] }, "Go.", {
      claude,
      environment: time,
      onEvent: ({ type }) => events.push(type),
    });
    const error = await failed.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ status: 400, attempts: 1 });
    expect(partialOf(error)).toMatchObject({ steps: 2, usage: { input_tokens: 10 } });
    expect(partialOf(error)?.messages).toHaveLength(3);
    expect(events.slice(-2)).toEqual(["step.end", "run.end"]);
  });

  it("stop being tried after five attempts", async () => {
    const claude = scripted(Array.from({ length: 5 }, () => apiError(503, "api_error")));
    const error = await run({}, "Go.", { claude, environment: time }).catch((error: unknown) => error);
    expect(error).toMatchObject({ status: 503, attempts: 5 });
    claude.assertUsedUp();
  });
});

describe("an abort", () => {
  it("before the start sends nothing", async () => {
    const claude = scripted([]);
    const result = await run({}, "Go.", { claude, signal: AbortSignal.abort() });
    expect(result).toMatchObject({ reason: "aborted", steps: 0 });
    expect(claude.requests).toHaveLength(0);
  });

  it("settles a run whose model never answers", async () => {
    const silent: Claude = () => new Promise(() => {});
    const running = run({}, "Go.", { claude: silent });
    setImmediate(() => running.abort());
    expect(await running).toMatchObject({ reason: "aborted", messages: [{ role: "user", content: "Go." }] });
  });

  it("settles a run whose tool ignores its signal, and says truthfully what became of each call", async () => {
    const stuck = handTool("stuck", () => new Promise(() => {}));
    const controller = new AbortController();
    const running = run({ tools: [stuck, weather], limits: { maxParallelTools: 1 } }, "Go.", {
      claude: scripted([[toolUse("stuck"), toolUse("get_weather")]]),
      signal: controller.signal,
      onEvent: ({ type }) => {
        if (type === "tool.start") setImmediate(() => controller.abort());
      },
    });
    const result = await running;
    expect(result).toMatchObject({ reason: "aborted" });
    expect(result.messages.at(-1)?.content).toMatchObject([
      {
        tool_use_id: "toolu_1",
        is_error: true,
        content: expect.stringContaining("while this tool was running"),
      },
      { tool_use_id: "toolu_2", is_error: true, content: expect.stringContaining("Not run") },
    ]);
  });

  it("leaves no listener behind on a signal that many runs share", async () => {
    const { signal } = new AbortController();
    const runs = Array.from({ length: 50 }, () =>
      run({ tools: [weather] }, "Go.", { claude: scripted([[toolUse("get_weather")], "Done."]), signal }),
    );
    expect(getEventListeners(signal, "abort").length).toBeLessThanOrEqual(1);
    await Promise.all(runs);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
});

describe("a store and its sessions", () => {
  it("carry a conversation over several runs", async () => {
    const store = memoryStore();
    const claude = scripted(["Hello Ada.", "You are Ada."]);
    await run({ cache: false }, "I am Ada.", { claude, store, session: "s1" });
    const second = await run({ cache: false }, "Who am I?", { claude, store, session: "s1" });
    expect(claude.requests[1]?.messages).toEqual([
      { role: "user", content: "I am Ada." },
      { role: "assistant", content: [{ type: "text", text: "Hello Ada." }] },
      { role: "user", content: "Who am I?" },
    ]);
    expect(second).toMatchObject({
      text: "You are Ada.",
      steps: 1,
      session: "s1",
      usage: { input_tokens: 10 },
    });
  });

  it("refuse another system prompt or other tools in the same session", async () => {
    const store = memoryStore();
    await run({ system: "A" }, "Hi", { claude: scripted(["Hi"]), store, session: "s1" });
    const changed = run({ system: "B" }, "Hi", { claude: scripted([]), store, session: "s1" });
    await expect(changed).rejects.toMatchObject({ reason: "prefix_changed" });
  });

  it("refuse a second run of a session that is still running", async () => {
    const store = memoryStore();
    const first = run({}, "Hi", { claude: () => new Promise(() => {}), store, session: "s1" });
    await expect(run({}, "Hi", { claude: scripted([]), store, session: "s1" })).rejects.toMatchObject({
      reason: "session_running",
    });
    first.abort();
    await first;
  });

  it("take up what is said to a running agent at its next step, after the tool results", async () => {
    const said = handTool("say", async () => {
      await running.steer("Hurry!");
      return "said";
    });
    const claude = scripted([[toolUse("say")], "Hurrying."]);
    const running = run({ tools: [said], cache: false }, "Go.", { claude });
    await running;
    expect(claude.requests[1]?.messages.at(-1)).toEqual({
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "toolu_1", content: "said" },
        { type: "text", text: "Hurry!" },
      ],
    });
  });

  it("go on when something is said while the last reply is being made", async () => {
    const claude: Claude = scripted([
      async () => {
        await running.steer("And Bergen?");
        return "Oslo: cold.";
      },
      "Bergen: rain.",
    ]);
    const running = run({}, "Oslo?", { claude });
    expect(await running).toMatchObject({ text: "Bergen: rain.", steps: 2 });
    await expect(running.steer("Too late")).rejects.toMatchObject({ reason: "session_ended" });
  });

  it("keep a log whose events are numbered without a gap", async () => {
    const store = memoryStore();
    await run({ tools: [weather] }, "Go.", {
      claude: scripted([[toolUse("get_weather")], "Done."]),
      store,
      session: "s1",
    });
    const events: AgentEvent[] = [];
    for await (const event of store.read("s1")) events.push(event);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(types(events)).toEqual([
      ...["session.start", "run.start", "input"],
      ...[
        "step.start",
        "model.start",
        "model.end",
        "message",
        "tool.check",
        "tool.start",
        "tool.end",
        "step.end",
      ],
      ...["step.start", "model.start", "model.end", "message", "step.end", "run.end"],
    ]);
  });
});

describe("bad input is refused before anything is sent, in words that tell the way out", () => {
  const claude = scripted([]);
  it.each<[string, Agent, unknown, RunOptions, RegExp]>([
    ["an empty prompt", {}, "  ", {}, /input is empty/],
    ["no blocks", {}, [], {}, /input is empty/],
    [
      "blocks mixed with messages",
      {},
      [
        { type: "text", text: "a" },
        { role: "user", content: "b" },
      ],
      {},
      /mixes/,
    ],
    ["two tools of one name", { tools: [weather, weather] }, "Go.", {}, /Two tools are called "get_weather"/],
    ["an illegal tool name", { tools: [handTool("get weather", () => 1)] }, "Go.", {}, /letters, digits/],
    ["a negative limit", { limits: { maxSteps: -1 } }, "Go.", {}, /limits\.maxSteps is -1/],
    [
      "a limit that isn't a number",
      { limits: { maxSteps: "5" as never } },
      "Go.",
      {},
      /limits\.maxSteps is 5/,
    ],
    ["an unknown limit", { limits: { maxStep: 5 } as never }, "Go.", {}, /The limits are: maxSteps/],
    ["an unknown field", { tool: [] } as never, "Go.", {}, /no field "tool"/],
    ["no room for a reply", { maxTokens: 0 }, "Go.", {}, /maxTokens is 0/],
    ["an empty model name", { model: "" }, "Go.", {}, /model/],
    ["a session without a store", {}, "Go.", { session: "s1" }, /needs a store/],
    ["no attempts", {}, "Go.", { retry: { attempts: 0 } }, /retry\.attempts is 0/],
    [
      "history that the API would refuse",
      {},
      [{ role: "assistant", content: "Hi" }],
      {},
      /first message must be the user's/,
    ],
  ])("%s", async (_case, agent, input, options, words) => {
    const error = await run(agent, input as string, { claude, ...options }).catch((error: unknown) => error);
    expect(error).toMatchObject({ message: expect.stringMatching(words), reason: expect.any(String) });
    expect(claude.requests).toHaveLength(0);
  });

  it("has one base class", async () => {
    await expect(run({}, "", { claude })).rejects.toBeInstanceOf(AgentError);
  });

  it("warns once of an unknown model, passes it on, and doesn't know its cost", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { result, requests } = await play({ model: "claude-of-tomorrow" }, ["Hi."]);
    await play({ model: "claude-of-tomorrow" }, ["Hi."]);
    expect(requests[0]?.model).toBe("claude-of-tomorrow");
    expect(result.cost).toEqual({ usd: null, unpriced: ["claude-of-tomorrow"] });
    expect(warn).toHaveBeenCalledOnce();
    expect(warn.mock.calls[0]?.[0]).toContain("claude-of-tomorrow");
  });

  it("never reports a listener's fault as the agent's", async () => {
    const report = vi.spyOn(console, "error").mockImplementation(() => {});
    const onEvent = () => {
      throw new Error("bad listener");
    };
    expect((await play({}, ["Hi."], { onEvent })).result.text).toBe("Hi.");
    expect(report).toHaveBeenCalled();
  });
});
