import Anthropic from "@anthropic-ai/sdk";
import { BrokenStreamError, type Claude, MissingKeyError, type ModelRequest, run } from "@lockstitch/core";
import { ReplayError, record, replay, scripted, toolUse } from "@lockstitch/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstDifference } from "../src/record/compare.js";
import { settle } from "../src/record/settle.js";
import { ask, handTool, said, still, temporaryDirectory } from "./recording-helpers.js";

const folder = temporaryDirectory();
const file = () => folder.path("a.jsonl");

const getWeather = handTool("get_weather", () => "3 °C", { description: "Weather." });
const weather = () =>
  scripted([
    [{ type: "text", text: "Let me look." }, toolUse("get_weather", { location: "Oslo" })],
    "Cold: 3 °C.",
  ]);

/** What a run says when its agent or input is not the one that was recorded. */
async function differenceOf(agent: object, input: string): Promise<string> {
  await run({ system: "Be brief.", tools: [getWeather] }, "Weather in Oslo?", {
    claude: record(weather(), file()),
    environment: still(),
  });
  const again = await run({ system: "Be brief.", tools: [getWeather], ...agent }, input, {
    claude: replay(file()),
    environment: still(),
  }).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(again).toBeInstanceOf(ReplayError);
  expect(again).toMatchObject({ reason: "different_request" });
  return (again as ReplayError).message;
}

