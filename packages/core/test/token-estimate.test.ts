import type { AgentEvent } from "@lockstitch/core";
import { describe, expect, it } from "vitest";
import { prepareAgent } from "../src/prepare-agent.js";
import {
  estimateContext,
  estimateMessages,
  estimatePrompt,
  estimateText,
} from "../src/pure/budget/token-estimate.js";
import { apply, emptyState } from "../src/pure/fold/apply.js";
import { imageSizeOf } from "../src/pure/media/image-size.js";
import type { State } from "../src/state.js";
import { type CountedCall, countedCalls, found, noRecordings } from "./counted-calls.js";

const old = "claude-haiku-4-5";
const current = "claude-sonnet-5-5";

describe.skipIf(!found)(`the estimate against recorded calls${noRecordings}`, () => {
  const errorOf = ({ request, tokens }: CountedCall): number => {
    const { model, system, tools = [], messages, thinking, output_config } = request;
    const fields = { ...(thinking ? { thinking } : {}), ...(output_config ? { output_config } : {}) };
    const prompt = { system, tools, messages } as Pick<State, "system" | "tools" | "messages">;
    return Math.abs(estimatePrompt(prompt, { model, request: fields }) - tokens) / tokens;
  };

  it("is off by 2.5 % in the median for a whole prompt, and 19 of 20 by less than 21 %", () => {
    const errors = countedCalls.map(errorOf);
    report("whole prompts", errors);
    expect(errors.length).toBeGreaterThan(70);
    expect(at(errors, 0.5)).toBeLessThan(0.026);
    expect(at(errors, 0.95)).toBeLessThan(0.21);
  });

  it("is off by 1.6 % in the median for prompts of more than 200 tokens, and 19 of 20 by less than 13 %", () => {
    const errors = countedCalls.filter(({ tokens }) => tokens > 200).map(errorOf);
    report("prompts of more than 200 tokens", errors);
    expect(errors.length).toBeGreaterThan(40);
    expect(at(errors, 0.5)).toBeLessThan(0.017);
    expect(at(errors, 0.95)).toBeLessThan(0.13);
  });

  it("is off by 0.8 % in the median for the prompt that follows a counted one, and at most by 6 %", () => {
    const errors = countedCalls.flatMap(({ request, tokens, output, next }) => {
      if (next === undefined) return [];
      const fresh = next.request.messages.slice(request.messages.length + 1);
      const estimate = tokens + output + estimateMessages(fresh, request.model);
      return [Math.abs(estimate - next.tokens) / next.tokens];
    });
    report("next prompts", errors);
    expect(errors.length).toBeGreaterThan(10);
    expect(at(errors, 0.5)).toBeLessThan(0.009);
    expect(at(errors, 1)).toBeLessThan(0.06);
  });
});

/** The value that this part of all is not above. */
function at(errors: readonly number[], part: number): number {
  const sorted = [...errors].sort((a, b) => a - b);
  return sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN;
}

function report(what: string, errors: readonly number[]): void {
  const parts = [0.25, 0.5, 0.75, 0.9, 0.95, 1].map(
    (part) => `${part * 100} %: ${(at(errors, part) * 100).toFixed(1)} %`,
  );
  console.info(`Error of the estimate, ${errors.length} ${what}: ${parts.join(", ")}`);
}

