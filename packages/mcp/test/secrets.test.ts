import { run } from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { mcpTools } from "../src/index.js";
import { withoutSecrets } from "../src/secrets.js";
import type { McpServer } from "../src/server.js";
import { rawServer, text } from "./support.js";

const withQuery = (query: string): McpServer => ({ name: "x", url: `https://x.example/mcp?${query}` });

describe("what a server was sent is not repeated", () => {
  it.each<[string, string, readonly string[]]>([
    ["a plus, a slash and a padding", "key=ab+cd/efghijk==", ["ab+cd/efghijk==", "ab cd/efghijk=="]],
    ["the same, encoded", "key=ab%2Bcd%2Fefghijk%3D%3D", ["ab%2Bcd%2Fefghijk%3D%3D", "ab+cd/efghijk=="]],
    ["escapes in lower case", "key=ab%2fcd%2befghijk", ["ab%2fcd%2befghijk", "ab%2Fcd%2Befghijk"]],
    ["escapes of half of it", "key=ab+cd/efghijk==", ["ab+cd%2fefghijk==", "ab%20cd%2Fefghijk%3D="]],
    ["a plus that was none", "key=ab+cd/efghijk", ["ab%2Bcd%2Fefghijk"]],
    ["a space", "key=long%20secret", ["long secret", "long+secret", "long%20secret"]],
    ["a percent sign", "key=100%25safeword", ["100%25safeword", "100%safeword", "100%2525safeword"]],
    ["another alphabet", "key=пароль-секрет", ["пароль-секрет", encodeURIComponent("пароль-секрет")]],
    ["no name", "justasecret", ["justasecret"]],
  ])("of a query's value, in whatever spelling: %s", (_what, query, spellings) => {
    for (const spelling of spellings)
      expect(withoutSecrets(withQuery(query), `no ${spelling}, no`)).toBe("no [secret], no");
  });

  it("of headers, whole and in parts, and of a quotation of an environment", () => {
    const headers = { authorization: "Bearer sk-SECRET", cookie: "sid=cookie-secret; x=1" };
    const web: McpServer = { name: "x", url: "https://x.example/", headers };
    expect(withoutSecrets(web, "Bearer sk-SECRET; sk-SECRET; sid=cookie-secret; x=1; cookie-secret")).toBe(
      "[secret]; [secret]; [secret]; [secret]",
    );
    const process: McpServer = { name: "x", command: "x", env: { PASSWORD: 'a "quoted"\nword', SHORT: "a" } };
    expect(withoutSecrets(process, JSON.stringify({ was: 'a "quoted"\nword', a: "a" }))).toBe(
      '{"was":"[secret]","a":"a"}',
    );
  });

  it("and nothing else is touched", () => {
    const words = "a key of (.*) and ab+cd";
    expect(withoutSecrets(withQuery("key=.*%28.%2A%29.*&other=ab+cd"), words)).toBe(words);
  });
});

describe("a failure that a server tells of", () => {
  it("reaches the model without what the server was sent", async () => {
    const isError = true;
    const content = [
      ...text("401 to Bearer sk-SECRET"),
      { type: "resource", resource: { uri: "x:/a", text: "sk-SECRET" } },
      ...text("no key query/secret"),
    ];
    const structuredContent = { tried: "sk-SECRET" };
    const url = await rawServer({
      tools: [{ name: "go", inputSchema: { type: "object" } }],
      call: () => ({ content, structuredContent, isError }),
    });
    const headers = { authorization: "Bearer sk-SECRET" };
    const server = { name: "x", url: `${url}?key=query/secret`, headers };
    const { tools, close } = await mcpTools(server);
    onTestFinished(close);
    const claude = scripted([[toolUse("x__go", {}, "toolu_1")], "Fine."]);
    await run({ tools }, "Go.", { claude });
    const read = JSON.stringify(claude.requests[1]?.messages);
    expect(read).toMatch(/401 to \[secret\].*x:\/a\]\\n\[secret\].*no key \[secret\]/);
    expect(read).not.toMatch(/sk-SECRET|query\/secret/);
  });
});
