import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { describe, expect, test } from "vitest";
import { everyKind, post, question, start } from "./http-driver.js";

interface Sent {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly path?: string;
}

describe("a request that never reaches the mind", () => {
  test.each<[what: string, sent: Sent, status: number, type: string, message: unknown]>([
    ["another path", { path: "/v1/complete" }, 404, "not_found_error", "Not Found"],
    ["no key", { headers: { "x-api-key": "" } }, 401, "authentication_error", "x-api-key header is required"],
    [
      "no version",
      { headers: { "anthropic-version": "" } },
      400,
      "invalid_request_error",
      "anthropic-version: header is required",
    ],
    [
      "a version that never was",
      { headers: { "anthropic-version": "2024-01-01" } },
      400,
      "invalid_request_error",
      'anthropic-version: "2024-01-01" is not a valid version',
    ],
    [
      "a body that is not JSON",
      { body: "{not json" },
      400,
      "invalid_request_error",
      expect.stringMatching(/^The request body is not valid JSON: /),
    ],
    [
      "a body that is not UTF-8",
      { body: Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xff]), Buffer.from('"}')]) },
      400,
      "invalid_request_error",
      "The request body is not valid JSON: it is not valid UTF-8",
    ],
    [
      "a body that is nested too deep",
      { body: `{"x":${"[".repeat(500)}${"]".repeat(500)}}` },
      400,
      "invalid_request_error",
      "The request body is not valid JSON: nested more than 500 deep",
    ],
    [
      "half of a surrogate pair, which JSON.stringify lets through",
      { body: JSON.stringify({ ...question, messages: [{ role: "user", content: "cut \ud83d" }] }) },
      400,
      "invalid_request_error",
      expect.stringMatching(
        /^The request body is not valid JSON: no low surrogate in string: line 1 column \d+/,
      ),
    ],
    [
      "a body over 32 MB",
      { body: " ".repeat(33 * 1024 * 1024) },
      413,
      "request_too_large",
      "Request exceeds the maximum size",
    ],
    [
      "a body that is a list",
      { body: "[]" },
      400,
      "invalid_request_error",
      "Input should be a valid dictionary",
    ],
  ])("with %s is refused", async (_, { body = question, headers = {}, path }, status, type, message) => {
    const simulator = await start({ mind: () => everyKind });
    const answer = await post(simulator, body, headers, path);
    expect(answer).toEqual({
      status,
      body: { type: "error", error: { type, message }, request_id: expect.stringMatching(/^req_011/) },
    });
  });

  test("by another method is refused, saying which is right", async () => {
    const simulator = await start();
    const response = await fetch(`${simulator.url}/v1/messages`);
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
    expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error" } });
  });

  test("by a name that is not of this machine is refused", async () => {
    const simulator = await start();
    const request = httpRequest(`${simulator.url}/v1/messages`, {
      method: "POST",
      headers: { host: "evil.example" },
    });
    request.end("{}");
    const [response] = await once(request, "response");
    response.resume();
    expect(response.statusCode).toBe(403);
  });

  test("with a whole emoji, escaped, is let through", async () => {
    const simulator = await start({ mind: () => everyKind });
    const body = JSON.stringify(question).replace("Hello", String.raw`\ud83d\ude00 \\ud83d`);
    expect((await post(simulator, body)).status).toBe(200);
  });
});
