import { readResult, run } from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import "@lockstitch/testing/vitest";
import { describe, expect, it } from "vitest";
import { handTool } from "./recording-helpers.js";

function failureOf(work: () => void): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it did not fail");
}

const small = {
  id: "small",
  family: "haiku",
  bestFor: "tests",
  contextWindow: 8_000,
  maxOutput: 2_000,
  source: "made up",
} as const;
const page = "Oslo lies at the end of a fjord and is cold in winter. ".repeat(75);

/** A run that pays first, and whose history is summarised after that. */
async function summarised() {
  const asks = (nth: number, input_tokens: number, name = "read") => ({
    content: [{ type: "text" as const, text: `Step ${nth}.` }, toolUse(name, {}, `toolu_${nth}`)],
    usage: { input_tokens, output_tokens: 20 },
  });
  return run(
    {
      model: "small",
      maxTokens: 500,
      tools: [handTool("read", () => page), handTool("pay", () => "paid"), readResult],
      limits: { maxResultLength: 4_000 },
    },
    "Read.",
    {
      claude: scripted([
        asks(0, 500, "pay"),
        asks(1, 1_000),
        asks(2, 2_200),
        asks(3, 6_500),
        "What was read so far.",
        [toolUse("read_result", { tool_use_id: "toolu_1", offset: 4_000 }, "toolu_4")],
        "Done.",
      ]),
      models: [small],
    },
  );
}

describe("matchers of a run whose history was summarised", () => {
  it("refuse to say what was not called or said, whichever way they are asked", async () => {
    const result = await summarised();
    const words = /can't be known .*: the history begins with a summary.*Look at the log's events/;
    expect(failureOf(() => expect(result).not.toHaveCalledTool("pay"))).toMatch(words);
    expect(failureOf(() => expect(result).toHaveCalledTool("pay"))).toMatch(words);
    expect(failureOf(() => expect(result).not.toHaveCalledTool("read_result", { offset: 1 }))).toMatch(words);
    expect(failureOf(() => expect(result).toHaveCalledTools(["read_result"]))).toMatch(words);
    expect(failureOf(() => expect(result).not.toHaveCalledTools(["pay"]))).toMatch(words);
    expect(failureOf(() => expect(result).not.toHaveSaid("Step 0."))).toMatch(words);
    expect(failureOf(() => expect(result.messages).not.toHaveCalledTool("pay"))).toMatch(words);
  });

  it("know what was called and said since", async () => {
    const result = await summarised();
    expect(result).toHaveCalledTool("read_result", { offset: 4_000 });
    expect(result).toHaveSaid("Done.");
    expect(failureOf(() => expect(result).not.toHaveCalledTool("read_result"))).toContain(
      "not to call read_result, but it called",
    );
  });
});

const called = [
  {
    role: "assistant",
    content: [toolUse("get_weather", { place: { city: "Oslo", zip: null }, days: [1, 2] }, "a")],
  },
];

describe("an expected input that no call can have", () => {
  it.each<[string, unknown, RegExp]>([
    ["undefined", undefined, /was given undefined, which no call has\. Leave it out/],
    ["null", null, /was given null, which no call has/],
    ["a function", () => true, /was given a function.*expect\.toSatisfy/],
    ["a field that is undefined", { city: undefined }, /was given undefined as its city/],
    ["one further inside", { place: { city: undefined } }, /was given undefined as its place\.city/],
    ["one in a list", { days: [1, undefined] }, /was given undefined as its days\.1/],
    ["a function inside", { place: () => true }, /was given a function as its place/],
    ["a pattern", { place: { city: /Oslo/ } }, /as its place\.city.*expect\.stringMatching\(\/Oslo\/\)/],
  ])("is refused, whichever way it is asked for: %s", (_what, input, words) => {
    expect(failureOf(() => expect(called).toHaveCalledTool("get_weather", input))).toMatch(words);
    expect(failureOf(() => expect(called).not.toHaveCalledTool("get_weather", input))).toMatch(words);
  });

  it("is none of what JSON and asymmetric matchers can say", () => {
    expect(called).toHaveCalledTool("get_weather", {});
    expect(called).toHaveCalledTool("get_weather", { place: { zip: null } });
    expect(called).toHaveCalledTool("get_weather", { place: expect.any(Object) });
    expect(called).toHaveCalledTool("get_weather", {
      place: { city: expect.toSatisfy((city) => city === "Oslo") },
    });
    expect(called).toHaveCalledTool("get_weather", {
      place: { city: expect.not.objectContaining({ x: undefined }) },
    });
    const circle: Record<string, unknown> = { days: [1, 2] };
    circle.self = circle;
    expect(called).not.toHaveCalledTool("get_weather", circle);
  });
});

it("a failure shows control characters escaped", () => {
  const messages = [
    { role: "assistant", content: "\u001b[2Jred\u009b31m" },
    { role: "assistant", content: [toolUse("look", { at: "\u007f\u0085" }, "a")] },
  ];
  const message = failureOf(() => expect(messages).toHaveSaid("x"));
  expect(message.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  expect(message).toContain(String.raw`assistant: \u001b[2Jred\u009b31m`);
  expect(message).toContain(String.raw`look {"at":"\u007f\u0085"}`);
});