describe("estimateText", () => {
  const prose = "The quick brown fox jumps over the lazy dog. ".repeat(50);

  it("makes 30 % more tokens of a text for models from 4.7 on, and for ids that name no version", () => {
    for (const model of [current, "claude-opus-4-7", "claude-opus-4-8", "claude-haiku-5-5", "my-model"])
      expect(estimateText(prose, model) / estimateText(prose, old)).toBeCloseTo(1.3, 2);
    for (const model of ["claude-opus-4-6", "claude-sonnet-4-5-20250929", "claude-3-5-haiku-20241022"])
      expect(estimateText(prose, model)).toBe(estimateText(prose, old));
    expect(estimateText(prose, "anthropic.claude-sonnet-4-20250514-v1:0")).toBe(estimateText(prose, old));
  });

  it("makes more of JSON and of what is not ASCII than of prose of the same length", () => {
    const json = '{"a":1,"b":[2,3]}'.repeat(100);
    const chinese = "天气很好".repeat(425);
    expect(estimateText(json, old)).toBeGreaterThan(2 * estimateText(prose.slice(0, json.length), old));
    expect(estimateText(chinese, old)).toBeGreaterThan(3 * estimateText(prose.slice(0, 1_700), old));
  });
});

describe("estimateMessages", () => {
  const said = (...content: object[]) => [{ role: "user" as const, content: content as never }];
  const of = (block: object, model = old) =>
    estimateMessages(said(block), model) - estimateMessages(said(), model);
  const png = (width: number, height: number) => {
    const head = Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\0\0", "latin1");
    head.writeUInt32BE(width, 16);
    head.writeUInt32BE(height, 20);
    return { type: "base64", media_type: "image/png", data: head.toString("base64") };
  };

  it("counts images by their size in squares of 28 pixels, up to what a model looks at, and 1,600 where that is unknown", () => {
    expect(of({ type: "image", source: png(280, 29) })).toBe(10 * 2);
    expect(of({ type: "image", source: png(8_000, 8_000) })).toBe(1_568);
    expect(of({ type: "image", source: png(8_000, 8_000) }, current)).toBe(4_784);
    expect(of({ type: "image", source: { type: "url", url: "https://example.com/a.png" } })).toBe(1_600);
  });

  it("counts a thought by its words, and by its signature where they are left out", () => {
    const thinking = "I had better look first. ".repeat(10);
    expect(of({ type: "thinking", thinking, signature: "x".repeat(9_000) })).toBe(
      estimateText(thinking, old),
    );
    expect(of({ type: "thinking", thinking: "", signature: "x".repeat(950) })).toBe(100);
    expect(of({ type: "redacted_thinking", data: "x".repeat(950) })).toBe(100);
  });

  it("counts a document's text, and of any other a page for every 100,000 characters", () => {
    const text = "A report. ".repeat(100);
    expect(of({ type: "document", source: { type: "text", data: text } })).toBe(estimateText(text, old));
    expect(of({ type: "document", source: { type: "base64", data: "x".repeat(250_000) } })).toBe(3 * 2_700);
  });

  it("measures a committed message once", () => {
    let reads = 0;
    const content = [{ type: "text", get text() { return String(++reads); } }]; // biome-ignore format: one look
    const message = Object.freeze({ role: "user" as const, content: content as never });
    for (let times = 0; times < 3; times++) estimateMessages([message], old);
    expect(reads).toBe(1);
  });
});

