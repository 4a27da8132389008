import type { Message } from "@anthropic-ai/sdk/resources";
import { describe, expect, it } from "vitest";
import { toolUseIds } from "../src/pure/conversation/history.js";
import { isInvalidJson, sealReply } from "../src/pure/reply/reply.js";

const history = [
  { role: "user" as const, content: "Go." },
  {
    role: "assistant" as const,
    content: [{ type: "tool_use" as const, id: "old", name: "work", input: {} }],
  },
];
const text = (words: string) => ({ type: "text", text: words });
const call = (id: string, input: unknown = { a: 1 }, name = "work") => ({
  type: "tool_use",
  id,
  name,
  input,
});

function seal(stop_reason: string | null, ...content: object[]) {
  let renamed = 0;
  const reply = { id: "msg", content, stop_reason } as unknown as Message;
  const [said, ...answers] = sealReply(reply, new Set(history.flatMap(toolUseIds)), () => `new_${++renamed}`);
  if (said?.type !== "message") throw new Error("the message comes first");
  return { said, content: said.message.content, answers };
}

describe("a sealed reply", () => {
  it("holds what the model said, to the very object", () => {
    const content = [
      { type: "thinking", thinking: "", signature: "s" },
      text(" "),
      call("a"),
      { type: "hologram", data: 1 },
    ];
    const sealed = seal("tool_use", ...content);
    expect(sealed.said).toMatchObject({
      type: "message",
      id: "msg",
      stopReason: "tool_use",
      message: { role: "assistant" },
    });
    expect(sealed.content).toEqual(content);
    for (const [index, block] of content.entries()) expect(sealed.content[index]).toBe(block);
    expect(sealed.answers).toEqual([]);
  });

  it("leaves empty text out", () => {
    expect(seal("end_turn", text(""), text("a"), text("")).content).toEqual([text("a")]);
  });

  it("leaves out thoughts that led to nothing, and keeps those that did", () => {
    const thought = { type: "thinking", thinking: "Hm.", signature: "s" };
    const hidden = { type: "redacted_thinking", data: "d" };
    expect(seal("max_tokens", thought, text("a"), thought, hidden).content).toEqual([thought, text("a")]);
    expect(seal("max_tokens", thought, call("a", {})).content).toEqual([]);
    expect(seal("end_turn", thought, text("")).content).toEqual([]);
    expect(seal("tool_use", thought, call("a", { city: "Oslo" })).content).toHaveLength(2);
  });

  it.each<[string, object]>([
    ["a thought without its signature", { type: "thinking", thinking: "Hm." }],
    ["a thought whose signature a gateway left out", { type: "thinking", thinking: "Hm.", signature: "" }],
    ["a hidden thought without its data", { type: "redacted_thinking" }],
    ["a hidden thought whose data is empty", { type: "redacted_thinking", data: "" }],
    ["a result, which is a user's to give", { type: "tool_result", tool_use_id: "x", content: "y" }],
    ["an image", { type: "image", source: { type: "url", url: "https://a.example/b.png" } }],
  ])("leaves out %s: the API would refuse it for ever after", (_what, block) => {
    expect(seal("end_turn", block, text("Hi.")).content).toEqual([text("Hi.")]);
  });

  it.each<[string, object, object]>([
    ["an id that the session has seen", call("old"), { id: "new_1" }],
    ["an id with illegal signs", call("an id!"), { id: "new_1" }],
    ["no id", call(""), { id: "new_1" }],
    [
      "a name with illegal signs",
      call("a", {}, "not a name!"),
      { id: "a", name: "illegal_name_not_a_name_" },
    ],
    ["no name", call("a", {}, ""), { name: "illegal_name_" }],
    ["a name that is no text", { ...call("a", {}), name: undefined }, { name: "illegal_name_" }],
    ["a name that is too long", call("a", {}, "x".repeat(65)), { name: `illegal_name_${"x".repeat(51)}` }],
    ["a list as input", call("a", [1]), { input: { INVALID_JSON: "[1]" } }],
    ["null as input", call("a", null), { input: { INVALID_JSON: "null" } }],
    ["no input", { type: "tool_use", id: "a", name: "work" }, { input: { INVALID_JSON: "" } }],
  ])("gives a call with %s a form that the API takes back", (_what, block, expected) => {
    expect(seal("tool_use", block).content).toEqual([{ ...block, ...expected }]);
  });

  it("renames the second of two calls with one id", () => {
    expect(seal("tool_use", call("a"), call("a"), call("a")).content).toMatchObject([
      { id: "a" },
      { id: "new_1" },
      { id: "new_2" },
    ]);
  });

  it.each(["max_tokens", "model_context_window_exceeded"])(
    "that was cut off by %s drops the call it was cut off in, and answers the whole ones",
    (reason) => {
      for (const cut of [
        call("b", { INVALID_JSON: '{"a"' }),
        call("b", {}),
        { type: "server_tool_use", id: "s", name: "web_search", input: {} },
      ]) {
        const { content, answers } = seal(reason, text("Hm."), call("a"), cut);
        expect(content).toEqual([text("Hm."), call("a")]);
        expect(answers).toMatchObject([
          {
            type: "tool.end",
            toolUseId: "a",
            outcome: "not_run",
            result: { is_error: true, content: expect.stringContaining("cut off") },
          },
        ]);
      }
      expect(seal(reason, call("a"), call("b")).answers).toHaveLength(2);
      expect(seal(reason, call("a"), text("Hm")).content).toHaveLength(2);
    },
  );

  it("drops a call of the API's own tools that nothing will answer any more", () => {
    const search = (id: string) => ({
      type: "server_tool_use",
      id,
      name: "web_search",
      input: { query: "x" },
    });
    const found = { type: "web_search_tool_result", tool_use_id: "s1", content: [] };
    const made = { ...call("a"), caller: { type: "code_execution_20260120", tool_id: "s2" } };
    const blocks = [search("s1"), search("s2"), search("s3"), found, made, search("s4")];
    for (const reason of [
      "max_tokens",
      "model_context_window_exceeded",
      "end_turn",
      "refusal",
      "ended_early",
      "new",
    ])
      expect(seal(reason, ...blocks).content).toEqual([search("s1"), search("s2"), found, made]);
    for (const reason of ["tool_use", "pause_turn"]) expect(seal(reason, ...blocks).content).toEqual(blocks);
  });

  it("with calls that ended otherwise answers them at once", () => {
    expect(seal("end_turn", call("a")).answers).toMatchObject([
      {
        toolUseId: "a",
        name: "work",
        outcome: "not_run",
        result: { content: expect.stringContaining('"end_turn"') },
      },
    ]);
    expect(seal("pause_turn", call("a")).answers).toHaveLength(1);
    expect(seal("a_reason_of_tomorrow", call("a", {})).content).toEqual([call("a", {})]);
  });

  it("that was refused answers nothing: it stays out of the history", () => {
    expect(seal("refusal", call("a")).answers).toEqual([]);
  });

  it("without a stop reason says that it is unknown", () => {
    expect(seal(null, text("a")).said.stopReason).toBe("unknown");
  });
});

describe("an input that isn't JSON", () => {
  it.each<[unknown, boolean]>([
    [{ INVALID_JSON: "{" }, true],
    [{ INVALID_JSON: "{", more: 1 }, false],
    [{ INVALID_JSON: 1 }, false],
    [{}, false],
    [null, false],
    ["INVALID_JSON", false],
  ])("is told by its one field: %j", (input, expected) => {
    expect(isInvalidJson(input)).toBe(expected);
  });
});

describe("half a character", () => {
  it("is replaced before it is committed, wherever it stands, and nothing else is touched", () => {
    const whole = { type: "hologram", data: ["fine 💧"] };
    const { content } = seal("tool_use", text("a\ud83d"), call("a", { "k\ud83d": ["b\udca7"] }), whole);
    expect(content).toEqual([text("a\ufffd"), call("a", { "k\ufffd": ["b\ufffd"] }), whole]);
    expect(content[2]).toBe(whole);
  });
});
