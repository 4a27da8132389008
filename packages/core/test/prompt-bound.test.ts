import type Anthropic from "@anthropic-ai/sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { prepareAgent } from "../src/prepare-agent.js";
import { promptBound } from "../src/pure/budget/prompt-bound.js";
import { estimatePrompt } from "../src/pure/budget/token-estimate.js";
import { extentOf } from "../src/pure/conversation/extent.js";
import { emptyState } from "../src/pure/fold/apply.js";
import type { PromptState, State } from "../src/state.js";
import { toUsage } from "../src/usage.js";
import { absent, conversations, type Exchange, found, parseBody, parseWhole } from "./recordings.js";

const window = 1_000_000;

function boundOf({ request }: Exchange, prompt?: PromptState): number {
  const { model, system, tools = [], messages, max_tokens: _max, stream: _stream, ...rest } = request;
  const state: State = { ...emptyState("s"), system, tools, messages, prompt };
  const { request: settings, ...agent } = prepareAgent({ model });
  return promptBound(state, { ...agent, request: { ...settings, ...rest } }, window);
}

/** What the API says of a recorded call, where its body holds it. */
function usageOf(exchange: Exchange): { readonly input: number; readonly output: number } | undefined {
  const usages = parseBody(exchange.body).map(
    (event) =>
      (event as { message?: { usage?: object } }).message?.usage ?? (event as { usage?: object }).usage,
  );
  const whole = parseWhole(exchange.body) as { readonly usage?: object } | undefined;
  const raw = exchange.isStream ? Object.assign({}, ...usages) : whole?.usage;
  const usage = toUsage(raw);
  const input = usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens;
  return input === 0 ? undefined : { input, output: usage.output_tokens };
}

interface Case {
  readonly name: string;
  readonly counted: number;
  readonly bound: number;
}

const isServerSide = ({ request }: Exchange) =>
  /"type":"(web_|code_execution|mcp|tool_search)/.test(JSON.stringify([request.tools ?? [], request])) ||
  "mcp_servers" in request;

const cases: readonly Case[] = !found
  ? []
  : conversations.flatMap(({ name, exchanges }) =>
      exchanges.flatMap((exchange, index): Case[] => {
        const usage = usageOf(exchange);
        // The API's own loops put into the prompt what nobody sent.
        if (usage === undefined || isServerSide(exchange)) return [];
        const alone = { name: `${name} ${index}`, counted: usage.input, bound: boundOf(exchange) };
        const before = exchanges[index - 1];
        const known = before === undefined ? undefined : usageOf(before);
        if (before === undefined || known === undefined || before.request.model !== exchange.request.model)
          return [alone];
        const prompt = {
          model: exchange.request.model,
          tokens: known.input,
          output: known.output,
          ...extentOf(before.request.messages),
        };
        const isNext = JSON.stringify(exchange.request.messages).startsWith(
          JSON.stringify(before.request.messages).slice(0, -1),
        );
        return isNext
          ? [alone, { ...alone, name: `${alone.name} after`, bound: boundOf(exchange, prompt) }]
          : [alone];
      }),
    );