describe("imageSizeOf", () => {
  const sizeOf = (bytes: Buffer) => imageSizeOf({ type: "base64", data: bytes.toString("base64") });
  const latin = (text: string) => Buffer.from(text, "latin1");

  it("reads PNG, GIF, JPEG and the three kinds of WebP", () => {
    const size = { width: 300, height: 200 };
    expect(sizeOf(latin("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x2c\0\0\0\xc8"))).toEqual(size);
    expect(sizeOf(latin("GIF89a\x2c\x01\xc8\0"))).toEqual(size);
    const jpeg = "\xff\xd8\xff\xe0\0\x04ab\xff\xc4\0\x04ab\xff\xc2\0\x11\x08\0\xc8\x01\x2c\x03\0\0\0";
    expect(sizeOf(latin(jpeg))).toEqual(size);
    const webp = (kind: string, body: string) => latin(`RIFF\0\0\0\0WEBP${kind}\0\0\0\0${body}`);
    expect(sizeOf(webp("VP8X", "\0\0\0\0\x2b\x01\0\xc7\0\0"))).toEqual(size);
    expect(sizeOf(webp("VP8 ", "\0\0\0\x9d\x01\x2a\x2c\x01\xc8\0"))).toEqual(size);
    const bits = 299 | (199 << 14);
    const lossless = String.fromCharCode(
      0x2f,
      bits & 255,
      (bits >> 8) & 255,
      (bits >> 16) & 255,
      bits >>> 24,
    );
    expect(sizeOf(webp("VP8L", lossless))).toEqual(size);
  });

  it("reads a JPEG with filling between its segments, and one with large previews before its frame", () => {
    const frame = "\xff\xc0\0\x11\x08\0\xc8\x01\x2c\x03\0\0\0";
    expect(sizeOf(latin(`\xff\xd8\xff\xff\xff\xe0\0\x04ab${frame}`))).toEqual({ width: 300, height: 200 });
    const preview = `\xff\xe2\xff\xff${"p".repeat(0xfffd)}`;
    expect(sizeOf(latin(`\xff\xd8${preview}${preview}${frame}`))).toEqual({ width: 300, height: 200 });
  });

  it("knows nothing of what is cut, broken or elsewhere", () => {
    expect(sizeOf(latin("\x89PNG\r\n"))).toBeUndefined();
    expect(sizeOf(latin("\xff\xd8\xff\xe0\0\x04ab"))).toBeUndefined();
    expect(sizeOf(latin("nothing"))).toBeUndefined();
    expect(imageSizeOf({ type: "base64", data: "%%%" })).toBeUndefined();
    expect(imageSizeOf({ type: "file", file_id: "file_1" })).toBeUndefined();
  });
});