describe("a replay", () => {
  it("gives the same events and messages for the same requests", async () => {
    const first = await ask(record(scripted(["Hello there, you."]), file()), said("Hi"));
    expect(await ask(replay(file()), said("Hi"))).toEqual(JSON.parse(JSON.stringify(first)));
  });

  it("reproduces a run", async () => {
    const agent = { tools: [getWeather] };
    const first = await run(agent, "Weather?", { claude: record(weather(), file()), environment: still() });
    const tape = replay(file());
    const again = await run(agent, "Weather?", { claude: tape, environment: still() });
    expect(again).toEqual({ ...first, session: again.session });
    tape.assertUsedUp();
  });

  it.each<[string, object, string, RegExp]>([
    [
      "a word of the prompt",
      {},
      "Weather in Rome?",
      /messages\.0, block 0 \(text\): expected "Weather in Oslo\?", got "Weather in Rome\?"/,
    ],
    [
      "the system prompt",
      { system: "Be long." },
      "Weather in Oslo?",
      /call 1 of 2\. system, block 0: expected "Be brief\.", got "Be long\."/,
    ],
    ["no system prompt", { system: "" }, "Weather in Oslo?", /system: expected .*, got nothing/],
    [
      "the model",
      { model: "claude-opus-5-5" },
      "Weather in Oslo?",
      /model: expected "claude-sonnet-5-5", got "claude-opus-5-5"/,
    ],
    [
      "a tool more",
      { tools: [getWeather, handTool("pay", () => "")] },
      "Weather in Oslo?",
      /tools: expected \["get_weather"\], got \["get_weather","pay"\]/,
    ],
    [
      "a tool's description",
      { tools: [{ ...getWeather, description: "Rain." }] },
      "Weather in Oslo?",
      /tools\.0 \(get_weather\), description: expected "Weather\.", got "Rain\."/,
    ],
    [
      "a tool's result",
      { tools: [{ ...getWeather, run: () => "4 °C" }] },
      "Weather in Oslo?",
      /call 2 of 2\. messages\.2, block 0 \(tool_result of get_weather\): expected "3 °C", got "4 °C"/,
    ],
    [
      "that a tool fails",
      { tools: [{ ...getWeather, run: () => Promise.reject(new Error("down")) }] },
      "Weather in Oslo?",
      /messages\.2, block 0 \(tool_result of get_weather\), is_error: expected nothing, got true|block 0 \(tool_result of get_weather\): expected "3 °C", got "down"/,
    ],
    ["another setting", { maxTokens: 5 }, "Weather in Oslo?", /max_tokens: expected 16000, got 5/],
    [
      "a field more",
      { request: { metadata: { user_id: "me" } } },
      "Weather in Oslo?",
      /metadata: expected nothing, got \{"user_id":"me"\}/,
    ],
  ])("is strict, and tells in words where %s differs", async (_what, agent, input, words) => {
    expect(await differenceOf(agent, input)).toMatch(words);
  });

  it("shows of long texts the part in which they differ", async () => {
    const [before, after] = ["a".repeat(5_000), "z".repeat(5_000)];
    await ask(record(scripted(["Hi."]), file()), said(`${before} one ${after}`));
    const { error } = await ask(replay(file()), said(`${before} two ${after}`));
    expect((error as Error).message).toMatch(/expected "…a{1,30} one z+…", got "…a{1,30} two z+…"/);
    expect((error as Error).message.length).toBeLessThan(600);
  });

  it("tells of a message, a block and a nested field that came or is missing", async () => {
    const call = (
      input: object,
      more: Anthropic.ContentBlockParam[] = [],
    ): Pick<ModelRequest, "messages"> => ({
      messages: [
        { role: "user", content: "Hi" },
        { role: "assistant", content: [{ type: "tool_use", id: "a", name: "look", input }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: "ok" }, ...more] },
      ],
    });
    await ask(record(scripted(["Hi."]), file()), call({ at: { city: "Oslo" } }));
    const messageOf = async (request: Partial<ModelRequest>) =>
      ((await ask(replay(file()), request)).error as Error).message;
    expect(await messageOf(call({ at: { city: "Rome" } }))).toContain(
      'messages.1, block 0 (tool_use look), input.at.city: expected "Oslo", got "Rome"',
    );
    expect(await messageOf(call({ at: { city: "Oslo" } }, [{ type: "text", text: "Well?" }]))).toMatch(
      /messages\.2, block 1 \(text\): expected nothing, got .*Well/,
    );
    expect(await messageOf(said("Hi"))).toMatch(/messages\.1: expected \{.*\}, got nothing/);
    const spoken = { messages: [...said("Hi").messages, { role: "user" as const, content: "Hello?" }] };
    expect(await messageOf(spoken)).toContain('messages.1, role: expected "assistant", got "user"');
  });

  it("compares with the recorded call that was most likely meant", async () => {
    const recorded = record(scripted(["1", "2", "3"]), file());
    const turn = (first: string, second: string): Pick<ModelRequest, "messages"> => ({
      messages: [
        { role: "user", content: first },
        { role: "assistant", content: "Yes?" },
        { role: "user", content: second },
      ],
    });
    for (const first of ["a", "b", "c"]) await ask(recorded, turn(first, "more"));
    const { error } = await ask(replay(file()), turn("b", "less"));
    expect((error as Error).message).toMatch(
      /call 2 of 3\. messages\.2, block 0 \(text\): expected "more", got "less"/,
    );
  });

  it("finds for parallel runs what was recorded for each, and gives equal requests their replies in order", async () => {
    const echo: Claude = (request, call) =>
      scripted([`re: ${JSON.stringify(request.messages)}`])(request, call);
    const recorded = record(echo, file());
    const questions = Array.from({ length: 20 }, (_, index) => `question ${index}`);
    const first = await Promise.all(questions.map((question) => ask(recorded, said(question))));
    const tape = replay(file());
    const again = await Promise.all([...questions].reverse().map((question) => ask(tape, said(question))));
    expect(again.reverse().map(({ message }) => message)).toEqual(first.map(({ message }) => message));
    tape.assertUsedUp();

    const counting = record(scripted(["one", "two"]), file(), { ifExists: "overwrite" });
    await ask(counting, said("Same?"));
    await ask(counting, said("Same?"));
    const counted = replay(file());
    expect(await ask(counted, said("Same?"))).toMatchObject({ message: { content: [{ text: "one" }] } });
    expect(await ask(counted, said("Same?"))).toMatchObject({ message: { content: [{ text: "two" }] } });
  });

  it("says that it is used up: wholly, or for one request", async () => {
    const recorded = record(scripted(["1", "2"]), file());
    await ask(recorded, said("a"));
    await ask(recorded, said("b"));
    const tape = replay(file());
    await ask(tape, said("a"));
    expect((await ask(tape, said("a"))).error).toMatchObject({
      reason: "used_up",
      message: /recorded once, and another came/,
    });
    await ask(tape, said("b"));
    expect((await ask(tape, said("c"))).error).toMatchObject({
      reason: "used_up",
      message: /is used up: all its 2 calls were replayed, and another came\. Its last message is .*"c"/,
    });
  });

  it("says what was not asked for", async () => {
    const recorded = record(scripted(["1", "2"]), file());
    await ask(recorded, said("a"));
    await ask(recorded, said("b"));
    const tape = replay(file());
    await ask(tape, said("b"));
    expect(() => tape.assertUsedUp()).toThrow(/stopped after 1 of the 2 calls .* 1 were not asked for/);
  });

  it("compares what matters: not ids that are made anew, field order, cache markers, or a text alone and in a block", async () => {
    const twice = [
      [toolUse("get_weather", { a: 1, b: 2 }, "same")],
      [toolUse("get_weather", { a: 1, b: 2 }, "same")],
      "Done.",
    ];
    const agent = { tools: [getWeather] };
    let ids = 0;
    const environment = (prefix: string) => ({ ...still(), id: () => `${prefix}_${++ids}` });
    const recorded = record(scripted(twice), file());
    await run(agent, "Twice", { claude: recorded, environment: environment("old") });
    expect(folder.read("a.jsonl")).toContain("toolu_old_");
    const tape = replay(file());
    await run(tape.agent(agent), "Twice", { claude: tape, environment: environment("new") });
    tape.assertUsedUp();
    const same = settle({
      messages: [
        { role: "user", content: [{ type: "text", text: "Hi", cache_control: { type: "ephemeral" } }] },
      ],
    });
    expect(firstDifference(settle(said("Hi")), same)).toBeUndefined();
  });

  it("knows two calls from one, whatever their ids", () => {
    const results = (a: string, b: string): Pick<ModelRequest, "messages"> => ({
      messages: [
        {
          role: "assistant",
          content: ["x", "y"].map((id) => ({ type: "tool_use" as const, id, name: "look", input: {} })),
        },
        {
          role: "user",
          content: [a, b].map((id) => ({ type: "tool_result" as const, tool_use_id: id, content: "ok" })),
        },
      ],
    });
    expect(firstDifference(settle(results("x", "y")), settle(results("y", "x")))).toMatchObject({
      path: ["messages", 1, "content", 0, "tool_use_id"],
    });
  });

  it("finds a difference in any two requests that differ, and none in equal ones", () => {
    const text = fc.string();
    const message = fc.record({
      role: fc.constantFrom("user", "assistant"),
      content: fc.array(fc.record({ type: fc.constant("text"), text })),
    });
    const request = fc.record({
      model: fc.constantFrom("a", "b"),
      max_tokens: fc.integer(),
      messages: fc.array(message),
    });
    fc.assert(
      fc.property(request, request, (a, b) => {
        const [left, right] = [settle(a as ModelRequest), settle(b as ModelRequest)];
        const equal = JSON.stringify(left) === JSON.stringify(right);
        expect(firstDifference(left, right) === undefined).toBe(
          equal || JSON.stringify(left).includes("[redacted]"),
        );
        expect(firstDifference(left, structuredClone(left))).toBeUndefined();
      }),
    );
  });
});

