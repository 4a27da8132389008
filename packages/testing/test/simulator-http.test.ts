import { once } from "node:events";
import { request as httpRequest } from "node:http";
import Anthropic from "@anthropic-ai/sdk";
import { afterEach, describe, expect, test } from "vitest";
import {
  createSimulator,
  type Mind,
  type Reply,
  type Simulator,
  type SimulatorOptions,
  scriptMind,
} from "../src/index.js";

const open: Simulator[] = [];

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await createSimulator({ now: () => Date.parse("2026-11-22T10:00:00Z"), ...options });
  open.push(simulator);
  return simulator;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

function clientOf(simulator: Simulator, options: Record<string, unknown> = {}): Anthropic {
  return new Anthropic({ baseURL: simulator.url, apiKey: "sk-test", maxRetries: 0, ...options });
}

const question = {
  model: "claude-haiku-5-5",
  max_tokens: 1_000,
  messages: [{ role: "user" as const, content: "Hello" }],
};

const everyKind: Reply = {
  content: [
    { type: "thinking", thinking: "Let me think about that.", signature: "c2lnbmF0dXJl" },
    { type: "text", text: "Ça va? 👩‍🚀 Here are  two\nlines, and a verylongwordwithoutanyspaceinit. " },
    {
      type: "tool_use",
      name: "get_weather",
      input: { place: "Tromsø 🌨️", days: 3, nested: { list: [1, null] } },
    },
    { type: "tool_use", name: "get_time", input: {} },
  ],
};