describe("the bound of a prompt", () => {
  it.runIf(found)(
    `is never below what the API counted, for all ${cases.length} recorded prompts${absent}`,
    () => {
      expect(cases.length).toBeGreaterThan(100);
      expect(cases.filter(({ name }) => name.endsWith("after")).length).toBeGreaterThan(20);
      expect(cases.filter(({ counted, bound }) => bound < counted)).toEqual([]);
    },
  );

  it("is never below the bytes of the JSON of what a model asked for, or was told, whatever they hold", () => {
    const id = "toolu_1";
    const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
    fc.assert(
      fc.property(anyJson, (value) => {
        const input = { value } as Record<string, unknown>;
        const call = { type: "tool_use" as const, id, name: "save", input };
        expect(boundOfMessages([{ role: "assistant", content: [call] }])).toBeGreaterThanOrEqual(
          bytes([call]),
        );
        const content = JSON.stringify(value);
        for (const told of [content, [{ type: "text" as const, text: content }]]) {
          const result = { type: "tool_result" as const, tool_use_id: id, content: told };
          expect(boundOfMessages([{ role: "user", content: [result] }])).toBeGreaterThanOrEqual(
            bytes([result]),
          );
        }
        expect(boundOfMessages([{ role: "user", content }])).toBeGreaterThanOrEqual(bytes(content));
      }),
      { numRuns: 500 },
    );
  });

  it("takes an input for the JSON that it is, though it has the form of an image or a file", () => {
    const inputOf = (value: object) => ({ type: "tool_use" as const, id: "a", name: "b", input: value });
    const bound = (value: object) => boundOfMessages([{ role: "assistant", content: [inputOf(value)] }]);
    expect(bound({ type: "image", data: "x".repeat(10_000) })).toBeGreaterThan(10_000);
    expect(bound({ file: { type: "container_upload" } })).toBeLessThan(500);
  });

  it("takes an image for as much as any model makes of one", () => {
    const source = { type: "url" as const, url: "https://example.com/a.png" };
    const told = boundOfMessages([{ role: "user", content: [{ type: "image", source }] }]);
    expect(told - boundOfMessages([{ role: "user", content: [] }])).toBe(4_784 + 16);
  });

  it("is the whole window where a file is put into the container, for how much of it is read is not to be seen", () => {
    const content = [{ type: "container_upload" as const, file_id: "file_1" }];
    expect(boundOfMessages([{ role: "user", content }])).toBe(window);
  });

  it("adds the reply that the API counted to the prompt that it counted, and to its bytes", () => {
    const bound = (output: number) =>
      boundOfMessages(
        [
          { role: "user", content: "Go." },
          { role: "assistant", content: "Yes." },
        ],
        {
          model,
          tokens: 5_000,
          output,
          messages: 1,
          blocks: 1,
        },
      );
    expect(bound(700) - bound(0)).toBe(700);
    expect(bound(0)).toBeGreaterThan(5_000 + "Yes.".length);
  });

  it("holds the definitions that the API puts in place of references, once for each since the counted prompt", () => {
    const definition = {
      name: "report",
      description: "漢字 ".repeat(2_000),
      input_schema: { type: "object" as const },
      defer_loading: true,
    };
    const bytes = Buffer.byteLength(JSON.stringify(definition));
    const reference = { type: "tool_reference" as const, tool_name: "report" };
    const result = { type: "tool_result" as const, tool_use_id: "a", content: [reference, reference] };
    const call = {
      type: "tool_use" as const,
      id: "a",
      name: "find",
      input: { type: "tool_reference", tool_name: "report" },
    };
    const found = {
      type: "tool_search_tool_result" as const,
      tool_use_id: "s",
      content: { type: "tool_search_tool_search_result" as const, tool_references: [reference] },
    };
    const messages: Anthropic.MessageParam[] = [
      { role: "user", content: "Go." },
      { role: "assistant", content: [found, call] },
      { role: "user", content: [result] },
    ];
    const references = (counted: number, more: Partial<State> = {}) => {
      const prompt = { model, tokens: 1_000, output: 10, ...extentOf(messages.slice(0, counted)) };
      const state = { ...emptyState("s"), messages, prompt, ...more };
      const bound = (tools: State["tools"]) =>
        promptBound({ ...state, tools }, prepareAgent({ model }), window);
      return (bound([definition]) - bound([])) / bytes;
    };
    expect(references(1)).toBe(3);
    expect(references(1, { inbox: messages.slice(2) })).toBe(5);
    const answered = [...messages, { role: "assistant" as const, content: "Found." }];
    expect(references(3, { messages: answered })).toBe(0);
    expect(references(1, { prompt: undefined })).toBeGreaterThan(4);
  });

  it("holds what has been added to the last message of the prompt, where the reply to it was not kept", () => {
    const text = (words: string) => ({ type: "text" as const, text: words });
    const before: Anthropic.MessageParam[] = [{ role: "user", content: "Go." }];
    const grown: Anthropic.MessageParam = { role: "user", content: [text("Go."), text("x".repeat(9_000))] };
    const brief: Anthropic.MessageParam = { role: "system", content: "Be brief." };
    const counted = { model, tokens: 5_000, output: 10 };
    expect(boundOfMessages([grown], { ...counted, ...extentOf(before) })).toBeGreaterThan(14_000);
    // What is said goes before the system message, which no reply came to either.
    const withSystem = { ...counted, ...extentOf([...before, brief]) };
    expect(boundOfMessages([grown, brief], withSystem)).toBeGreaterThan(14_000);
    expect(boundOfMessages([...before, brief], withSystem)).toBeLessThan(6_000);
    // Words may bring an assistant's along, which is no reply to what was counted.
    const imported: Anthropic.MessageParam[] = [
      grown,
      { role: "assistant", content: "Yes." },
      { role: "user", content: "On." },
    ];
    expect(boundOfMessages(imported, { ...counted, ...extentOf(before) })).toBeGreaterThan(14_000);
  });

  it("goes by no other model's count", () => {
    const messages = [{ role: "user" as const, content: "x".repeat(9_000) }];
    const counted = { model: "claude-haiku-4-5", tokens: 10, output: 0, messages: 1, blocks: 1 };
    const answered = [...messages, { role: "assistant" as const, content: "Yes." }];
    expect(boundOfMessages(answered, counted)).toBeGreaterThan(9_000);
    expect(boundOfMessages(answered, { ...counted, model })).toBeLessThan(300);
  });

  it("is never below the estimate", () => {
    const tools = fc.array(
      fc.constantFrom(
        { name: "save", input_schema: { type: "object" as const } },
        { type: "web_search_20250305" as const, name: "web_search" as const },
        { type: "code_execution_20250825" as const, name: "code_execution" as const },
      ),
      { maxLength: 20 },
    );
    const image = { type: "image", source: { type: "url", url: "https://example.com/a.png" } };
    const block = fc.oneof(
      anyJson.map((value) => ({ type: "text", text: JSON.stringify(value) })),
      anyJson.map((value) => ({ type: "tool_use", id: "a", name: "save", input: { value } })),
      fc.constant(image),
      fc.constantFrom("{}[]();:".repeat(500), "座標値".repeat(500)).map((text) => ({ type: "text", text })),
    );
    const models = fc.constantFrom("claude-sonnet-5", "claude-haiku-4-5");
    fc.assert(
      fc.property(tools, fc.array(block, { minLength: 1 }), models, (defined, content, of) => {
        const messages = [{ role: "user", content }] as never;
        const state: State = { ...emptyState("s"), system: "Be brief.", tools: defined, messages };
        const agent = prepareAgent({ model: of });
        expect(promptBound(state, agent, Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(
          estimatePrompt(state, agent),
        );
      }),
      { numRuns: 300 },
    );
    const boundAndEstimate = (part: Partial<State>) => {
      const state = { ...emptyState("s"), messages: [{ role: "user", content: "Go." }], ...part } as State;
      const agent = prepareAgent({ model });
      return [promptBound(state, agent, Number.POSITIVE_INFINITY), estimatePrompt(state, agent)] as const;
    };
    // Where they are nearest to each other.
    const search = { type: "web_search_20250305", name: "web_search" } as const;
    const marks = [{ role: "user" as const, content: "{}[]();:".repeat(5_000) }];
    for (const part of [{ tools: Array.from({ length: 20 }, () => search) }, { messages: marks }]) {
      const [bound, estimate] = boundAndEstimate(part);
      expect(bound).toBeGreaterThanOrEqual(estimate);
    }
  });
});

const model = "claude-sonnet-5";

function boundOfMessages(messages: readonly Anthropic.MessageParam[], prompt?: PromptState): number {
  return promptBound({ ...emptyState("s"), messages, prompt }, prepareAgent({ model }), window);
}

/** Keys and words of every script, escapes, numbers of every length, and what looks like a block. */
const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ stringUnit: "binary" }),
  fc.dictionary(fc.constantFrom("座標値経度緯度", "type", "source", '\n"', "a"), fc.double(), { maxKeys: 5 }),
  fc
    .array(fc.double({ noNaN: true, noInteger: true }), { minLength: 30, maxLength: 60 })
    .map((numbers) => Object.fromEntries(numbers.map((number, at) => [`座${at}`, number]))),
  fc.constantFrom('\n"\\'.repeat(100), "\u0001".repeat(50), "😀".repeat(50)),
  fc.constantFrom({ type: "image", data: "x".repeat(9_000) }, { citations: "" }, [], {}, [[[]]], null, [
    true,
  ]),
);
