import type Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { type Body, call, clientFor, first, says, thought, withResult } from "./thinking-driver.js";

describe("a mind's thoughts", () => {
  test("are signed, and take part in what is counted", async () => {
    const client = await clientFor({ content: [thought, says] });
    const { content, usage } = await client.messages.create(first);
    expect(content).toEqual([
      {
        type: "thinking",
        thinking: "They want the weather. I'll ask.",
        signature: expect.stringMatching(/^[\w-]{60,}$/),
      },
      { type: "text", text: "It rains." },
    ]);
    expect(usage.output_tokens_details).toEqual({ thinking_tokens: 10 });
    expect(usage.output_tokens).toBe(12);
  });

  test("are not counted before they are thought", async () => {
    const client = await clientFor({ content: [thought, says] });
    const stream = await client.messages.create({ ...first, stream: true });
    for await (const event of stream) {
      if (event.type === "message_start")
        expect(event.message.usage).not.toHaveProperty("output_tokens_details");
      if (event.type === "message_delta")
        expect(event.usage.output_tokens_details).toEqual({ thinking_tokens: 10 });
    }
  });

  test("come as thinking deltas, with the signature at their end", async () => {
    const client = await clientFor({ content: [thought, says] });
    const deltas: Anthropic.RawContentBlockDelta[] = [];
    for await (const event of await client.messages.create({ ...first, stream: true })) {
      if (event.type === "content_block_delta" && event.index === 0) deltas.push(event.delta);
    }
    const types = deltas.map(({ type }) => type);
    expect(types.slice(0, -1)).toEqual(types.slice(0, -1).fill("thinking_delta"));
    expect(types.length).toBeGreaterThan(4);
    expect(deltas.map((delta) => (delta.type === "thinking_delta" ? delta.thinking : "")).join("")).toBe(
      "They want the weather. I'll ask.",
    );
    expect(deltas.at(-1)).toEqual({
      type: "signature_delta",
      signature: expect.stringMatching(/^[\w-]{60,}$/),
    });
  });

  test("say nothing where the model hides them, but are signed and counted all the same", async () => {
    const client = await clientFor({ content: [thought] }, { content: [thought] });
    const { content, usage } = await client.messages.create({ ...first, thinking: { type: "adaptive" } });
    expect(content).toEqual([{ type: "thinking", thinking: "", signature: expect.stringMatching(/./) }]);
    expect(usage.output_tokens_details).toEqual({ thinking_tokens: 10 });
    const asked = await client.messages.create({
      ...first,
      model: "claude-opus-4-6",
      thinking: { type: "adaptive", display: "omitted" },
    });
    expect(asked.content).toMatchObject([{ type: "thinking", thinking: "" }]);
  });

  test.each<[string, Body["thinking"], boolean]>([
    ["claude-opus-5-5", undefined, true],
    ["claude-opus-5", undefined, true],
    ["claude-opus-5", { type: "disabled" }, false],
    ["claude-opus-4-8", undefined, false],
    ["claude-opus-4-8", { type: "adaptive" }, true],
    ["claude-sonnet-4-6", { type: "enabled", budget_tokens: 1_024 }, true],
    ["claude-haiku-4-5", undefined, false],
    ["claude-haiku-4-5", { type: "enabled", budget_tokens: 1_024 }, true],
    ["claude-sonnet-5-5", { type: "between_tools" }, false],
  ])("on %s with %j are there: %s", async (model, thinking, expected) => {
    const client = await clientFor({ content: [thought, says] });
    const { thinking: _, ...rest } = first;
    const body: Body = { ...rest, model, max_tokens: 2_000, ...(thinking ? { thinking } : {}) };
    const { content } = await client.messages.create(body);
    expect(content.map(({ type }) => type)).toEqual(expected ? ["thinking", "text"] : ["text"]);
  });

  test("between tools are there after a result", async () => {
    const client = await clientFor({ content: [call] }, { content: [thought, says] });
    const body: Body = { ...first, model: "claude-sonnet-5-5", thinking: { type: "between_tools" } };
    const { content } = await client.messages.create(body);
    const next = await client.messages.create(withResult(content, body));
    expect(next.content.map(({ type }) => type)).toEqual(["thinking", "text"]);
  });

  test("between tools are not there before any, however the question is written", async () => {
    const client = await clientFor({ content: [thought, says] });
    const { content } = await client.messages.create({
      ...first,
      model: "claude-sonnet-5-5",
      thinking: { type: "between_tools" },
      messages: [{ role: "user", content: [{ type: "text", text: "Will it rain in Oslo?" }] }],
    });
    expect(content.map(({ type }) => type)).toEqual(["text"]);
  });

  test("that have a signature already go out as they are", async () => {
    const recorded = { type: "thinking" as const, thinking: "Hm.", signature: "c2lnbmF0dXJl" };
    const client = await clientFor({ content: [recorded] });
    const { thinking: _, ...rest } = first;
    const { content } = await client.messages.create({ ...rest, model: "claude-haiku-4-5" });
    expect(content).toEqual([recorded]);
  });

  test("cut off by max_tokens are signed as far as they came", async () => {
    const client = await clientFor({ content: [{ type: "thinking", thinking: "x".repeat(100) }] });
    const { content, stop_reason } = await client.messages.create({ ...first, max_tokens: 10 });
    expect(stop_reason).toBe("max_tokens");
    expect(content).toEqual([
      { type: "thinking", thinking: "x".repeat(35), signature: expect.stringMatching(/./) },
    ]);
  });
});