async function post(
  simulator: Simulator,
  body: unknown,
  headers: Record<string, string> = {},
  path = "/v1/messages",
): Promise<{ status: number; body: { error?: { type: string; message: string }; request_id?: string } }> {
  const response = await fetch(`${simulator.url}${path}`, {
    method: "POST",
    headers: { "x-api-key": "key", "anthropic-version": "2026-10-21", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as never };
}

describe("the SDK", () => {
  test("gets a whole message, with ids, usage and a request id as from the API", async () => {
    const simulator = await start({ mind: () => everyKind });
    const { data, request_id } = await clientOf(simulator).messages.create(question).withResponse();
    expect(data).toMatchObject({
      id: expect.stringMatching(/^msg_01[1-9A-Za-z]{22}$/),
      type: "message",
      role: "assistant",
      model: "claude-haiku-5-5",
      stop_reason: "tool_use",
      stop_sequence: null,
      usage: { cache_creation_input_tokens: 0, cache_read_input_tokens: 0, service_tier: "standard" },
    });
    expect(data.content.map((block) => block.type)).toEqual(["thinking", "text", "tool_use", "tool_use"]);
    expect(data.content[2]).toMatchObject({
      id: expect.stringMatching(/^toolu_01[1-9A-Za-z]{22}$/),
      caller: { type: "direct" },
    });
    expect(data.usage.input_tokens).toBeGreaterThan(0);
    expect(data.usage.output_tokens).toBeGreaterThan(20);
    expect(request_id).toMatch(/^req_011/);
  });

  test("puts the streamed events together to the message it gets as JSON", async () => {
    const simulator = await start({ mind: () => everyKind });
    const client = clientOf(simulator);
    const whole = await client.messages.create(question);
    const streamed = await client.messages.stream(question).finalMessage();
    // The two are separate requests, so that they have ids of their own; `parsed_output` is the SDK's.
    expect({ ...streamed, parsed_output: null }).toEqual(streamed);
    expect(withoutIds(streamed)).toEqual({ ...withoutIds(whole), parsed_output: null });
    expect(streamed.id).not.toBe(whole.id);
  });

  test("sees the events in the order of the API, text and tool input in several pieces", async () => {
    const simulator = await start({ mind: () => everyKind });
    const stream = await clientOf(simulator).messages.create({ ...question, stream: true });
    const types: string[] = [];
    const pieces = new Map<number, string[]>();
    for await (const event of stream) {
      types.push(event.type === "content_block_delta" ? event.delta.type : event.type);
      if (event.type === "content_block_delta" && event.delta.type === "input_json_delta") {
        pieces.set(event.index, [...(pieces.get(event.index) ?? []), event.delta.partial_json]);
      }
    }
    expect(types.filter((type, index) => type !== types[index - 1])).toEqual([
      "message_start",
      ...["content_block_start", "thinking_delta", "signature_delta", "content_block_stop"],
      ...["content_block_start", "text_delta", "content_block_stop"],
      ...["content_block_start", "input_json_delta", "content_block_stop"],
      ...["content_block_start", "input_json_delta", "content_block_stop"],
      "message_delta",
      "message_stop",
    ]);
    expect(types.filter((type) => type === "text_delta").length).toBeGreaterThan(3);
    expect(pieces.get(2)?.[0]).toBe("");
    expect(pieces.get(2)?.length).toBeGreaterThan(3);
    expect(pieces.get(3)).toEqual([""]);
  });

  test("is let in with a bearer token and with x-api-key", async () => {
    const simulator = await start({ apiKey: "sk-right", mind: () => everyKind });
    await clientOf(simulator, { apiKey: "sk-right" }).messages.create(question);
    await clientOf(simulator, {
      apiKey: "sk-right",
      defaultHeaders: { "x-api-key": "sk-right" },
    }).messages.create(question);
    expect((await post(simulator, question, { "x-api-key": "sk-right" })).status).toBe(200);
    await expect(
      clientOf(simulator, { apiKey: "sk-wrong" }).messages.create(question),
    ).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
  });

  test("throws its own error classes for what the simulator refuses", async () => {
    const simulator = await start();
    const failing = clientOf(simulator).messages.create({ ...question, messages: [] });
    await expect(failing).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    await expect(failing).rejects.toMatchObject({
      status: 400,
      requestID: expect.stringMatching(/^req_/),
      apiMessage: "messages: at least one message is required",
    });
  });

  test("can count tokens, as an estimate that grows with the request", async () => {
    const simulator = await start();
    const client = clientOf(simulator);
    const count = async (content: string): Promise<number> => {
      const { input_tokens } = await client.messages.countTokens({
        model: "claude-haiku-5-5",
        messages: [{ role: "user", content }],
      });
      return input_tokens;
    };
    expect(await count("Hello")).toBeGreaterThan(0);
    expect(await count("Hello ".repeat(700))).toBeGreaterThan(1_000);
  });
});

describe("the bytes of a stream", () => {
  test("are named events with one line of JSON each, a ping after the first block has begun", async () => {
    const simulator = await start({
      mind: () => ({ content: [{ type: "text", text: "Hi there" }] }),
      seed: "a",
    });
    const response = await fetch(`${simulator.url}/v1/messages`, {
      method: "POST",
      headers: { authorization: "Bearer key", "anthropic-version": "2023-06-01" },
      body: JSON.stringify({ ...question, stream: true }),
    });
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const events = (await response.text()).split("\n\n").filter(Boolean);
    expect(events.map((event) => event.split("\n")[0])).toEqual([
      "event: message_start",
      "event: content_block_start",
      "event: ping",
      "event: content_block_delta",
      "event: content_block_delta",
      "event: content_block_stop",
      "event: message_delta",
      "event: message_stop",
    ]);
    for (const event of events) {
      const [name = "", data = ""] = event.split("\n");
      expect(`event: ${JSON.parse(data.replace("data: ", "")).type}`).toBe(name);
    }
    expect(events[2]).toBe('event: ping\ndata: {"type":"ping"}');
    const first = JSON.parse(events[0]?.split("data: ")[1] ?? "");
    expect(first.message).toMatchObject({ content: [], stop_reason: null, usage: { output_tokens: 1 } });
    const delta = JSON.parse(events[6]?.split("data: ")[1] ?? "");
    expect(delta.usage.input_tokens).toBe(first.message.usage.input_tokens);
    expect(delta.usage.output_tokens).toBeGreaterThan(1);
  });
});

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

describe("the mind", () => {
  test("may answer with an HTTP error and its headers", async () => {
    const overloaded: Reply = {
      status: 529,
      error: { type: "overloaded_error", message: "Overloaded" },
      headers: { "retry-after": "7" },
    };
    const simulator = await start({ mind: () => overloaded });
    await expect(clientOf(simulator).messages.create(question)).rejects.toMatchObject({
      status: 529,
      type: "overloaded_error",
      headers: expect.objectContaining({}),
    });
    const response = await fetch(`${simulator.url}/v1/messages`, {
      method: "POST",
      headers: { "x-api-key": "key", "anthropic-version": "2026-10-21" },
      body: JSON.stringify(question),
    });
    expect(response.headers.get("retry-after")).toBe("7");
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("no idea");
      },
      /no idea/,
    ],
    ["rejects", () => Promise.reject(new Error("no idea later")), /no idea later/],
    ["replies with nothing", () => undefined, /./],
    [
      "replies with what is not JSON",
      () => ({ content: [{ type: "tool_use", name: "a", input: { big: 1n } }] }),
      /BigInt/,
    ],
  ])("that %s makes a 500 and no crash", async (_, mind, message) => {
    const simulator = await start({ mind: mind as unknown as Mind });
    const failing = clientOf(simulator).messages.create(question);
    await expect(failing).rejects.toBeInstanceOf(Anthropic.InternalServerError);
    await expect(failing).rejects.toMatchObject({
      status: 500,
      type: "api_error",
      message: expect.stringMatching(message),
    });
    expect((await post(simulator, { ...question, messages: [] })).status).toBe(400);
  });

  test("gets the clock, and a copy of the request that it may change", async () => {
    const simulator = await start({
      now: () => 1_234,
      mind: (request, { now }) => {
        request.messages.length = 0;
        return { content: [{ type: "text", text: `at ${now}` }] };
      },
    });
    const { content } = await clientOf(simulator).messages.create(question);
    expect(content).toEqual([{ type: "text", text: "at 1234" }]);
    expect(simulator.requests[0]?.body).toMatchObject({ messages: question.messages });
  });

  test("says nothing when asked only to fill the cache", async () => {
    const simulator = await start({ mind: () => everyKind });
    const message = await clientOf(simulator).messages.create({ ...question, max_tokens: 0 });
    expect(message).toMatchObject({ content: [], stop_reason: "max_tokens", usage: { output_tokens: 0 } });
  });

  test("can overrule stop reason, stop sequence, ids and usage", async () => {
    const simulator = await start({
      mind: () => ({
        content: [{ type: "tool_use", name: "a", input: {}, id: "toolu_mine" }],
        stopReason: "stop_sequence",
        stopSequence: "END",
        usage: { input_tokens: 7, cache_read_input_tokens: 90 },
      }),
    });
    for (const message of [
      await clientOf(simulator).messages.create(question),
      await clientOf(simulator).messages.stream(question).finalMessage(),
    ]) {
      expect(message).toMatchObject({
        content: [{ id: "toolu_mine" }],
        stop_reason: "stop_sequence",
        stop_sequence: "END",
        usage: { input_tokens: 7, cache_read_input_tokens: 90 },
      });
    }
  });

  test("can be a script, whose end is an error", async () => {
    const text = (words: string): Reply => ({ content: [{ type: "text", text: words }] });
    const simulator = await start({
      mind: scriptMind([text("one"), ({ messages }) => text(`${messages.length} message`)]),
    });
    const client = clientOf(simulator);
    expect((await client.messages.create(question)).content).toMatchObject([{ text: "one" }]);
    expect((await client.messages.create(question)).content).toMatchObject([{ text: "1 message" }]);
    await expect(client.messages.create(question)).rejects.toThrow(/2 replies and was asked for one more/);
  });
});

