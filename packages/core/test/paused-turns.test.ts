import Anthropic from "@anthropic-ai/sdk";
import { type Agent, claude, memoryStore, run } from "@lockstitch/core";
import { createSimulator, scriptMind, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { handTool } from "./helpers.js";

const asked = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "rates" } };
const found = {
  type: "web_search_tool_result",
  tool_use_id: "srvtoolu_1",
  content: [
    {
      type: "web_search_result",
      title: "Rates",
      url: "https://example.com",
      encrypted_content: "abc",
      page_age: null,
    },
  ],
};
const said = (text: string) => ({ type: "text", text });
const pause = (...content: readonly object[]) => ({ content, stop_reason: "pause_turn" });

/** On the simulator, which refuses what the API would. */
async function play(
  replies: readonly unknown[],
  more: NonNullable<Agent["tools"]> = [],
  inputs: readonly string[] = ["Go."],
) {
  const simulator = await createSimulator({
    mind: scriptMind([...replies, "Done."] as Parameters<typeof scriptMind>[0]),
  });
  const client = new Anthropic({ apiKey: "any", baseURL: simulator.url, maxRetries: 0 });
  const agent: Agent = {
    model: "claude-sonnet-5-5",
    tools: [{ type: "web_search_20260318", name: "web_search" }, ...more],
  };
  const options = { claude: claude({ client }), store: memoryStore(), session: "s" };
  try {
    const results = [];
    for (const input of inputs) results.push(await run(agent, input, options));
    return { result: results.at(-1), statuses: simulator.requests.map(({ status }) => status) };
  } finally {
    await simulator.close();
  }
}

const pausing: readonly (readonly [string, readonly unknown[]])[] = [
  ["with a result alone", [pause(asked), pause(found)]],
  ["with a result and words", [pause(asked), pause(found, said("So far:"))]],
  ["with words alone", [pause(asked, found), pause(said("Well,"))]],
  ["again and again", [pause(asked), pause(found), pause(said("Well,")), pause(said("let me see:"))]],
];

describe("a turn that the API pauses among its own tools", () => {
  it.each(pausing)("goes on where it pauses %s", async (_how, replies) => {
    const { result, statuses } = await play(replies);
    expect(result).toMatchObject({ reason: "end_turn", text: "Done." });
    expect(statuses).toEqual(Array.from({ length: replies.length + 1 }, () => 200));
  });

  it("goes on where results of ours stand between the tool and the pause", async () => {
    const look = handTool("look", () => "seen");
    const replies = [{ content: [asked, found, toolUse("look", {}, "toolu_1")] }, pause(said("Well,"))];
    const { result, statuses } = await play(replies, [look]);
    expect(result).toMatchObject({ reason: "end_turn", text: "Done." });
    expect(statuses).toEqual([200, 200, 200]);
  });

  it("is not gone on with where it has none of them: that would put words into the model's mouth", async () => {
    expect((await play([pause(said("Well,"))])).result).toMatchObject({
      reason: "pause_turn",
      text: "Well,",
    });
    const before = { content: [asked, found, said("3 %.")] };
    const { result, statuses } = await play([before, pause(said("Well,"))], [], ["Go.", "And now?"]);
    expect(result).toMatchObject({ reason: "pause_turn", text: "Well," });
    expect(statuses).toEqual([200, 200]);
  });
});
