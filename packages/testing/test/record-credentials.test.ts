import type { ModelRequest } from "@lockstitch/core";
import { readCassette, record, replay, scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { isCredentialName } from "../src/record/credential-names.js";
import { redactEvents } from "../src/record/redact-events.js";
import { redactData, redactValue } from "../src/record/redact-value.js";
import { ask, temporaryDirectory } from "./recording-helpers.js";

const folder = temporaryDirectory();
const same = (text: string) => text;

describe("a field named like a credential", () => {
  it.each([
    "authorization_token",
    "authorization",
    "Authorization",
    "proxy-authorization",
    "api_key",
    "apiKey",
    "x-api-key",
    "apikey",
    "token",
    "access_token",
    "refreshToken",
    "password",
    "DB_PASSWORD",
    "passphrase",
    "secret",
    "clientSecret",
    "secret_access_key",
    "private_key",
    "credentials",
    "cookie",
    "token2",
    "auth",
  ])("is known by the name %s", (name) => {
    expect(isCredentialName(name)).toBe(true);
  });

  it.each([
    "max_tokens",
    "budget_tokens",
    "input_tokens",
    "key",
    "author",
    "authors",
    "tokenizer",
    "secretary",
    "passenger",
    "compass",
    "monkey",
    "primary_key",
    "signature",
    "text",
  ])("is not known by the name %s", (name) => {
    expect(isCredentialName(name)).toBe(false);
  });

  it("is not in the file, wherever it stands in a request, and the request is replayed with another one", async () => {
    const request = (value: string) =>
      ({
        mcp_servers: [{ type: "url", url: "https://mcp.example", name: "m", authorization_token: value }],
        metadata: { user_id: "me", session: { apiKey: value } },
        tools: [{ name: "log_in", input_schema: { type: "object" }, headers: { Authorization: value } }],
        messages: [
          { role: "user", content: "Log in." },
          {
            role: "assistant",
            content: [
              { type: "tool_use", id: "a", name: "log_in", input: { password: value, token: [value] } },
            ],
          },
        ],
      }) as unknown as Partial<ModelRequest>;
    const file = folder.path("a.jsonl");
    await ask(record(scripted(["In."]), file), request("tulip"));
    expect(folder.read("a.jsonl")).not.toContain("tulip");
    expect(readCassette(file)[0]?.request).toMatchObject({
      mcp_servers: [{ url: "https://mcp.example", name: "m", authorization_token: "[redacted]" }],
      metadata: { user_id: "me", session: { apiKey: "[redacted]" } },
    });
    expect((await ask(replay(file), request("rose"))).error).toBeUndefined();
    const { mcp_servers: _servers, ...without } = request("rose") as Record<string, unknown>;
    const { error } = await ask(replay(file), without);
    expect((error as Error).message).toMatch(/mcp_servers: expected .*, got nothing/);
    const another = { ...request("rose"), betas: [{ token: "dahlia" }] };
    const message = ((await ask(replay(file), another)).error as Error).message;
    expect(message).toContain('betas: expected nothing, got [{"token":"[redacted]"}]');
  });

  it("is neither in a reply, nor in the pieces of its stream", async () => {
    const file = folder.path("a.jsonl");
    const model = scripted([[toolUse("log_in", { user: "ada", password: "tulip", pin: 1, token: 4711 })]]);
    await ask(record(model, file), { messages: [] });
    expect(folder.read("a.jsonl")).not.toMatch(/tulip|4711/);
    const pieces = readCassette(file)[0]?.events.map((event) =>
      event.type === "content_block_delta" ? Object.values(event.delta)[1] : "",
    );
    expect(JSON.parse(pieces?.join("") ?? "")).toEqual({
      user: "ada",
      password: "[redacted]",
      pin: 1,
      token: "[redacted]",
    });
  });

  it("is not in a list of pairs, and a list of words is left alone", () => {
    const pairs = [
      ["x-api-key", "tulip"],
      ["accept", "json"],
    ];
    const clean = [
      ["x-api-key", "[redacted]"],
      ["accept", "json"],
    ];
    expect(redactValue({ headers: pairs, required: ["token", "user"] }, same)).toEqual({
      headers: clean,
      required: ["token", "user"],
    });
    expect(redactData({ headers: pairs, words: ["token", "user"] }, same)).toEqual({
      headers: clean,
      words: ["token", "user"],
    });
  });

  it("is not in the examples of a tool's input, in which numbers and names are looked at as well", () => {
    const remove = (text: string) => text.replaceAll("4711", "[redacted]");
    const tool = { name: "pay", input_examples: [{ pin: 4711, 4711: "a", type: "4711" }], max_uses: 4711 };
    expect(redactValue(tool, remove)).toEqual({
      name: "pay",
      input_examples: [{ pin: "[redacted]", "[redacted]": "a", type: "[redacted]" }],
      max_uses: 4711,
    });
  });

  it("is not in the name or the type of an error", async () => {
    const file = folder.path("a.jsonl");
    const key = `sk-${"ant"}-abc_DEF-123`;
    const error = Object.assign(new Error("no"), {
      name: `Failed ${key}`,
      type: `refused ${key}`,
      status: 500,
    });
    await ask(record(scripted([error]), file), { messages: [] });
    expect(folder.read("a.jsonl")).not.toContain(key);
    expect(readCassette(file)[0]).toMatchObject({
      error: { name: "Failed [redacted]", type: "refused [redacted]" },
    });
  });

  it("is not in an input that broke off", () => {
    const broken = '{"user":"ada","password":"tul\\"ip';
    expect(redactData({ INVALID_JSON: broken }, same)).toEqual({
      INVALID_JSON: '{"user":"ada","password":"[redacted]',
    });
    const delta = (partial_json: string) =>
      ({ type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json } }) as const;
    const events = redactEvents([delta('{"user":"ada","pass'), delta('word":"tul'), delta("ip")], same);
    expect(JSON.stringify(events)).not.toMatch(/tul|ip"/);
  });

  it("is left where it holds none: in a schema, and where it is empty", () => {
    const schema = {
      properties: { password: { type: "string", description: "At least 8." }, token: { enum: ["a"] } },
      required: ["password"],
    };
    expect(redactValue({ input_schema: schema }, same)).toEqual({ input_schema: schema });
    expect(redactValue({ token: "", secret: null, auth: true }, same)).toEqual({
      token: "",
      secret: null,
      auth: true,
    });
  });
});
