import type Anthropic from "@anthropic-ai/sdk";
import { type Claude, type ModelRequest, run } from "@lockstitch/core";
import { ReplayError, record, replay, scripted, toolUse } from "@lockstitch/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstDifference } from "../src/record/compare.js";
import { normalRequest } from "../src/record/normal-form.js";
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
    const replayed = replay(file());
    const again = await run(agent, "Weather?", { claude: replayed, environment: still() });
    expect(again).toEqual({ ...first, session: again.session });
    replayed.assertUsedUp();
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
    const replayed = replay(file());
    const again = await Promise.all(
      [...questions].reverse().map((question) => ask(replayed, said(question))),
    );
    expect(again.reverse().map(({ message }) => message)).toEqual(first.map(({ message }) => message));
    replayed.assertUsedUp();

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
    const replayed = replay(file());
    await ask(replayed, said("a"));
    expect((await ask(replayed, said("a"))).error).toMatchObject({
      reason: "used_up",
      message: /recorded once, and another came/,
    });
    await ask(replayed, said("b"));
    expect((await ask(replayed, said("c"))).error).toMatchObject({
      reason: "used_up",
      message: /is used up: all its 2 calls were replayed, and another came\. Its last message is .*"c"/,
    });
  });

  it("says what was not asked for", async () => {
    const recorded = record(scripted(["1", "2"]), file());
    await ask(recorded, said("a"));
    await ask(recorded, said("b"));
    const replayed = replay(file());
    await ask(replayed, said("b"));
    expect(() => replayed.assertUsedUp()).toThrow(/stopped after 1 of the 2 calls .* 1 were not asked for/);
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
    const replayed = replay(file());
    await run(replayed.agent(agent), "Twice", { claude: replayed, environment: environment("new") });
    replayed.assertUsedUp();
    const same = normalRequest({
      messages: [
        { role: "user", content: [{ type: "text", text: "Hi", cache_control: { type: "ephemeral" } }] },
      ],
    });
    expect(firstDifference(normalRequest(said("Hi")), same)).toBeUndefined();
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
    expect(firstDifference(normalRequest(results("x", "y")), normalRequest(results("y", "x")))).toMatchObject(
      {
        path: ["messages", 1, "content", 0, "tool_use_id"],
      },
    );
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
        const [left, right] = [normalRequest(a as ModelRequest), normalRequest(b as ModelRequest)];
        const equal = JSON.stringify(left) === JSON.stringify(right);
        expect(firstDifference(left, right) === undefined).toBe(
          equal || JSON.stringify(left).includes("[redacted]"),
        );
        expect(firstDifference(left, structuredClone(left))).toBeUndefined();
      }),
    );
  });
});
