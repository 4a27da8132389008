import { describe, expect, test } from "vitest";
import { refuseMessageRequest } from "../src/index.js";
import { assistant, expectRefusal, type Fields, hello, history, newest, text } from "./request-parts.js";

const use = (id = "srvtoolu_1", name = "web_search"): Fields => ({
  type: "server_tool_use",
  id,
  name,
  input: {},
});
const result = (content: unknown = [], more: Fields = {}): Fields => ({
  type: "web_search_tool_result",
  tool_use_id: "srvtoolu_1",
  content,
  ...more,
});
const page = { type: "web_search_result", url: "https://example.com", title: "a", encrypted_content: "b" };
const said = (...blocks: Fields[]): Fields => history(assistant(...blocks, text("Done.")), hello);
const place = "messages.1.content.1.web_search_tool_result";

describe("what one of the API's own tools has found", () => {
  test.each<[what: string, content: unknown]>([
    ["nothing", []],
    ["pages", [page, { ...page, page_age: null }]],
    ["an error", { type: "web_search_tool_result_error", error_code: "unavailable" }],
  ])("is taken: %s", (_, content) => {
    expect(refuseMessageRequest(said(use(), result(content)), newest)).toBeUndefined();
  });

  test.each<[what: string, block: Fields, words: string | RegExp]>([
    [
      "another tool's",
      { type: "code_execution_tool_result", tool_use_id: "srvtoolu_1", content: { type: "x" } },
      /^messages\.1\.content\.1: unexpected `tool_use_id` found in `code_execution_tool_result` blocks: srvtoolu_1\./,
    ],
    ["a number", result(5), `${place}.content: Input should be a valid list`],
    ["a list of numbers", result([5]), `${place}.content.0: Input should be a valid dictionary`],
    [
      "a page without what it said",
      result([{ ...page, encrypted_content: undefined }]),
      `${place}.content.0.encrypted_content: Field required`,
    ],
    [
      "a page of another kind",
      result([{ ...page, type: "page" }]),
      /content\.0\.type: Input should be 'web_se/,
    ],
    ["an error of no kind", result({ error_code: "x" }), `${place}.content.type: Field required`],
    [
      "a call's with another form of id",
      result([], { tool_use_id: "1" }),
      `${place}.tool_use_id: String should match pattern '^srvtoolu_[a-zA-Z0-9_]+$'`,
    ],
  ])("is refused: %s", (_, block, words) => {
    expectRefusal(said(use(), block), words);
  });

  test("comes once, after its call", () => {
    expectRefusal(
      said(use(), result(), result()),
      "messages.1.content.2: each tool_use must have a single result. Found multiple `web_search_tool_result` blocks with id: srvtoolu_1",
    );
    expectRefusal(said(result(), use()), /^messages\.1\.content\.0: unexpected `tool_use_id` found/);
  });

  test("of code is an object with a type", () => {
    const code = (content: unknown): Fields =>
      said(use("srvtoolu_1", "code_execution"), {
        type: "code_execution_tool_result",
        tool_use_id: "srvtoolu_1",
        content,
      });
    expectRefusal(code([]), /code_execution_tool_result\.content: Input should be a valid dictionary$/);
    expectRefusal(code({ type: 5 }), /content\.type: Input should be a valid string$/);
    expect(refuseMessageRequest(code({ type: "code_execution_result" }), newest)).toBeUndefined();
  });
});

describe("a call of one of the API's own tools", () => {
  test.each<[what: string, request: Fields, words: string | RegExp]>([
    [
      "with the id of another",
      said(use(), use(), result()),
      "messages.1.content.1: `server_tool_use` ids must be unique",
    ],
    [
      "with the form of another id",
      said(use("1"), result([])),
      "messages.1.content.0.server_tool_use.id: String should match pattern '^srvtoolu_[a-zA-Z0-9_]+$'",
    ],
    [
      "that there is not",
      said(use("srvtoolu_1", "bogus"), result()),
      /^messages\.1\.content\.0\.server_tool_use\.name: Input should be 'web_search', .* or 'tool_search_tool_bm25'$/,
    ],
    [
      "that only a beta knows",
      said(use("srvtoolu_1", "advisor")),
      /server_tool_use\.name: Input should be 'web_search'/,
    ],
    [
      "of MCP, answered without the beta for it",
      said({ type: "mcp_tool_result", tool_use_id: "mcptoolu_1", content: [] }),
      /^messages\.1\.content\.0: Input tag 'mcp_tool_result' found/,
    ],
  ])("is refused: %s", (_, request, words) => {
    expectRefusal(request, words);
  });

  test("is taken with the beta that knows its tool", () => {
    const advised = said(use("srvtoolu_1", "advisor"), {
      type: "advisor_tool_result",
      tool_use_id: "srvtoolu_1",
      content: { type: "advisor_result", text: "x" },
    });
    const betas = ["advisor-tool-2026-03-01"];
    expect(refuseMessageRequest(advised, { version: "2026-10-21", betas })).toBeUndefined();
  });
});
