import { partialOf, run } from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import "@lockstitch/testing/vitest";
import { describe, expect, it } from "vitest";
import { handTool, still } from "./recording-helpers.js";

const getWeather = handTool("get_weather", () => ({ celsius: 3, sky: "x".repeat(500) }));
const fail = handTool("fail", () => Promise.reject(new Error("no\n  way")));
const pay = handTool("pay", () => "paid", { needsApproval: true });

const weather = () =>
  run({ tools: [getWeather, fail] }, "What should I wear in Oslo?", {
    claude: scripted([
      [
        { type: "thinking", thinking: "Cold there.", signature: "s" },
        { type: "text", text: "Let me look." },
        toolUse("get_weather", { location: "Oslo", unit: "c" }),
      ],
      [toolUse("fail", {})],
      { content: "A warm coat.", usage: { input_tokens: 1_000, output_tokens: 100 } },
    ]),
    environment: still(),
  });

/** What a failed expectation says. */
function failureOf(work: () => void): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it did not fail");
}

describe("matchers for what an agent did", () => {
  it("hold for what it did", async () => {
    const result = await weather();
    expect(result).toHaveCalledTool("get_weather");
    expect(result).toHaveCalledTool("get_weather", { location: "Oslo" });
    expect(result).toHaveCalledTool("get_weather", { location: expect.stringMatching(/^O/) });
    expect(result).toHaveCalledTools(["get_weather", "fail"]);
    expect(result).toHaveEndedWith("end_turn");
    expect(result).toHaveSaid("warm coat");
    expect(result).toHaveSaid(/^let me/i);
    expect(result).toHaveCostLessThan(1);
    expect(result).toHaveUsedAtMostTokens(1_130);
    expect(result.messages).toHaveCalledTools(["get_weather", "fail"]);
    expect(result.messages).toHaveSaid("coat");
  });

  it("hold the other way round with .not", async () => {
    const result = await weather();
    expect(result).not.toHaveCalledTool("pay");
    expect(result).not.toHaveCalledTool("get_weather", { location: "Rome" });
    expect(result).not.toHaveCalledTools(["fail", "get_weather"]);
    expect(result).not.toHaveCalledTools(["get_weather"]);
    expect(result).not.toHaveEndedWith("max_tokens");
    expect(result).not.toHaveSaid("umbrella");
    // What a person said, a tool gave or was thought is not what the assistant said.
    expect(result).not.toHaveSaid("wear in Oslo");
    expect(result).not.toHaveSaid("celsius");
    expect(result).not.toHaveSaid("Cold there");
    expect(result).not.toHaveCostLessThan(0.000_001);
    expect(result).not.toHaveUsedAtMostTokens(1_129);
  });

  it("show the conversation when they fail", async () => {
    const result = await weather();
    const message = failureOf(() => expect(result).toHaveCalledTool("get_weather", { location: "Bergen" }));
    expect(message.split("\n")).toEqual([
      'expected the agent to call get_weather with {"location": "Bergen"}, but it called get_weather {"location":"Oslo","unit":"c"}.',
      "",
      "The conversation:",
      "  user: What should I wear in Oslo?",
      "  assistant thinks: Cold there.",
      "  assistant: Let me look.",
      '    → get_weather {"location":"Oslo","unit":"c"}',
      expect.stringMatching(/^ {4}← \{"celsius":3,"sky":"x{100,200}… \(522 characters\)$/),
      "    → fail {}",
      "    ← error: no ⏎ way",
      "  assistant: A warm coat.",
      "  (ended with end_turn)",
    ]);
  });

  it.each<[string, (result: Awaited<ReturnType<typeof weather>>) => void, RegExp]>([
    [
      "a tool that was not called",
      (it) => expect(it).toHaveCalledTool("pay"),
      /to call pay, but it called get_weather .*, fail \{\}\./,
    ],
    [
      "one that was",
      (it) => expect(it).not.toHaveCalledTool("fail"),
      /not to call fail, but it called fail \{\}/,
    ],
    [
      "another order",
      (it) => expect(it).toHaveCalledTools(["fail"]),
      /to call fail, but it called get_weather, then fail/,
    ],
    ["no tools", (it) => expect(it).toHaveCalledTools([]), /to call no tool, but/],
    [
      "another ending",
      (it) => expect(it).toHaveEndedWith("refusal"),
      /to end with refusal, but it ended with end_turn/,
    ],
    ["other words", (it) => expect(it).toHaveSaid("hat"), /to say "hat", but this is what was said/],
    ["other words by a pattern", (it) => expect(it).toHaveSaid(/hat/), /to say \/hat\/, but/],
    [
      "a higher cost",
      (it) => expect(it).toHaveCostLessThan(0.001),
      /to cost less than \$0\.001, but it cost \$0\.0/,
    ],
    [
      "more tokens",
      (it) => expect(it).toHaveUsedAtMostTokens(5),
      /to use at most 5 tokens, but it used 1130/,
    ],
  ])("say what came instead of %s", async (_what, expectation, words) => {
    const result = await weather();
    const message = failureOf(() => expectation(result));
    expect(message).toMatch(words);
    expect(message).toContain("assistant: A warm coat.");
  });

  it.each<[string, (result: Awaited<ReturnType<typeof weather>>) => void]>([
    ["toHaveCalledTool", (it) => expect(it).not.toHaveCalledTool("get_weather", { location: "Oslo" })],
    ["toHaveCalledTools", (it) => expect(it).not.toHaveCalledTools(["get_weather", "fail"])],
    ["toHaveEndedWith", (it) => expect(it).not.toHaveEndedWith("end_turn")],
    ["toHaveSaid", (it) => expect(it).not.toHaveSaid("coat")],
    ["toHaveCostLessThan", (it) => expect(it).not.toHaveCostLessThan(1)],
    ["toHaveUsedAtMostTokens", (it) => expect(it).not.toHaveUsedAtMostTokens(2_000)],
  ])("show the conversation when .not.%s fails", async (_matcher, expectation) => {
    const result = await weather();
    const message = failureOf(() => expectation(result));
    expect(message).toMatch(/^expected the agent not to /);
    expect(message).toContain("The conversation:\n  user: What should I wear in Oslo?");
  });

  it("know a run that waits, one that a limit ended, and one that failed", async () => {
    const waiting = await run({ tools: [pay] }, "Pay.", {
      claude: scripted([[toolUse("pay")]]),
      environment: still(),
    });
    expect(waiting).toHaveEndedWith("waiting");
    expect(failureOf(() => expect(waiting).toHaveEndedWith("end_turn"))).toMatch(
      /but it waits for a person\.[\s\S]*\(waits for a person\)/,
    );
    const limited = await run({ tools: [getWeather], limits: { maxSteps: 1 } }, "Go.", {
      claude: scripted([[toolUse("get_weather")]]),
      environment: still(),
    });
    expect(limited).toHaveEndedWith("limit");
    expect(limited).toHaveEndedWith("maxSteps");
    expect(limited).not.toHaveEndedWith("maxTotalTokens");
    const error = await run({}, "Go.", {
      claude: scripted([new RangeError("no")]),
      environment: still(),
    }).catch((it: unknown) => it);
    expect(partialOf(error)).not.toHaveCalledTool("pay");
    expect(partialOf(error)).toHaveUsedAtMostTokens(0);
  });

  it("say of a run without calls that there were none, and of a long one only its end", async () => {
    const quiet = await run({}, "Hi", { claude: scripted(["Hello."]), environment: still() });
    expect(failureOf(() => expect(quiet).toHaveCalledTool("pay"))).toContain(
      "to call pay, but it called no tool.",
    );
    const long = Array.from({ length: 100 }, (_, index) => ({
      role: index % 2 ? "assistant" : "user",
      content: `line ${index}`,
    }));
    const message = failureOf(() => expect(long).toHaveSaid("nothing"));
    expect(message).toContain("… 60 lines before");
    expect(message).not.toContain("line 59");
    expect(message).toContain("assistant: line 99");
  });

  it("find a pattern in every reply, also one that keeps its place", async () => {
    const result = await weather();
    const sticky = /coat/g;
    expect(result).toHaveSaid(sticky);
    expect(result).toHaveSaid(sticky);
    // Where there is but one reply it would begin to look behind the words.
    const only = [{ role: "assistant", content: "A warm coat." }];
    expect(only).toHaveSaid(sticky);
    expect(only).toHaveSaid(sticky);
    expect(sticky.lastIndex).toBe(0);
  });

  it("take what it cost for no less than that, and what it used for at most that", async () => {
    const result = await weather();
    const { usd } = result.cost;
    expect(usd).toBeGreaterThan(0);
    expect(result).not.toHaveCostLessThan(Number(usd));
    expect(result).toHaveCostLessThan(Number(usd) + 1e-9);
  });

  it.each<[string, unknown, RegExp]>([
    ["toHaveEndedWith", undefined, /toHaveEndedWith takes a reason, and was given undefined/],
    ["toHaveEndedWith", "", /takes a reason, and was given ""/],
    ["toHaveSaid", undefined, /toHaveSaid takes words or a regular expression, and was given undefined/],
    ["toHaveSaid", "", /was given ""/],
    ["toHaveSaid", 5, /was given 5/],
    ["toHaveCalledTool", undefined, /toHaveCalledTool takes a tool's name, and was given undefined/],
    ["toHaveCalledTools", undefined, /toHaveCalledTools takes a list of tools' names/],
    ["toHaveCalledTools", [undefined], /toHaveCalledTools takes a list of tools' names/],
    ["toHaveCostLessThan", undefined, /toHaveCostLessThan takes US dollars, as a number/],
    ["toHaveCostLessThan", Number.NaN, /was given NaN/],
    ["toHaveUsedAtMostTokens", undefined, /toHaveUsedAtMostTokens takes a number of tokens/],
  ])("refuse what can't be meant, whichever way they are asked: %s(%j)", async (matcher, given, words) => {
    const result = await weather();
    const name = matcher as "toHaveSaid";
    expect(failureOf(() => expect(result)[name](given as never))).toMatch(words);
    expect(failureOf(() => expect(result).not[name](given as never))).toMatch(words);
  });

  it("know the calls that the API runs itself", () => {
    const content = [{ type: "server_tool_use", id: "s", name: "web_search", input: { query: "coats" } }];
    expect([{ role: "assistant", content }]).toHaveCalledTool("web_search", { query: "coats" });
  });

  it.each<[string, unknown, RegExp]>([
    ["a run that was not awaited", run({}, "Hi", { claude: scripted(["Hello."]) }), /Await it first/],
    ["a text", "Hello", /neither a Result nor its messages/],
    ["nothing", undefined, /neither a Result nor its messages/],
    ["other lists", [1, 2], /neither a Result nor its messages/],
  ])("refuse %s, whichever way they are asked", (_what, received, words) => {
    expect(failureOf(() => expect(received).toHaveSaid("Hello"))).toMatch(words);
    expect(failureOf(() => expect(received).not.toHaveSaid("Hello"))).toMatch(words);
  });

  it("refuse what can't be known: the cost of a model without a price, and how messages alone came to their end", async () => {
    const result = await run({ model: "somebody-elses" }, "Hi", {
      claude: scripted(["Hello."]),
      environment: still(),
    });
    expect(failureOf(() => expect(result).not.toHaveCostLessThan(1))).toMatch(
      /no price for somebody-elses\.[\s\S]*assistant: Hello\./,
    );
    for (const ask of ["toHaveEndedWith", "toHaveCostLessThan", "toHaveUsedAtMostTokens"] as const)
      expect(failureOf(() => expect(result.messages)[ask](1 as never))).toMatch(
        /Messages alone don't tell[\s\S]*assistant: Hello\./,
      );
  });
});