describe("estimateContext", () => {
  const usage = {
    input_tokens: 1_000,
    cache_creation_input_tokens: 200,
    cache_read_input_tokens: 30_000,
    output_tokens: 50,
  };
  const begun = [
    { type: "session.start", agent: "a", tools: [], fingerprint: "f" },
    { type: "run.start", model: old, limits: {}, startedAt: 1 },
    { type: "input", messages: [{ role: "user", content: "Go." }] },
    { type: "step.start", step: 1 },
    { type: "model.start", attempt: 1, model: old },
  ];
  const end = { type: "model.end", attempt: 1, outcome: "message", model: old, usage, durationMs: 1 };
  const replied = (...content: object[]) => [
    ...begun,
    end,
    { type: "message", id: "m", stopReason: "tool_use", message: { role: "assistant", content } },
  ];
  const fold = (...bodies: object[]): State =>
    bodies.reduce<State>(
      (state, body, index) => apply(state, { session: "s", seq: index + 1, at: 1, ...body } as AgentEvent),
      emptyState("s"),
    );
  const agent = prepareAgent({ model: old });
  const call = { type: "tool_use", id: "a", name: "work", input: {} };
  const answer = [
    {
      type: "tool.end",
      toolUseId: "a",
      name: "work",
      outcome: "ok",
      durationMs: 1,
      result: { content: "Done." },
    },
    { type: "step.end", step: 1, usage, cost: { usd: 0 } },
  ];

  it("is what the API counted of the last prompt and its reply, and an estimate of what came since", () => {
    const state = fold(...replied(call), ...answer, {
      type: "input",
      messages: [{ role: "user", content: "And now?" }],
    });
    const fresh = estimateMessages([...state.messages.slice(-1), ...state.inbox], old);
    expect(fresh).toBeGreaterThan(10);
    expect(estimateContext(state, agent)).toBe(31_200 + 50 + fresh);
  });

  it("does not count a reply that was refused, for it is not in the history", () => {
    const refused = {
      type: "message",
      id: "m",
      stopReason: "refusal",
      message: { role: "assistant", content: [{ type: "text", text: "No." }] },
    };
    const state = fold(...begun, end, refused);
    expect(estimateContext(state, agent)).toBe(31_200);
    // What is said now joins the message that had no answer.
    const words = "It is a long story. ".repeat(500);
    const said = { type: "input", messages: [{ role: "user", content: words }] };
    const asked = [...begun, end, refused, said];
    const inInbox = estimateContext(fold(...asked), agent);
    expect(inInbox).toBeGreaterThan(33_000);
    const takenUp = estimateContext(
      fold(...asked, { type: "step.end", step: 1, usage, cost: { usd: 0 } }, { type: "step.start", step: 2 }),
      agent,
    );
    expect(takenUp).toBe(inInbox);
  });

  it("is an estimate of all of it for another model, and where the API's own tools made the last usage that of many prompts", () => {
    const state = fold(...replied(call), ...answer);
    const other = prepareAgent({ model: current });
    expect(estimateContext(state, other)).toBe(estimatePrompt(state, other));
    const search = { type: "server_tool_use", id: "s", name: "web_search", input: {} };
    const found = { type: "web_search_tool_result", tool_use_id: "s", content: [] };
    const searched = fold(...replied(search, found), answer[1] as object);
    expect(estimateContext(searched, agent)).toBe(estimatePrompt(searched, agent));
  });

  it("is the API's count where there is one, as long as nothing is added", () => {
    const counted = [...replied(call), ...answer, { type: "prompt.count", model: old, tokens: 77 }];
    expect(estimateContext(fold(...counted), agent)).toBe(77);
    const said = { type: "input", messages: [{ role: "user", content: "And now?" }] };
    expect(estimateContext(fold(...counted, said), agent)).toBeGreaterThan(31_200);
  });

  describe("of deferred tools", () => {
    const words = "What it holds, since when, for whom, and where. ".repeat(50);
    const tools = Array.from({ length: 100 }, (_, index) => ({
      name: `report_${index}`,
      description: words,
      input_schema: { type: "object" as const },
      defer_loading: true,
    }));
    const find = { name: "find", input_schema: { type: "object" as const } };
    const each = estimateText(JSON.stringify(tools[0]), old);
    const referring = (...names: string[]) => ({
      ...answer[0],
      result: { content: names.map((tool_name) => ({ type: "tool_reference", tool_name })) },
    });
    const withTools = (state: State): State => ({ ...state, tools: [find, ...tools] });

    it("leaves out those that no message refers to, for they stand in no prompt", () => {
      const state = fold(...replied(call));
      const few = estimatePrompt({ ...state, tools: [find] }, agent);
      expect(estimatePrompt(withTools(state), agent)).toBe(few);
      const search = { type: "server_tool_use", id: "s", name: "tool_search_tool_bm25", input: {} };
      const references = [{ type: "tool_reference", tool_name: "report_7" }];
      const content = { type: "tool_search_tool_search_result", tool_references: references };
      const found = { type: "tool_search_tool_result", tool_use_id: "s", content };
      const searched = withTools(fold(...replied(search, found), answer[1] as object));
      expect(estimateContext(searched, agent)).toBeLessThan(few + 2 * each);
      expect(estimateContext(searched, agent)).toBeGreaterThan(few + each);
    });

    it("counts those that are referred to once, when they first are", () => {
      const defined = { ...begun[0], tools: [find, ...tools] };
      const found = referring("report_1", "report_2", "report_1");
      const first = fold(defined, ...replied(call).slice(1), found, answer[1] as object);
      const bare = { ...first, tools: [find] };
      expect(estimateContext(first, agent) - estimateContext(bare, agent)).toBe(2 * each);
      const messages = [...first.messages, ...first.messages.slice(1)];
      const prompt = { model: old, tokens: 9_000, output: 10, messages: 3, blocks: 1 };
      const again = { ...first, messages, prompt };
      expect(estimateContext(again, agent)).toBe(estimateContext({ ...again, tools: [find] }, agent));
    });
  });
});
