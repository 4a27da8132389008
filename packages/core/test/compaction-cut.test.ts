import type Anthropic from "@anthropic-ai/sdk";
import { type Agent, emptyState, type State } from "@lockstitch/core";
import { describe, expect, it } from "vitest";
import { prepareAgent } from "../src/prepare-agent.js";
import { planCompaction } from "../src/pure/compaction/compaction.js";
import { extentOf } from "../src/pure/conversation/extent.js";
import { apply } from "../src/pure/fold/apply.js";
import { page, smallModel, smallModels } from "./compaction-helpers.js";

type Message = Anthropic.MessageParam;

const user = (...content: object[]) => ({ role: "user", content }) as unknown as Message;
const assistant = (...content: object[]) => ({ role: "assistant", content }) as unknown as Message;
const system: Message = { role: "system", content: "Be brief." };
const text = (words = "Well.") => ({ type: "text", text: words });
const call = (id: string, more: object = {}) => ({ type: "tool_use", id, name: "work", input: {}, ...more });
const answer = (id: string) => ({ type: "tool_result", tool_use_id: id, content: "ok" });
const search = { type: "server_tool_use", id: "srv_1", name: "web_search", input: {} };
const found = { type: "web_search_tool_result", tool_use_id: "srv_1", content: [] };
const code = { type: "server_tool_use", id: "srv_2", name: "code_execution", input: {} };
const ran = { type: "code_execution_tool_result", tool_use_id: "srv_2", content: {} };
const byCode = { caller: { type: "code_execution_20260120", tool_id: "srv_2" } };

/** Long enough to be worth a summary. */
const long = user(text(page.repeat(3)));

function cutOf(messages: readonly Message[], agent: Agent = {}, tokens = 7_000): number | undefined {
  const prepared = prepareAgent({ model: smallModel.id, maxTokens: 500, ...agent }, { models: smallModels });
  const begun = { type: "run.start", model: smallModel.id, limits: {}, startedAt: 0 } as const;
  const state: State = apply(emptyState("s"), { ...begun, session: "s", seq: 1, at: 0 });
  const prompt = { model: smallModel.id, tokens, ...extentOf(messages), output: 0 };
  return planCompaction({ ...state, messages, prompt }, prepared)?.cut;
}

describe("where a history is cut", () => {
  const talk = [long, assistant(text()), user(text()), assistant(text()), user(text())];

  it("is before the newest messages that are to be kept, where the prompt nears the window", () => {
    expect(cutOf(talk)).toBe(1);
    expect(cutOf(talk, { compact: { keep: 2 } })).toBe(3);
    expect(cutOf(talk, { compact: { keep: 0 } })).toBe(5);
    expect(cutOf(talk, { compact: false })).toBeUndefined();
    expect(cutOf(talk, {}, 6_399)).toBeUndefined();
    expect(cutOf(talk, {}, 6_400)).toBe(1);
  });

  it("goes by the window of a model that is not in the catalogue as if it were 200,000 tokens", () => {
    const agent = prepareAgent({ model: "a-model-of-tomorrow" });
    const begun = { type: "run.start", model: agent.model, limits: {}, startedAt: 0 } as const;
    const state: State = apply(emptyState("s"), { ...begun, session: "s", seq: 1, at: 0 });
    const messages = [user(text(page.repeat(20))), ...talk.slice(1)];
    const at = (tokens: number) => ({ model: agent.model, tokens, ...extentOf(messages), output: 0 });
    expect(planCompaction({ ...state, messages, prompt: at(159_999) }, agent)).toBeUndefined();
    expect(planCompaction({ ...state, messages, prompt: at(160_000) }, agent)).toEqual({ cut: 1 });
  });

  it("is never between a call and its result", () => {
    const calls = [long, assistant(call("a")), user(answer("a")), assistant(call("b")), user(answer("b"))];
    for (let keep = 0; keep <= 5; keep++) expect([1, 3, 5]).toContain(cutOf(calls, { compact: { keep } }));
  });

  it("is never between what the API's own tools were asked and found, nor between code and the calls it made", () => {
    const paused = [long, assistant(search), assistant(found, text()), user(text())];
    for (let keep = 0; keep <= 4; keep++) expect([1, 3, 4]).toContain(cutOf(paused, { compact: { keep } }));
    const coded = [
      ...[long, assistant(code, call("a", byCode)), user(answer("a")), assistant(call("b", byCode))],
      ...[user(answer("b")), assistant(ran, text()), user(text())],
    ];
    for (let keep = 0; keep <= 7; keep++) expect([1, 6, 7]).toContain(cutOf(coded, { compact: { keep } }));
  });

  it("is nowhere while one of the API's own tools is at work", () => {
    for (let keep = 0; keep <= 3; keep++)
      expect(cutOf([long, assistant(search)], { compact: { keep } })).toBeUndefined();
  });

  it("is never right behind a system message, after which the API wants the assistant's", () => {
    const told = [long, system, assistant(text()), user(text()), system];
    for (let keep = 0; keep <= 5; keep++) {
      const cut = cutOf(told, { compact: { keep } });
      expect(cut === undefined || told[cut - 1] !== system).toBe(true);
    }
    expect(cutOf(told, { compact: { keep: 1 } })).toBe(4);
    expect(cutOf(told, { compact: { keep: 0 } })).toBeUndefined();
  });

  it("keeps nothing of a turn that still calls tools under manual thinking, which must begin with a thought", () => {
    const calls = [long, assistant(call("a")), user(answer("a")), assistant(call("b")), user(answer("b"))];
    const thinking = { type: "enabled" as const, budget_tokens: 1_024 };
    const manual: Agent = { maxTokens: 2_000, request: { thinking } };
    expect(cutOf(calls, manual)).toBe(5);
    expect(cutOf([...calls, assistant(text())], manual)).toBe(1);
    expect(cutOf(calls, { request: { thinking: { type: "adaptive" } } })).toBe(1);
  });

  it("keeps fewer messages where they fill more than a quarter of the window", () => {
    const big = user(text(page.repeat(2)));
    expect(cutOf([long, assistant(text()), big, assistant(text()), user(text())])).toBe(3);
  });

  it("is nowhere where too little stands before it to be worth a summary", () => {
    const short = [user(text()), assistant(text()), user(text()), assistant(text()), user(text())];
    expect(cutOf(short)).toBeUndefined();
    expect(cutOf([user(text(page)), ...short.slice(1)])).toBeUndefined();
    // With shorter summaries it is.
    expect(cutOf([user(text(page)), ...short.slice(1)], { compact: { maxTokens: 300 } })).toBe(1);
  });
});
