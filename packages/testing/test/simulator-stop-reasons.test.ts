import Anthropic from "@anthropic-ai/sdk";
import type {
  Message,
  MessageCreateParamsNonStreaming,
  RawMessageStreamEvent,
} from "@anthropic-ai/sdk/resources/messages";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import {
  createSimulator,
  type MessageReply,
  type ReplyBlock,
  type SimulatedModel,
  type Simulator,
} from "../src/index.js";

const open: Simulator[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

const small: SimulatedModel = {
  id: "small-model",
  displayName: "Small Model",
  createdAt: "2026-01-01T00:00:00Z",
  contextWindow: 200,
  maxOutputTokens: 1_000,
  minimumCacheTokens: 1_000,
};

async function clientFor(reply: MessageReply): Promise<Anthropic> {
  const simulator = await createSimulator({ mind: () => reply, models: [small] });
  open.push(simulator);
  return new Anthropic({ baseURL: simulator.url, apiKey: "sk-test", maxRetries: 0 });
}

type Body = MessageCreateParamsNonStreaming;
const question: Body = {
  model: "claude-haiku-5-5",
  max_tokens: 1_000,
  messages: [{ role: "user", content: "Hello" }],
};

interface Heard {
  /** As JSON. */
  readonly whole: Message;
  readonly events: readonly RawMessageStreamEvent[];
}

/** Asks for the same reply as JSON and as a stream, and makes sure that both end alike. */
async function ask(reply: MessageReply, change: Partial<Body> = {}): Promise<Heard> {
  const client = await clientFor(reply);
  const body = { ...question, ...change };
  const whole = await client.messages.create(body);
  const events: RawMessageStreamEvent[] = [];
  for await (const event of await client.messages.create({ ...body, stream: true })) events.push(event);
  const end = events.find((event) => event.type === "message_delta");
  expect(end).toMatchObject({
    delta: {
      stop_reason: whole.stop_reason,
      stop_sequence: whole.stop_sequence,
      stop_details: whole.stop_details,
    },
    usage: { output_tokens: whole.usage.output_tokens },
  });
  expect(textOf(events)).toBe(
    whole.content.map((block) => (block.type === "text" ? block.text : "")).join(""),
  );
  return { whole, events };
}

function textOf(events: readonly RawMessageStreamEvent[]): string {
  return events
    .map((event) =>
      event.type === "content_block_delta" && event.delta.type === "text_delta" ? event.delta.text : "",
    )
    .join("");
}

function jsonOf(events: readonly RawMessageStreamEvent[], index: number): string {
  return events
    .map((event) =>
      event.type === "content_block_delta" && event.index === index && event.delta.type === "input_json_delta"
        ? event.delta.partial_json
        : "",
    )
    .join("");
}

const text = (words: string): ReplyBlock => ({ type: "text", text: words });
const call = (input: unknown, name = "save"): ReplyBlock => ({ type: "tool_use", name, input });

describe("max_tokens", () => {
  test("cuts a text in the middle, and that many tokens are counted", async () => {
    const words = "many words ".repeat(100);
    const { whole, events } = await ask({ content: [text(words)] }, { max_tokens: 10 });
    expect(whole.stop_reason).toBe("max_tokens");
    expect(whole.content).toEqual([{ type: "text", text: words.slice(0, 35) }]);
    expect(whole.usage.output_tokens).toBe(10);
    expect(events.at(-1)?.type).toBe("message_stop");
  });

  test("never cuts a character in two", async () => {
    const { whole } = await ask({ content: [text("🌧".repeat(20))] }, { max_tokens: 2 });
    expect(whole.content).toEqual([{ type: "text", text: "🌧🌧🌧" }]);
  });

  test("leaves a reply alone that just fits, with the mind's own end", async () => {
    const { whole } = await ask({ content: [text("a".repeat(35))] }, { max_tokens: 10 });
    expect(whole).toMatchObject({ stop_reason: "end_turn", usage: { output_tokens: 10 } });
    const shorter = await ask({ content: [text("a".repeat(35))] }, { max_tokens: 9 });
    expect(shorter.whole).toMatchObject({ stop_reason: "max_tokens", usage: { output_tokens: 9 } });
  });

  test("cuts a call in the middle: its JSON has no end, and nothing says that it is to be run", async () => {
    const input = { path: "a.txt", content: "x".repeat(100) };
    const { whole, events } = await ask({ content: [text("Saving."), call(input)] }, { max_tokens: 15 });
    expect(whole.stop_reason).toBe("max_tokens");
    const json = jsonOf(events, 1);
    expect(json).toBe(JSON.stringify(input).slice(0, json.length));
    expect(json).toMatch(/^\{"path":"a.txt","content":"x/);
    expect(() => JSON.parse(json)).toThrow();
    // As JSON there is only what had been written to its end.
    expect(whole.content).toEqual([
      { type: "text", text: "Saving." },
      expect.objectContaining({ type: "tool_use", name: "save", input: { path: "a.txt" } }),
    ]);
  });

  test("leaves the calls before the cut one whole", async () => {
    const { whole, events } = await ask(
      { content: [call({ a: 1 }), call({ b: "x".repeat(90) })] },
      { max_tokens: 9 },
    );
    expect(jsonOf(events, 0)).toBe('{"a":1}');
    expect(jsonOf(events, 1)).toMatch(/^\{"b":"x+$/);
    expect(whole.content).toMatchObject([{ input: { a: 1 } }, { input: {} }]);
  });

  test("the SDK reads the cut call as it reads the API's", async () => {
    const client = await clientFor({ content: [call({ path: "a.txt", command: "rm -rf /" })] });
    const message = await client.messages.stream({ ...question, max_tokens: 10 }).finalMessage();
    expect(message.stop_reason).toBe("max_tokens");
    expect(message.content).toMatchObject([{ type: "tool_use", input: { path: "a.txt" } }]);
  });

  test("leaves out the calls that there is no room for", async () => {
    const { whole } = await ask(
      { content: [call({ a: 1 }), call({ b: 2 }), call({ c: 3 })] },
      { max_tokens: 3 },
    );
    expect(whole.stop_reason).toBe("max_tokens");
    expect(whole.content).toHaveLength(1);
    const next = await ask({ content: [call({ a: 1 }), call({ b: 2 }), call({ c: 3 })] }, { max_tokens: 4 });
    expect(next.whole.content).toMatchObject([{ input: { a: 1 } }, { input: {} }]);
  });

  test("a call of which there is only the name has an input that has not begun", async () => {
    const { whole, events } = await ask(
      { content: [call({ a: 123_456_789 }, "a_long_name")] },
      { max_tokens: 1 },
    );
    expect(whole.content).toMatchObject([{ name: "a_long_name", input: {} }]);
    expect(jsonOf(events, 0)).toBe("");
  });

  test("leaves no empty text behind where it is reached between two blocks", async () => {
    const { whole } = await ask({ content: [text("a".repeat(35)), text("b")] }, { max_tokens: 10 });
    expect(whole.content).toEqual([text("a".repeat(35))]);
  });

  test("of none is reached by saying nothing", async () => {
    const client = await clientFor({ content: [] });
    const message = await client.messages.create({ ...question, max_tokens: 0 });
    expect(message).toMatchObject({ stop_reason: "max_tokens", content: [] });
  });

  test("what the API's own tools brought comes whole or not at all", async () => {
    const result: ReplyBlock = {
      type: "web_search_tool_result",
      tool_use_id: "srvtoolu_1",
      caller: { type: "direct" },
      content: { type: "web_search_tool_result_error", error_code: "unavailable" },
    };
    const { whole } = await ask({ content: [text("Hm."), result] }, { max_tokens: 10 });
    expect(whole).toMatchObject({ stop_reason: "max_tokens", content: [{ type: "text" }] });
  });

  test("wins over what the mind says of the end", async () => {
    const reply: MessageReply = {
      content: [text("a".repeat(100))],
      stopReason: "refusal",
      stopDetails: { type: "refusal", category: "cyber", explanation: null },
    };
    const { whole } = await ask(reply, { max_tokens: 10 });
    expect(whole).toMatchObject({ stop_reason: "max_tokens", stop_details: null });
  });

  test("whatever the reply, no more is said and counted than there was room for", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.string({ unit: "grapheme", maxLength: 60 }).map(text),
            fc.jsonValue({ maxDepth: 2 }).map((value) => call({ value, more: 1 })),
          ),
          { maxLength: 4 },
        ),
        fc.integer({ min: 1, max: 40 }),
        async (content, max_tokens) => {
          const { whole } = await ask({ content }, { max_tokens });
          const { output_tokens } = whole.usage;
          expect(output_tokens).toBeLessThanOrEqual(max_tokens);
          expect(whole.stop_reason === "max_tokens").toBe(await isTooMuch(content, max_tokens));
          for (const simulator of open.splice(0)) await simulator.close();
        },
      ),
      { numRuns: 40 },
    ));
});

/** Whether a reply is longer than that where nothing limits it. */
async function isTooMuch(content: readonly ReplyBlock[], tokens: number): Promise<boolean> {
  const { whole } = await ask({ content }, { max_tokens: 20_000 });
  return whole.usage.output_tokens > tokens;
}

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
        stopReason: "pause_turn",
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
      { content: [], stopReason: "refusal" },
      { stop_reason: "refusal", stop_details: null, usage: { output_tokens: 0 } },
    ],
    [
      {
        content: [text("I can't")],
        stopReason: "refusal",
        stopDetails: { type: "refusal", category: "bio", explanation: "No." },
      },
      { stop_reason: "refusal", stop_details: { type: "refusal", category: "bio", explanation: "No." } },
    ],
    [{ content: [text("Hm.")], stopReason: "max_tokens" }, { stop_reason: "max_tokens" }],
    [
      { content: [text("Hm.")], stopReason: "model_context_window_exceeded" },
      { stop_reason: "model_context_window_exceeded" },
    ],
    [
      { content: [text("Hm.")], stopReason: "stop_sequence", stopSequence: "###" },
      { stop_reason: "stop_sequence", stop_sequence: "###" },
    ],
    [
      { content: [text("Hm.")], stopReason: "a_reason_of_tomorrow" as "end_turn" },
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
