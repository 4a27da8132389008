import type { AgentEvent } from "@lockstitch/core";
import { describe, expect, it } from "vitest";
import { prepareAgent } from "../src/prepare-agent.js";
import { apply, emptyState } from "../src/pure/fold/apply.js";
import { cacheSettings, findCacheMiss } from "../src/pure/request/cache-miss.js";
import { buildRequest } from "../src/pure/request/request.js";
import type { State } from "../src/state.js";
import { noUsage } from "../src/usage.js";

const [model, system] = ["claude-sonnet-5", "You look after the harbour."];

describe("why a prompt was not in the cache is read off the log:", () => {
  const prepared = prepareAgent({ model, system });
  const begun = [
    { type: "session.start", agent: "a", system, tools: [], fingerprint: "f" },
    { type: "run.start", model, limits: {}, startedAt: 0 },
    { type: "input", messages: [{ role: "user", content: "Go." }] },
  ];
  const call = (at: number, number: number, more: object = {}) => [
    { type: "step.start", step: number },
    { type: "model.start", attempt: 1, model, at, ...more },
  ];
  const answer = (usage: object, content: object[] = [{ type: "text", text: "Yes." }]) => [
    { type: "model.end", attempt: 1, outcome: "message", model, usage: { ...noUsage, ...usage } },
    { type: "message", id: "m", stopReason: "end_turn", message: { role: "assistant", content } },
    { type: "step.end", step: 1, usage: noUsage, cost: { usd: 0 } },
  ];
  const fold = (...bodies: readonly object[]): State =>
    bodies.reduce<State>(
      (state, body, index) => apply(state, { session: "s", seq: index + 1, at: 0, ...body } as AgentEvent),
      emptyState("s"),
    );
  const miss = (state: State, usage: object = { cache_read_input_tokens: 300, input_tokens: 1 }) =>
    findCacheMiss(state, prepared, {
      request: buildRequest(state, prepared),
      usage: { ...noUsage, ...usage },
    });
  const left = { cache_read_input_tokens: 700, cache_creation_input_tokens: 300 };
  const compaction = { type: "compaction", summary: "", kept: 9, system, tools: [], fingerprint: "g" };

  it.each([
    ["a summary", { summary: "They spoke.", kept: 0 }, "messages"],
    ["another system prompt", { system: "Be brief." }, "system"],
    ["no system prompt", { system: undefined }, "system"],
    [
      "other tools",
      { tools: [{ name: "a", input_schema: { type: "object" } }], system: "Be brief." },
      "tools",
    ],
    ["the same again", {}, "unknown"],
  ])("a segment that begins with %s is told as the reason", (_, change, why) => {
    const state = fold(...begun, ...call(0, 1), ...answer(left), { ...compaction, ...change }, ...call(5, 2));
    expect(miss(state)).toEqual({ tokens: 700, why });
  });

  it("the call that makes a summary is none to compare with, nor does it miss anything", () => {
    const [end] = answer(left);
    const asked = { type: "model.start", attempt: 1, model: "small", purpose: "compaction", at: 1 };
    const before = [...begun, ...call(0, 1), ...answer(left)];
    expect(miss(fold(...before, asked))).toBeUndefined();
    expect(miss(fold(...before, asked, end ?? {}, ...call(5, 3)))).toEqual({ tokens: 700, why: "unknown" });
  });

  it("a lifetime counts from when the call before was sent, and is over after five minutes", () => {
    const state = (at: number) => fold(...begun, ...call(1_000, 1), ...answer(left), ...call(at, 2));
    expect(miss(state(301_000))?.why).toBe("unknown");
    expect(miss(state(301_001))?.why).toBe("lifetime");
  });

  it("whoever wrote says how long it is kept, not whoever reads", () => {
    const hour = { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 300 };
    const both = { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 299 };
    const after = (at: number, cache: "5m" | "1h", ...usages: readonly object[]) => {
      const agent = { ...prepared, cache };
      const calls = usages.flatMap((usage, index) => [...call(0, index + 1), ...answer(usage)]);
      const state = fold(...begun, ...calls, ...call(at, usages.length + 1));
      const usage = { ...noUsage, cache_read_input_tokens: 300, input_tokens: 1 };
      return findCacheMiss(state, agent, { request: buildRequest(state, agent), usage })?.why;
    };
    expect(after(1_200_000, "1h", left)).toBe("lifetime");
    expect(after(1_200_000, "5m", { ...left, cache_creation: hour })).toBe("unknown");
    expect(after(3_600_001, "5m", { ...left, cache_creation: hour })).toBe("lifetime");
    expect(after(1_200_000, "1h", { ...left, cache_creation: both })).toBe("lifetime");
    // One that only reads leaves what another has written.
    const reads = { cache_read_input_tokens: 1_000 };
    expect(after(1_200_000, "5m", { ...left, cache_creation: hour }, reads)).toBe("unknown");
    expect(after(1_200_000, "1h", reads)).toBe("unknown");
  });

  it("a reply whose usage is that of several prompts, as the API ran tools by itself, says nothing of what is left", () => {
    const search = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} };
    const found = { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] };
    const state = fold(...begun, ...call(0, 1), ...answer(left, [search, found]), ...call(5, 2));
    expect(miss(state)).toBeUndefined();
  });

  it("a refused reply leaves no trace, and what is said next becomes a part of the message before", () => {
    const [end, message, last] = answer(left);
    const refused = [end ?? {}, { ...message, stopReason: "refusal" }, last ?? {}];
    const more = { type: "input", messages: [{ role: "user", content: "Please." }] };
    const state = fold(...begun, ...call(0, 1), ...refused, more, ...call(5, 2));
    expect(state.messages).toHaveLength(1);
    expect(miss(state)?.why).toBe("unknown");
  });

  it("settings that the cache does not go by have no name, and the others the same one in any order", () => {
    const [thinking, effort] = [{ type: "adaptive" as const }, { effort: "low" as const }];
    expect(cacheSettings({ metadata: { user_id: "u" }, stop_sequences: ["."], service_tier: "auto" })).toBe(
      undefined,
    );
    const name = cacheSettings({ thinking, output_config: effort });
    expect(cacheSettings({ output_config: effort, container: "c", thinking })).toBe(name);
    expect(cacheSettings({ thinking })).not.toBe(name);
  });

  it("nothing is missed where nothing was left, all was read, or nothing was asked of the API", () => {
    const state = fold(...begun, ...call(0, 1), ...answer(left), ...call(5, 2));
    expect(miss(state, { cache_read_input_tokens: 1_000 })).toBeUndefined();
    expect(miss(state, {})).toBeUndefined();
    expect(miss(fold(...begun, ...call(0, 1)))).toBeUndefined();
    expect(
      miss(fold(...begun, ...call(0, 1), ...answer({ input_tokens: 5 }), ...call(5, 2))),
    ).toBeUndefined();
  });
});
