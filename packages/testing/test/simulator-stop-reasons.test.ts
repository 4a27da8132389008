import { describe, expect, test } from "vitest";
import type { MessageReply } from "../src/index.js";
import { ask, type Body, call, clientFor, text } from "./reply-driver.js";

describe("stop_sequences", () => {
  test("end a reply before the first of them, and what comes later is never said", async () => {
    const { whole } = await ask(
      { content: [text("One. Two. Three."), call({})] },
      { stop_sequences: ["Four", "Three", "Two"] },
    );
    expect(whole).toMatchObject({
      stop_reason: "stop_sequence",
      stop_sequence: "Two",
      content: [{ type: "text", text: "One. " }],
    });
    expect(whole.usage.output_tokens).toBe(2);
  });

  test("are looked for in every text, but not in calls", async () => {
    const content = [text("One."), call({ note: "END" }), text("Two END Three")];
    const { whole } = await ask({ content }, { stop_sequences: ["END"] });
    expect(whole.content.map((block) => (block.type === "text" ? block.text : block.type))).toEqual([
      "One.",
      "tool_use",
      "Two ",
    ]);
    expect(whole.stop_reason).toBe("stop_sequence");
  });

  test("of two that begin at the same place, the one that is complete first is meant", async () => {
    const { whole } = await ask({ content: [text("a ## b")] }, { stop_sequences: ["## b", "##"] });
    expect(whole).toMatchObject({ stop_sequence: "##", content: [{ text: "a " }] });
    const overlap = await ask({ content: [text("abcdef")] }, { stop_sequences: ["abcdef", "cd"] });
    expect(overlap.whole).toMatchObject({ stop_sequence: "cd", content: [{ text: "ab" }] });
  });

  test("at the very beginning leave no text at all", async () => {
    const { whole } = await ask({ content: [text("END")] }, { stop_sequences: ["END"] });
    expect(whole).toMatchObject({ content: [], stop_reason: "stop_sequence", usage: { output_tokens: 0 } });
  });

  test("that don't occur change nothing", async () => {
    const { whole } = await ask({ content: [text("One.")] }, { stop_sequences: ["END"] });
    expect(whole).toMatchObject({ stop_reason: "end_turn", stop_sequence: null });
  });

  test("lose against max_tokens, if that comes first", async () => {
    const content = [text(`${"a".repeat(50)}END`)];
    const { whole } = await ask({ content }, { stop_sequences: ["END"], max_tokens: 10 });
    expect(whole).toMatchObject({ stop_reason: "max_tokens", stop_sequence: null });
    const later = await ask({ content }, { stop_sequences: ["END"], max_tokens: 15 });
    expect(later.whole).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: "END" });
  });
});

describe("the context window", () => {
  const long = "a".repeat(400);

  test("ends a reply that does not fit into what the prompt leaves of it", async () => {
    const client = await clientFor({ content: [text("b".repeat(1_000))] });
    const body: Body = { model: "small-model", max_tokens: 500, messages: [{ role: "user", content: long }] };
    const message = await client.messages.create(body);
    expect(message.stop_reason).toBe("model_context_window_exceeded");
    expect(message.usage.input_tokens + message.usage.output_tokens).toBe(200);
    const cut = await client.messages.create({ ...body, max_tokens: 5 });
    expect(cut).toMatchObject({ stop_reason: "max_tokens", usage: { output_tokens: 5 } });
  });

  test("is as large for the reply as it is for the prompt, where a beta makes it larger", async () => {
    const client = await clientFor({ content: [text("There is room.")] });
    const body: Body = {
      model: "small-model",
      max_tokens: 500,
      messages: [{ role: "user", content: long.repeat(2) }],
    };
    const betas = { headers: { "anthropic-beta": "files-api-2025-04-14, context-1m-2025-08-07" } };
    expect(await client.messages.create(body, betas)).toMatchObject({
      content: [{ text: "There is room." }],
      stop_reason: "end_turn",
    });
  });

  test("refuses a prompt that is longer by itself", async () => {
    const client = await clientFor({ content: [text("b")] });
    const failing = client.messages.create({
      model: "small-model",
      max_tokens: 5,
      messages: [{ role: "user", content: long.repeat(2) }],
    });
    await expect(failing).rejects.toThrow(/prompt is too long: \d+ tokens > 200 maximum/);
  });
});

describe("every other end is the mind's word", () => {
  test.each<[MessageReply, object]>([
    [{ content: [text("Hi.")] }, { stop_reason: "end_turn" }],
    [{ content: [text("Hm."), call({})] }, { stop_reason: "tool_use" }],
    [
      {
        content: [{ type: "server_tool_use", name: "web_search", input: { query: "rain" } }],
        stop_reason: "pause_turn",
      },
      {
        stop_reason: "pause_turn",
        content: [
          {
            type: "server_tool_use",
            id: expect.stringMatching(/^srvtoolu_01[1-9A-Za-z]{22}$/),
            input: { query: "rain" },
          },
        ],
      },
    ],
    [
      { content: [], stop_reason: "refusal" },
      { stop_reason: "refusal", stop_details: null, usage: { output_tokens: 0 } },
    ],
    [
      {
        content: [text("I can't")],
        stop_reason: "refusal",
        stop_details: { type: "refusal", category: "bio", explanation: "No." },
      },
      { stop_reason: "refusal", stop_details: { type: "refusal", category: "bio", explanation: "No." } },
    ],
    [{ content: [text("Hm.")], stop_reason: "max_tokens" }, { stop_reason: "max_tokens" }],
    [
      { content: [text("Hm.")], stop_reason: "model_context_window_exceeded" },
      { stop_reason: "model_context_window_exceeded" },
    ],
    [
      { content: [text("Hm.")], stop_reason: "stop_sequence", stop_sequence: "###" },
      { stop_reason: "stop_sequence", stop_sequence: "###" },
    ],
    [
      { content: [text("Hm.")], stop_reason: "a_reason_of_tomorrow" as "end_turn" },
      { stop_reason: "a_reason_of_tomorrow" },
    ],
  ])("%j", async (reply, expected) => {
    expect((await ask(reply)).whole).toMatchObject(expected);
  });
});

describe("output tokens", () => {
  test("are what was said, without the fields around it", async () => {
    const { whole } = await ask({ content: [text("a".repeat(7)), call({ a: 1 }, "f")] });
    // Seven letters, a name of one, and {"a":1}: fifteen characters, at 3.5 a token.
    expect(whole.usage.output_tokens).toBe(5);
  });
});
