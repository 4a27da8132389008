import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { clientOf, everyKind, post, question, start, withoutIds } from "./http-driver.js";

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