describe("errors in a replay", () => {
  const api = (status: number, type: string, more: object = {}, headers: Record<string, string> = {}) =>
    Anthropic.APIError.generate(
      status,
      { type: "error", error: { type, message: "No.", ...more } },
      undefined,
      new Headers({ "request-id": "req_7", ...headers }),
    );

  it.each<[string, Error]>([
    ["a bad request", api(400, "invalid_request_error")],
    ["a rate limit", api(429, "rate_limit_error", {}, { "retry-after": "3", "x-should-retry": "true" })],
    ["an overloaded service", api(529, "overloaded_error")],
    ["a status without a class of its own", api(418, "api_error")],
    ["a server's error", api(502, "api_error")],
    [
      "an error with a code of its own",
      new Anthropic.EnforcedSpendLimitReachedError(
        429,
        {
          type: "error",
          error: {
            type: "rate_limit_error",
            message: "No.",
            details: { error_code: "enforced_spend_limit_reached" },
          },
        },
        undefined,
        new Headers({ "request-id": "req_7" }),
      ),
    ],
    [
      "an error in mid-stream",
      new Anthropic.APIError(
        undefined,
        { error: { type: "overloaded_error", message: "Busy" } },
        "Busy",
        new Headers(),
      ),
    ],
    ["a failed connection", new Anthropic.APIConnectionError({ message: "Connection reset." })],
    ["a connection that took too long", new Anthropic.APIConnectionTimeoutError({ message: "Too long." })],
    ["a broken stream", new BrokenStreamError("Cut off.", { requestID: "req_9" })],
    ["a missing key", new MissingKeyError()],
    ["any error", new RangeError("Out of range.")],
  ])("are of the same class and say the same: %s", async (_what, error) => {
    await ask(record(scripted([error]), file()), said("Hi"));
    const { error: again } = await ask(replay(file()), said("Hi"));
    const fields = (it: unknown) => {
      const { name, message, status, type, errorCode, requestID, reason, headers } = it as Record<
        string,
        unknown
      > & { headers?: Headers };
      return {
        name,
        message,
        status,
        type,
        errorCode,
        requestID: requestID ?? undefined,
        reason,
        retryAfter: headers?.get("retry-after") ?? undefined,
      };
    };
    expect(fields(again)).toEqual(fields(error));
    if (!(error instanceof RangeError)) expect(again).toBeInstanceOf(error.constructor);
  });

  it("are tried again as they were, so that a run that recovered recovers", async () => {
    const failing = [
      api(529, "overloaded_error"),
      new BrokenStreamError("Cut."),
      new Anthropic.APIConnectionError({}),
      "Hello.",
    ];
    const first = await run({}, "Hi", { claude: record(scripted(failing), file()), environment: still() });
    const tape = replay(file());
    const again = await run({}, "Hi", { claude: tape, environment: still() });
    expect(again).toEqual({ ...first, session: again.session });
    tape.assertUsedUp();
  });

  it("come with what was emitted before them", async () => {
    const broken: Claude = async (_request, call) => {
      call.emit({ type: "ping" });
      throw new BrokenStreamError("Cut.");
    };
    await ask(record(broken, file()), said("Hi"));
    expect(await ask(replay(file()), said("Hi"))).toMatchObject({
      events: [{ type: "ping" }],
      error: { message: "Cut." },
    });
  });

  it("are aborts where it was aborted, and say that the reply is not known where it is not aborted this time", async () => {
    const controller = new AbortController();
    const slow: Claude = async (_request, call) => {
      call.emit({ type: "ping" });
      controller.abort(new DOMException("Enough.", "AbortError"));
      throw call.signal.reason;
    };
    await ask(record(slow, file()), said("Hi"), controller.signal);
    expect((await ask(replay(file()), said("Hi"))).error).toMatchObject({ reason: "no_reply" });
    const again = new AbortController();
    const tape = replay(file());
    const events: unknown[] = [];
    const calling = tape(
      { model: "claude-sonnet-5-5", max_tokens: 100, ...said("Hi") },
      {
        signal: again.signal,
        emit: (event) => {
          events.push(event);
          setImmediate(() => again.abort(new DOMException("Enough again.", "AbortError")));
        },
      },
    );
    await expect(calling).rejects.toThrow("Enough again.");
    expect(events).toEqual([{ type: "ping" }]);
  });

  it("never quote a secret of what came instead", async () => {
    await ask(record(scripted(["1"]), file()), said("key: none"));
    const secret = `sk-ant-api03-${"x".repeat(90)}`;
    const { error } = await ask(replay(file()), said(`${"y".repeat(100)} key: ${secret}`));
    expect((error as Error).message).toContain("[redacted]");
    expect((error as Error).message).not.toContain("xxxxx");
    const tape = replay(file());
    await ask(tape, said("key: none"));
    expect(((await ask(tape, said(`key: ${secret}`))).error as Error).message).not.toContain("xxxxx");
  });
});