describe("ids", () => {
  test("are the same for the same seed and requests, in whatever order they come", async () => {
    const other = { ...question, messages: [{ role: "user" as const, content: "Bye" }] };
    const ids = async (seed: number, requests: (typeof question)[]): Promise<Record<string, string[]>> => {
      const simulator = await start({ seed, mind: () => everyKind });
      const found: Record<string, string[]> = {};
      for (const request of requests) {
        const message = JSON.stringify(await clientOf(simulator).messages.create(request));
        const asked = request.messages[0]?.content ?? "";
        found[asked] = [...(found[asked] ?? []), ...(message.match(/(?:msg|toolu)_[0-9A-Za-z]+/g) ?? [])];
      }
      return found;
    };
    const forwards = await ids(7, [question, other, question]);
    expect(await ids(7, [other, question, question])).toEqual(forwards);
    expect(new Set(Object.values(forwards).flat()).size).toBe(9);
    expect(await ids(8, [question, other, question])).not.toEqual(forwards);
  });
});

describe("what is recorded", () => {
  test("is each request with its answer's status, and no secret", async () => {
    const simulator = await start({ mind: () => everyKind });
    await clientOf(simulator, { apiKey: "sk-very-secret" }).messages.create(question);
    await post(
      simulator,
      { ...question, max_tokens: -1 },
      { "x-api-key": "sk-very-secret", cookie: "c=sk-very-secret" },
    );
    expect(simulator.requests).toMatchObject([
      {
        method: "POST",
        path: "/v1/messages",
        status: 200,
        body: question,
        headers: { "anthropic-version": "2026-10-21" },
      },
      {
        status: 400,
        error: { type: "invalid_request_error", message: expect.stringContaining("max_tokens") },
      },
    ]);
    expect(simulator.requests[0]).not.toHaveProperty("error");
    expect(JSON.stringify(simulator.requests)).not.toContain("sk-very-secret");
  });
});

