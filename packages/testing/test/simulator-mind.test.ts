import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { type Mind, type Reply, scriptMind } from "../src/index.js";
import { clientOf, everyKind, post, question, start } from "./http-driver.js";

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
        stop_reason: "stop_sequence",
        stop_sequence: "END",
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
