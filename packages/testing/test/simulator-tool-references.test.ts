import { describe, expect, test } from "vitest";
import { refuseMessageRequest } from "../src/index.js";
import {
  assistant,
  cached,
  expectRefusal,
  type Fields,
  hello,
  history,
  newest,
  request,
  result,
  text,
  tool,
  use,
  user,
} from "./request-parts.js";

const search = { type: "tool_search_tool_bm25_20251119", name: "tool_search_tool_bm25" };
const deferred = (name: string, more: Fields = {}): Fields => tool({ name, defer_loading: true, ...more });
const referring = (...names: string[]): readonly Fields[] => [
  hello,
  assistant(use("a")),
  user(
    result("a", {
      content: [text("Found:"), ...names.map((tool_name) => ({ type: "tool_reference", tool_name }))],
    }),
  ),
];
const searched = (name: string): readonly Fields[] => [
  hello,
  assistant(
    { type: "server_tool_use", id: "srvtoolu_1", name: "tool_search_tool_bm25", input: { query: "x" } },
    {
      type: "tool_search_tool_result",
      tool_use_id: "srvtoolu_1",
      content: {
        type: "tool_search_tool_search_result",
        tool_references: [{ type: "tool_reference", tool_name: name }],
      },
    },
    text("a"),
  ),
  hello,
];
const taken = (body: Fields, ...betas: string[]): void =>
  expect(refuseMessageRequest(body, { ...newest, betas })).toBeUndefined();

describe("a reference to a tool", () => {
  const tools = [tool(), deferred("rare"), search];

  test.each([
    ["in a tool's result", referring],
    ["in what the API's own search found", searched],
  ])("%s is to one that the request defines", (_, conversation) => {
    taken(request({ tools, messages: conversation("rare") }));
    expectRefusal(
      request({ tools, messages: conversation("rarer") }),
      "Tool reference 'rarer' not found in available tools",
    );
    expectRefusal(
      request({ messages: conversation("rare") }),
      "Tool reference 'rare' not found in available tools",
    );
  });

  test("is looked at wherever it stands among others", () => {
    taken(request({ tools, messages: referring("rare", "look") }));
    expectRefusal(
      request({ tools, messages: referring("rare", "gone") }),
      /^Tool reference 'gone' not found/,
    );
    expectRefusal(
      request({ tools, messages: [...referring("gone"), assistant(text("a")), hello] }),
      /'gone'/,
    );
  });

  test("may be to one that the conversation itself brought", () => {
    const beta = "inline-tools-2026-09-15";
    const bringing = (name: string): Fields =>
      history(
        {
          role: "system",
          content: [{ type: "tool_addition", tool: { type: "tool_definition", definition: tool({ name }) } }],
        },
        ...referring("late").slice(1),
      );
    taken({ ...bringing("late"), tools: [tool()] }, beta);
    expect(
      refuseMessageRequest({ ...bringing("other"), tools: [tool()] }, { ...newest, betas: [beta] }),
    ).toBe("Tool reference 'late' not found in available tools");
  });

  test("may be to what only a server or a toolset knows", () => {
    const servers = { mcp_servers: [{ type: "url", name: "a", url: "https://example.com" }] };
    taken(request({ ...servers, messages: referring("far") }), "mcp-client-2025-11-20");
    taken(request({ tools: [{ type: "browser_toolset_20260801" }], messages: referring("click") }));
  });
});

describe("deferred tools", () => {
  test("leave at least one that is not", () => {
    taken(request({ tools: [tool(), deferred("rare")] }));
    taken(request({ tools: [search, deferred("rare"), deferred("rarer")] }));
    taken(request({ tools: [] }));
    const words = "At least one tool must have defer_loading=false. All tools cannot be deferred.";
    expectRefusal(request({ tools: [deferred("rare")] }), words);
    expectRefusal(
      request({ tools: [deferred("rare"), deferred("rarer"), { ...search, defer_loading: true }] }),
      words,
    );
  });

  test("have no cache marker", () => {
    taken(request({ tools: [tool(cached), deferred("rare")] }));
    taken(request({ tools: [tool(), deferred("rare", { cache_control: null })] }));
    taken(request({ tools: [tool(), deferred("rare", { defer_loading: false, ...cached })] }));
    expectRefusal(
      request({ tools: [tool(), deferred("rare", cached)] }),
      "Tool 'rare' cannot have both defer_loading=true and cache_control set. Tools with defer_loading cannot use prompt caching.",
    );
  });
});
