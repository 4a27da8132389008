import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MessageReply, ReplyBlock } from "../src/index.js";
import { ask, call, clientFor, jsonOf, open, question, text } from "./reply-driver.js";

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
      stop_reason: "refusal",
      stop_details: { type: "refusal", category: "cyber", explanation: null },
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
