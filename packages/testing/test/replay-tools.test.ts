import type Anthropic from "@anthropic-ai/sdk";
import { run } from "@lockstitch/core";
import { record, replay, scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { handTool, still, temporaryDirectory } from "./recording-helpers.js";

const folder = temporaryDirectory();
const file = () => folder.path("a.jsonl");

const getWeather = handTool("get_weather", () => "3 °C", { description: "Weather." });
const weather = () =>
  scripted([
    [{ type: "text", text: "Let me look." }, toolUse("get_weather", { location: "Oslo" })],
    "Cold: 3 °C.",
  ]);

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
    const replayed = replay(file());
    const again = await run(replayed.agent(agent), "Go", { claude: replayed, environment: still() });
    expect(again.messages).toEqual(first.messages);
    expect(effects).toBe(7);
    replayed.assertUsedUp();
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
    const replayed = replay(file());
    const again = await run(replayed.agent({ tools: [pay] }), "Go", {
      claude: replayed,
      environment: still(),
    });
    expect(again.messages).toEqual(first.messages);
    expect(asked).toEqual([{ euros: 5 }, { euros: 5 }]);
  });

  it("say so where a call was not recorded", async () => {
    const agent = { tools: [getWeather], limits: { maxSteps: 1 } };
    await run(agent, "Weather?", { claude: record(weather(), file()), environment: still() });
    const replayed = replay(file());
    const { messages } = await run(replayed.agent(agent), "Weather?", {
      claude: replayed,
      environment: still(),
    });
    expect(JSON.stringify(messages.at(-1))).toMatch(
      /The recording has no result of get_weather with the input/,
    );
    expect(() => replayed.assertUsedUp()).toThrow(/It was not called like this, or the recording ended/);
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
    const replayed = replay(file());
    const again = await run(replayed.agent({ tools: [counter] }), "Go", {
      claude: replayed,
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
