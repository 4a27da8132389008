import Anthropic from "@anthropic-ai/sdk";
import { type Agent, claude, memoryStore, run, type Tool } from "@lockstitch/core";
import { createSimulator, scriptMind, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { handTool } from "./helpers.js";

const picture = { type: "image", source: { type: "url", url: "https://example.com/a.png" } } as const;
const found = {
  type: "search_result",
  source: "https://example.com",
  title: "Rates",
  content: [{ type: "text", text: "3 %" }],
} as const;
const note = {
  type: "document",
  title: "A note",
  source: { type: "text", media_type: "text/plain", data: "Buy milk." },
} as const;
const callers = ["direct", "code_execution_20260120"] as const;

const container = { id: "container_1", expires_at: "2027-01-01T00:00:00Z", skills: null };
const code = {
  type: "server_tool_use",
  id: "srvtoolu_1",
  name: "code_execution",
  input: { code: "await look()" },
};

/** A reply of the API's, whole, for a script has no callers. */
function replyOf(by: (typeof callers)[number]): Anthropic.Message {
  const call = {
    ...toolUse("look", {}, "toolu_1"),
    caller: by === "direct" ? { type: by } : { type: by, tool_id: code.id },
  };
  return {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-sonnet-5-5",
    content: by === "direct" ? [call] : [code, call],
    ...(by === "direct" ? {} : { container }),
    stop_reason: "tool_use",
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 10 },
  } as unknown as Anthropic.Message;
}

/** What the API is sent of a tool's result. */
async function told(work: Tool["run"], by: (typeof callers)[number] = "code_execution_20260120") {
  const simulator = await createSimulator({ mind: scriptMind([() => ({ message: replyOf(by) }), "Done."]) });
  try {
    const client = new Anthropic({ apiKey: "any", baseURL: simulator.url, maxRetries: 0 });
    const look = handTool("look", work, { definition: { allowed_callers: [...callers] } });
    const agent: Agent = {
      model: "claude-sonnet-5-5",
      tools: [look, { type: "code_execution_20260120", name: "code_execution" }],
    };
    await run(agent, "Go.", { claude: claude({ client, governor: false }), store: memoryStore() });
    const body = simulator.requests[1]?.body as { messages?: Anthropic.MessageParam[] } | undefined;
    const content = body?.messages?.at(-1)?.content ?? [];
    return content[0] as unknown as Record<string, unknown>;
  } finally {
    await simulator.close();
  }
}

describe("a tool that code calls gives it text alone, for the API refuses all else there", () => {
  it("an image is told of, and what is text inside a block is given as text", async () => {
    const result = await told(() => [{ type: "text", text: "See:" }, picture, note]);
    expect(result.content).toEqual([
      { type: "text", text: "See:" },
      { type: "text", text: "(not shown: an image; a tool that is called by code can give it only text)" },
      { type: "text", text: "A note\nBuy milk." },
    ]);
    expect((await told(() => found)).content).toEqual([
      { type: "text", text: "Rates\nhttps://example.com\n3 %" },
    ]);
  });

  it("a PDF, a reference and a browser's state become words or JSON", async () => {
    const pdf = { type: "document", source: { type: "url", url: "https://example.com/a.pdf" } };
    const state = { type: "browser_state", tabs: [] };
    const result = await told(() => [pdf, { type: "tool_reference", tool_name: "look" }, state]);
    expect(result.content).toEqual([
      { type: "text", text: "(not shown: a document; a tool that is called by code can give it only text)" },
      { type: "text", text: '{"type":"tool_reference","tool_name":"look"}' },
      { type: "text", text: '{"type":"browser_state","tabs":[]}' },
    ]);
  });

  it("text stays as it is, and so does everything where the model itself calls", async () => {
    expect((await told(() => "42")).content).toBe("42");
    expect((await told(() => [picture], "direct")).content).toEqual([picture]);
  });
});
