import { describe, expect, test } from "vitest";
import { callsOf, converse, type RunTool, text, toolOf } from "./demo-driver.js";

describe("with a choice of tools", () => {
  const tools = [
    toolOf("get_weather", "The weather of a place", { place: text() }),
    toolOf("get_time", "The time of a place", { place: text() }),
  ];
  const say: RunTool = (name) => `${name} says so`;

  test("none, it calls none", () => {
    const { rounds, answer } = converse(tools, "Weather in Oslo?", say, { tool_choice: { type: "none" } });
    expect(rounds).toEqual([]);
    expect(answer).toContain("I was told to use no tools");
  });

  test("any, it calls one even if none fits, and then comes to an end", () => {
    const { rounds } = converse(tools, "Hello", say, { tool_choice: { type: "any" } });
    expect(rounds.flat()).toHaveLength(1);
  });

  test("of one tool, it calls that one", () => {
    const conversation = converse(tools, "Weather in Oslo?", say, {
      tool_choice: { type: "tool", name: "get_time" },
    });
    expect(callsOf(conversation)).toEqual([["get_time", { place: "Oslo" }]]);
    expect(conversation.answer).toContain("get_time says so");
  });
});

describe("with an output format", () => {
  const schema = {
    type: "object",
    properties: {
      place: text(),
      temperature: text(),
      warm: { type: "boolean" },
      tags: { type: "array", items: text() },
    },
    required: ["place", "temperature", "warm", "tags"],
    additionalProperties: false,
  };

  test("it answers with JSON that follows the schema, out of what the tools said", () => {
    const tools = [toolOf("get_weather", "The weather of a place", { place: text() })];
    const { answer } = converse(tools, "How warm is Oslo?", () => ({ temperature: "4 °C" }), {
      output_config: { format: { type: "json_schema", schema } },
    });
    expect(JSON.parse(answer)).toMatchObject({ place: "Oslo", temperature: "4 °C", tags: expect.any(Array) });
  });
});