describe("connections", () => {
  const longText = "many words ".repeat(30_000);
  const longQuestion = { ...question, max_tokens: 128_000 };

  test("that a client drops in mid-stream do no harm", async () => {
    const simulator = await start({ mind: () => ({ content: [{ type: "text", text: longText }] }) });
    for (let round = 0; round < 3; round++) {
      const stream = await clientOf(simulator).messages.create({ ...longQuestion, stream: true });
      for await (const event of stream) if (event.type === "content_block_delta") break;
    }
    expect((await clientOf(simulator).messages.create(question)).stop_reason).toBe("max_tokens");
  });

  test("that a client drops before the answer abort the mind's signal", async () => {
    let leave: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      leave = resolve;
    });
    let aborted: Promise<unknown> = Promise.resolve();
    const simulator = await start({
      mind: (_, { signal }) => {
        aborted = once(signal, "abort");
        leave();
        return new Promise<Reply>(() => {});
      },
    });
    const controller = new AbortController();
    const request = clientOf(simulator).messages.create(question, { signal: controller.signal });
    await asked;
    controller.abort();
    await expect(request).rejects.toBeInstanceOf(Anthropic.APIUserAbortError);
    await aborted;
    expect(simulator.requests[0]).not.toHaveProperty("status");
  });

  test("are cut by close(), which does not wait for streams or for a mind that never answers", async () => {
    const simulator = await start({
      mind: (request) =>
        request.stream ? { content: [{ type: "text", text: longText }] } : new Promise<Reply>(() => {}),
    });
    const waiting = clientOf(simulator).messages.create(question);
    const settled = expect(waiting).rejects.toBeInstanceOf(Anthropic.APIConnectionError);
    const stream = await clientOf(simulator).messages.create({ ...longQuestion, stream: true });
    const reading = stream[Symbol.asyncIterator]();
    await reading.next();
    await simulator.close();
    await simulator.close();
    await settled;
    await expect(
      (async () => {
        while (!(await reading.next()).done);
      })(),
    ).rejects.toThrow();
    await expect(fetch(simulator.url)).rejects.toThrow();
  });

  test("to a port that is taken are an error of createSimulator", async () => {
    const simulator = await start();
    expect(simulator.url).toBe(`http://127.0.0.1:${simulator.port}`);
    await expect(createSimulator({ port: simulator.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});

function withoutIds(message: Anthropic.Message): object {
  return JSON.parse(JSON.stringify(message).replace(/(msg|toolu)_[0-9A-Za-z]+/g, "$1"));
}
