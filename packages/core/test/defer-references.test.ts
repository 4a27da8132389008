import Anthropic from "@anthropic-ai/sdk";
import { type Agent, AgentError, claude, memoryStore, run, type ToolDefinition } from "@lockstitch/core";
import { createSimulator, scripted, scriptMind, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { handTool } from "./helpers.js";

const referenceTo = (tool_name: string) => ({ type: "tool_reference" as const, tool_name });
const deferred = handTool("weather", () => "sunny", { definition: { defer_loading: true } });
const finder = (...names: string[]) => handTool("find_tools", () => names.map(referenceTo));
const search = { type: "tool_search_tool_regex_20251119", name: "tool_search_tool_regex" } as const;

/** Runs against the simulator, which refuses what the API would. */
async function play(agent: Agent, replies: Parameters<typeof scriptMind>[0]) {
  const simulator = await createSimulator({ mind: scriptMind(replies) });
  try {
    const client = new Anthropic({ apiKey: "any", baseURL: simulator.url, maxRetries: 0 });
    const { messages } = await run(agent, "Go.", { claude: claude({ client }) });
    const statuses = simulator.requests.map(({ status }) => status);
    const [result] = (messages[2]?.content ?? []) as Anthropic.ToolResultBlockParam[];
    return { statuses, result: result?.content };
  } finally {
    await simulator.close();
  }
}

const asked = { content: [{ type: "tool_use" as const, name: "find_tools", input: {} }] };

describe("a reference to a tool in a tool's result", () => {
  it("is kept where the request defines that tool, so that the model gets to know it", async () => {
    const { statuses, result } = await play({ tools: [finder("weather"), deferred] }, [asked, "Done."]);
    expect(statuses).toEqual([200, 200]);
    expect(result).toEqual([referenceTo("weather")]);
  });

  it("is words where it does not, and the others are kept", async () => {
    const { statuses, result } = await play({ tools: [finder("weather", "no_such_tool"), deferred] }, [
      asked,
      "Done.",
    ]);
    expect(statuses).toEqual([200, 200]);
    expect(result).toMatchObject([
      referenceTo("weather"),
      { type: "text", text: /no_such_tool.*no such tool/ },
    ]);
  });

  it("is words where it names the search itself, which is nothing to be found", async () => {
    const { result } = await play({ tools: [finder(search.name), deferred, search] }, [asked, "Done."]);
    expect(result).toMatchObject([{ type: "text" }]);
  });

  it("is kept where a toolset may hold the tool, for what is in it is not known here", async () => {
    const toolset = { type: "mcp_toolset", mcp_server_name: "m" } as unknown as ToolDefinition;
    const script = scripted([[toolUse("find_tools")], "Done."]);
    await run({ tools: [finder("of_the_server"), toolset] }, "Go.", { claude: script });
    expect(JSON.stringify(script.requests[1]?.messages)).toContain('"type":"tool_reference"');
  });
});

describe("a session whose tools have changed", () => {
  it("keeps no reference to a tool that it has no more, neither its own tools' nor the API's", async () => {
    const found = {
      type: "tool_search_tool_search_result",
      tool_references: [referenceTo("weather"), referenceTo("find_tools")],
    };
    const simulator = await createSimulator({
      mind: scriptMind([
        asked,
        {
          content: [
            { type: "server_tool_use", id: "srvtoolu_1", name: search.name, input: { query: "w" } },
            { type: "tool_search_tool_result", tool_use_id: "srvtoolu_1", content: found },
            { type: "text", text: "Found." },
          ],
        } as never,
        "On.",
      ]),
    });
    try {
      const client = new Anthropic({ apiKey: "any", baseURL: simulator.url, maxRetries: 0 });
      const options = { claude: claude({ client }), store: memoryStore(), session: "s" };
      await run({ tools: [finder("weather"), deferred, search] }, "Go.", options);
      const { messages } = await run({ tools: [finder(), search] }, "And?", {
        ...options,
        ifPrefixChanged: "continue",
      });
      expect(simulator.requests.map(({ status }) => status)).toEqual([200, 200, 200]);
      const history = JSON.stringify(messages);
      expect(history).not.toContain('"tool_name":"weather"');
      expect(history).toContain('"tool_references":[{"type":"tool_reference","tool_name":"find_tools"}]');
    } finally {
      await simulator.close();
    }
  });
});

it("a conversation that is given, with a reference to a tool that the agent has not, is refused in words", async () => {
  const said = (content: Anthropic.ToolResultBlockParam["content"]): Anthropic.MessageParam[] => [
    { role: "user", content: "Go." },
    { role: "assistant", content: [{ type: "tool_use", id: "toolu_a", name: "find_tools", input: {} }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_a", content: content ?? "" }] },
  ];
  const options = { claude: scripted(["Fine."]), store: memoryStore(), session: "s" };
  const refused = run({ tools: [deferred, finder()] }, said([referenceTo("no_such_tool")]), options);
  await expect(refused).rejects.toThrow(AgentError);
  await expect(refused).rejects.toThrow(/not taken: .*no_such_tool/);
  expect(await run({ tools: [deferred, finder()] }, said([referenceTo("weather")]), options)).toMatchObject({
    text: "Fine.",
  });
});