describe("a replay of what was redacted", () => {
  it("takes whatever stands where a secret stood, and is strict around it", async () => {
    const [old, fresh] = ["sk-ant-old-1234", "sk-ant-new-5678-longer"];
    await ask(record(scripted(["1"]), file()), said(`Use ${old}, then ${old}; now.`));
    expect((await ask(replay(file()), said(`Use ${fresh}, then ${fresh}; now.`))).error).toBeUndefined();
    expect((await ask(replay(file()), said(`Use ${fresh}, then ${fresh}; soon.`))).error).toMatchObject({
      reason: "different_request",
    });
    expect((await ask(replay(file()), said(`Take ${fresh}, then ${fresh}; now.`))).error).toMatchObject({
      reason: "different_request",
    });
    expect((await ask(replay(file()), said(`Use ${fresh}; now.`))).error).toMatchObject({
      reason: "different_request",
    });
  });

  it("counts nothing twice: what stands around a secret must be there before and after it", async () => {
    await ask(record(scripted(["1"]), file()), said("to sk-ant-old-1234 to"));
    expect((await ask(replay(file()), said("to sk-ant-new to"))).error).toBeUndefined();
    expect((await ask(replay(file()), said("to "))).error).toMatchObject({ reason: "different_request" });
    expect((await ask(replay(file()), said("to to"))).error).toMatchObject({ reason: "different_request" });
  });

  it("does so for the names of fields too", async () => {
    const request = (key: string): Pick<ModelRequest, "messages"> => ({
      messages: [
        { role: "assistant", content: [{ type: "tool_use", id: "a", name: "look", input: { [key]: 1 } }] },
      ],
    });
    await ask(record(scripted(["1"]), file()), request("sk-ant-old-1234"));
    expect((await ask(replay(file()), request("sk-ant-new-5678"))).error).toBeUndefined();
  });

  it("applies the caller's own function to what comes, e.g. for dates", async () => {
    const redact = (text: string) => text.replaceAll(/\d{4}-\d\d-\d\d/g, "[date]");
    await ask(record(scripted(["1"]), file(), { redact }), said("It is 2026-11-22."));
    expect((await ask(replay(file(), { redact }), said("It is 2026-11-23."))).error).toBeUndefined();
    expect((await ask(replay(file()), said("It is 2026-11-23."))).error).toMatchObject({
      reason: "different_request",
    });
  });
});

