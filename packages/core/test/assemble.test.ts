import type { Message } from "@anthropic-ai/sdk/resources";
import type { StreamEvent } from "@lockstitch/core";
import { describe, expect, it } from "vitest";
import { createAssembler } from "../src/claude/assemble.js";

const start = {
  type: "message_start",
  message: {
    id: "m",
    type: "message",
    role: "assistant",
    model: "claude-x",
    content: [],
    stop_reason: null,
    usage: { input_tokens: 5, output_tokens: 1 },
  },
};
const end = (delta: object = {}, usage: object = { output_tokens: 9 }, more: object = {}) => [
  {
    type: "message_delta",
    delta: { stop_reason: "end_turn", stop_sequence: null, ...delta },
    usage,
    ...more,
  },
  { type: "message_stop" },
];
const block = (index: number, content_block: object, ...deltas: object[]) => [
  { type: "content_block_start", index, content_block },
  ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
  { type: "content_block_stop", index },
];

function assemble(...events: object[]): Message | undefined {
  const assembler = createAssembler();
  for (const event of events) assembler.take(event as StreamEvent);
  return assembler.message;
}

const one = (content_block: object, ...deltas: object[]) =>
  assemble(start, ...block(0, content_block, ...deltas), ...end())?.content[0];

describe("a streamed reply", () => {
  it.each<[string, object, object[], object]>([
    [
      "text",
      { type: "text", text: "" },
      [
        { type: "text_delta", text: "Hel" },
        { type: "text_delta", text: "lo" },
      ],
      { type: "text", text: "Hello" },
    ],
    [
      "text that had begun",
      { type: "text", text: "Hel" },
      [{ type: "text_delta", text: "lo" }],
      { type: "text", text: "Hello" },
    ],
    [
      "text with citations",
      { type: "text", text: "" },
      [
        { type: "citations_delta", citation: { n: 1 } },
        { type: "text_delta", text: "x" },
        { type: "citations_delta", citation: { n: 2 } },
      ],
      { type: "text", text: "x", citations: [{ n: 1 }, { n: 2 }] },
    ],
    [
      "thinking",
      { type: "thinking", thinking: "", signature: "" },
      [
        { type: "thinking_delta", thinking: "Hm" },
        { type: "thinking_delta", thinking: "." },
        { type: "signature_delta", signature: "sig" },
      ],
      { type: "thinking", thinking: "Hm.", signature: "sig" },
    ],
    [
      "thinking whose text is not shown",
      { type: "thinking", thinking: "", signature: "" },
      [{ type: "signature_delta", signature: "sig" }],
      { type: "thinking", thinking: "", signature: "sig" },
    ],
    [
      "hidden thinking",
      { type: "redacted_thinking", data: "xx" },
      [],
      { type: "redacted_thinking", data: "xx" },
    ],
    [
      "a tool call",
      { type: "tool_use", id: "t", name: "n", input: {} },
      [
        { type: "input_json_delta", partial_json: "" },
        { type: "input_json_delta", partial_json: '{"a":' },
        { type: "input_json_delta", partial_json: "1}" },
      ],
      { type: "tool_use", id: "t", name: "n", input: { a: 1 } },
    ],
    [
      "a tool call without input",
      { type: "tool_use", id: "t", name: "n", input: {} },
      [{ type: "input_json_delta", partial_json: "" }],
      { type: "tool_use", id: "t", name: "n", input: {} },
    ],
    [
      "a tool call without a delta",
      { type: "tool_use", id: "t", name: "n", input: { a: 1 } },
      [],
      { type: "tool_use", id: "t", name: "n", input: { a: 1 } },
    ],
    [
      "a tool call whose JSON is cut off",
      { type: "tool_use", id: "t", name: "n", input: {} },
      [{ type: "input_json_delta", partial_json: '{"a": tr' }],
      { input: { INVALID_JSON: '{"a": tr' } },
    ],
    [
      "a tool call whose JSON is a list",
      { type: "tool_use", id: "t", name: "n", input: {} },
      [{ type: "input_json_delta", partial_json: "[1]" }],
      { input: { INVALID_JSON: "[1]" } },
    ],
    [
      "a tool call whose JSON is null",
      { type: "tool_use", id: "t", name: "n", input: {} },
      [{ type: "input_json_delta", partial_json: "null" }],
      { input: { INVALID_JSON: "null" } },
    ],
    ["a block of tomorrow", { type: "hologram", data: [1] }, [], { type: "hologram", data: [1] }],
    [
      "a delta of tomorrow",
      { type: "hologram", light: "a" },
      [
        { type: "hologram_delta", light: "b" },
        { type: "hologram_delta", light: "c", angle: 7, nothing: null },
      ],
      { type: "hologram", light: "abc", angle: 7 },
    ],
  ])("holds %s as it was meant", (_what, head, deltas, expected) => {
    expect(one(head, ...deltas)).toMatchObject(expected);
    expect(Object.keys(one(head, ...deltas) ?? {}).sort()).toEqual(
      [...new Set([...Object.keys(head), ...Object.keys(expected)])].sort(),
    );
  });

  it("takes running totals of usage as they are, and keeps what the end doesn't say", () => {
    const message = assemble(
      start,
      ...block(0, { type: "text", text: "x" }),
      ...end(
        { container: { id: "c" }, stop_details: null },
        { output_tokens: 9, input_tokens: null, cache_read_input_tokens: 3 },
        { context_management: { edits: [] } },
      ),
    );
    expect(message?.usage).toEqual({ input_tokens: 5, output_tokens: 9, cache_read_input_tokens: 3 });
    expect(message).toMatchObject({
      stop_reason: "end_turn",
      container: { id: "c" },
      context_management: { edits: [] },
    });
  });

  it("has its blocks in order, and ends at message_stop; what comes later changes nothing", () => {
    const message = assemble(
      start,
      ...block(1, { type: "text", text: "b" }),
      ...block(0, { type: "text", text: "a" }),
      ...end(),
      start,
      { type: "error" },
    );
    expect(message?.content).toMatchObject([{ text: "a" }, { text: "b" }]);
  });

  it("passes events that it doesn't know on, and is not ended by them", () => {
    const event = { type: "weather_report", sky: "grey" } as unknown as StreamEvent;
    const assembler = createAssembler();
    assembler.take(start as StreamEvent);
    expect(assembler.take(event)).toBe(event);
    expect(assembler.message).toBeUndefined();
  });

  it("may be announced twice, as long as nothing was said", () => {
    expect(assemble(start, start, ...block(0, { type: "text", text: "x" }), ...end())?.content).toHaveLength(
      1,
    );
  });

  it("never changes the events it was made from", () => {
    const events = [
      start,
      ...block(0, { type: "text", text: "" }, { type: "text_delta", text: "x" }),
      ...end(),
    ];
    const before = structuredClone(events);
    assemble(...events);
    expect(events).toEqual(before);
  });

  it.each<[string, object[]]>([
    ["a block before the message", block(0, { type: "text", text: "" })],
    ["an end before the message", end()],
    [
      "a block started twice",
      [start, ...block(0, { type: "text", text: "" }), ...block(0, { type: "text", text: "" })],
    ],
    ["a block started again while open", [start, block(0, {})[0] as object, block(0, {})[0] as object]],
    [
      "a delta after its block",
      [
        start,
        ...block(0, { type: "text", text: "" }),
        { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "x" } },
      ],
    ],
    ["a stop without a start", [start, { type: "content_block_stop", index: 0 }]],
    ["an end inside a block", [start, block(0, { type: "text", text: "" })[0] as object, ...end()]],
    ["a second message after content", [start, ...block(0, { type: "text", text: "" }), start]],
    ["a second message inside a block", [start, block(0, { type: "text", text: "" })[0] as object, start]],
    ["no stop reason", [start, { type: "message_stop" }]],
    ["a stop reason that is null", [start, ...end({ stop_reason: null })]],
    [
      "input in a text",
      [start, ...block(0, { type: "text", text: "" }, { type: "input_json_delta", partial_json: "{}" })],
    ],
    [
      "text in a call",
      [
        start,
        ...block(0, { type: "tool_use", id: "a", name: "b", input: {} }, { type: "text_delta", text: "x" }),
      ],
    ],
    [
      "text in a thought",
      [
        start,
        ...block(0, { type: "thinking", thinking: "", signature: "" }, { type: "text_delta", text: "x" }),
      ],
    ],
    [
      "a thought in what is hidden",
      [
        start,
        ...block(0, { type: "redacted_thinking", data: "" }, { type: "thinking_delta", thinking: "x" }),
      ],
    ],
    [
      "text that isn't text",
      [start, ...block(0, { type: "text", text: "" }, { type: "text_delta", text: 7 })],
    ],
  ])("is broken by %s", (_what, events) => {
    expect(() => assemble(...events)).toThrow(expect.objectContaining({ reason: "broken_stream" }));
  });
});