describe("tools that are served from a recording", () => {
  it("give what they gave, and have no effect", async () => {
    let effects = 0;
    const tools = [
      handTool("count", () => ({ count: ++effects }), { effects: "once" }),
      handTool("fail", () => Promise.reject(new Error(`failed ${++effects}`)), { effects: "once" }),
      handTool("image", () => [
        { type: "text", text: "a" },
        { type: "text", text: `b${++effects}` },
      ]),
      handTool("long", () => "x".repeat(10_000) + ++effects),
    ];
    const agent = { tools, limits: { maxResultLength: 1_000 } };
    const calls = ["count", "fail", "image", "long", "count"].map((name) => toolUse(name));
    const script = [calls, [toolUse("count")], [toolUse("nowhere"), toolUse("long")], "Done."];
    const first = await run(agent, "Go", { claude: record(scripted(script), file()), environment: still() });
    expect(effects).toBe(7);
    const tape = replay(file());
    const again = await run(tape.agent(agent), "Go", { claude: tape, environment: still() });
    expect(again.messages).toEqual(first.messages);
    expect(effects).toBe(7);
    tape.assertUsedUp();
  });

  it("keep their checks: input is parsed, and a person is asked with what came of it", async () => {
    const asked: unknown[] = [];
    const pay = handTool("pay", () => "paid", {
      effects: "once",
      parse: (input) => {
        const { cents } = input as { cents: number };
        if (cents < 0) throw new Error("cents must not be negative");
        return { euros: cents / 100 };
      },
      needsApproval: (input) => {
        asked.push(input);
        return false;
      },
    });
    const script = [[toolUse("pay", { cents: 500 })], [toolUse("pay", { cents: -1 })], "Done."];
    const first = await run({ tools: [pay] }, "Go", {
      claude: record(scripted(script), file()),
      environment: still(),
    });
    const tape = replay(file());
    const again = await run(tape.agent({ tools: [pay] }), "Go", { claude: tape, environment: still() });
    expect(again.messages).toEqual(first.messages);
    expect(asked).toEqual([{ euros: 5 }, { euros: 5 }]);
  });

  it("say so where a call was not recorded", async () => {
    const agent = { tools: [getWeather], limits: { maxSteps: 1 } };
    await run(agent, "Weather?", { claude: record(weather(), file()), environment: still() });
    const tape = replay(file());
    const { messages } = await run(tape.agent(agent), "Weather?", { claude: tape, environment: still() });
    expect(JSON.stringify(messages.at(-1))).toMatch(
      /The recording has no result of get_weather with the input/,
    );
    expect(() => tape.assertUsedUp()).toThrow(/It was not called like this, or the recording ended/);
  });

  it("tell equal calls apart by their order, also where the loop gives them new ids", async () => {
    let count = 0;
    const counter = handTool("count", () => `${++count}`);
    const script = [
      [toolUse("count", {}, "same")],
      [toolUse("count", {}, "same")],
      [toolUse("count", {}, "same")],
      "Done.",
    ];
    const environment = (prefix: string) => {
      let ids = 0;
      return { ...still(), id: () => `${prefix}${++ids}` };
    };
    const first = await run({ tools: [counter] }, "Go", {
      claude: record(scripted(script), file()),
      environment: environment("old"),
    });
    const tape = replay(file());
    const again = await run(tape.agent({ tools: [counter] }), "Go", {
      claude: tape,
      environment: environment("new"),
    });
    const results = ({ messages }: { messages: readonly Anthropic.MessageParam[] }) =>
      messages.flatMap(({ content }) =>
        typeof content === "string"
          ? []
          : content.flatMap((block) => (block.type === "tool_result" ? [block.content] : [])),
      );
    expect(results(again)).toEqual(["1", "2", "3"]);
    expect(results(again)).toEqual(results(first));
    expect(count).toBe(3);
  });
});
