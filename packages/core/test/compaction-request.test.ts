import type Anthropic from "@anthropic-ai/sdk";
import { type Agent, emptyState, type State } from "@lockstitch/core";
import { refuseMessageRequest } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { prefixAfter, prefixOf, signThinking } from "../../testing/src/simulator/thinking-signature.js";
import type { ModelRequest } from "../src/claude-function.js";
import { prepareAgent } from "../src/prepare-agent.js";
import { type CompactingAgent, compacts, summariserOf } from "../src/pure/compaction/compaction.js";
import { buildSummaryRequest } from "../src/pure/compaction/summary-request.js";
import { apply } from "../src/pure/fold/apply.js";
import { handTool } from "./helpers.js";

const prose = "Oslo lies at the end of a fjord and is cold in winter. ";

function prepare(agent: Agent): CompactingAgent {
  const prepared = prepareAgent({ cache: false, tools: [handTool("read", () => "")], ...agent });
  if (!compacts(prepared)) throw new Error("it does not compact");
  return prepared;
}

/** Calls that think before them, each thought bound to all that stands before it, with results of these lengths. */
function historyOf(agent: CompactingAgent, results: readonly string[]): Anthropic.MessageParam[] {
  const tools = [...agent.definitions] as Anthropic.ToolUnion[];
  const messages: Anthropic.MessageParam[] = [{ role: "user", content: "Read." }];
  for (const [index, content] of results.entries()) {
    const thinking = "I had better read.";
    const prefix = prefixOf({ messages, tools });
    const thought = { type: "thinking", thinking, signature: signThinking(prefix, thinking) } as const;
    expect(prefixAfter(prefix, thought)).not.toBe(prefix);
    const id = `toolu_${index}`;
    messages.push(
      { role: "assistant", content: [thought, { type: "tool_use", id, name: "read", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: id, content }] },
    );
  }
  return messages;
}

function stateOf(agent: CompactingAgent, messages: readonly Anthropic.MessageParam[]): State {
  const begun = { type: "run.start", model: agent.model, limits: {}, startedAt: 0 } as const;
  const state = apply(emptyState("s"), { ...begun, session: "s", seq: 1, at: 0 });
  return { ...state, tools: agent.definitions, messages };
}

function ask(
  agent: CompactingAgent,
  messages: readonly Anthropic.MessageParam[],
  room = 100_000,
): ModelRequest {
  const summariser = summariserOf(agent);
  const { length } = messages;
  return buildSummaryRequest(stateOf(agent, messages), agent, summariser, length, room, summariser.maxTokens);
}

const refusal = (request: ModelRequest) =>
  refuseMessageRequest(JSON.parse(JSON.stringify(request)), { version: "2026-10-21", betas: [] });
const hasThoughts = ({ messages }: ModelRequest) => JSON.stringify(messages).includes('"thinking"');

describe("the request for a summary", () => {
  it("holds the history with its thoughts as they were, where it fits", () => {
    const agent = prepare({ model: "claude-opus-5-5" });
    const messages = historyOf(agent, [prose, prose]);
    const request = ask(agent, messages);
    expect(request.messages.slice(0, -1)).toEqual(messages.slice(0, -1));
    expect(request.messages.at(-1)).toMatchObject({ content: [{ type: "tool_result" }, { type: "text" }] });
    expect(refusal(request)).toBeUndefined();
  });

  it("holds no thoughts where results had to be cut: they are bound to what stood before them", () => {
    const agent = prepare({ model: "claude-opus-5-5" });
    const messages = historyOf(agent, [prose.repeat(500), prose, prose.repeat(300)]);
    const request = ask(agent, messages, 5_000);
    expect(hasThoughts(request)).toBe(false);
    expect(refusal(request)).toBeUndefined();
    const [first, second, third] = request.messages.flatMap(({ content }) =>
      typeof content === "string" ? [] : content.filter(({ type }) => type === "tool_result"),
    ) as Anthropic.ToolResultBlockParam[];
    // The longest are cut, to the same length; the short one is whole.
    expect(second?.content).toBe(prose);
    const shown = [first, third].map((result) => String(result?.content).split("\n[cut here:")[0]?.length);
    expect(shown[0]).toBe(shown[1]);
    expect(shown[0]).toBeGreaterThan(3_000);
  });

  it("leaves out images and files of results where they don't fit, and nothing that was said", () => {
    const agent = prepare({ model: "claude-opus-5-5" });
    const image = { type: "image", source: { type: "url", url: "https://example.com/a.png" } } as const;
    const said = prose.repeat(400);
    const messages: Anthropic.MessageParam[] = [
      { role: "user", content: said },
      { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "read", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: [image] }] },
    ];
    const request = ask(agent, messages, 1_000);
    expect(JSON.stringify(request.messages)).not.toContain("example.com");
    expect(JSON.stringify(request.messages)).toContain("[image: left out here]");
    expect(request.messages[0]?.content).toBe(said);
  });

  it("gives manual thinking the tokens that it may think, and turns it off where thoughts had to go", () => {
    const request = { thinking: { type: "enabled" as const, budget_tokens: 4_000 } };
    const agent = prepare({ model: "claude-haiku-4-5", request });
    const whole = ask(agent, historyOf(agent, [prose, prose]));
    expect(whole).toMatchObject({ thinking: request.thinking, max_tokens: 12_000 });
    expect(refusal(whole)).toBeUndefined();
    const cut = ask(agent, historyOf(agent, [prose.repeat(500), prose]), 3_000);
    expect(cut).not.toHaveProperty("thinking");
    expect(refusal(cut)).toBeUndefined();
  });

  it("tells the model how many words it has, and to call nothing: an answer that is cut off or calls is lost", () => {
    const lastOf = (request: NonNullable<Agent["request"]>) => {
      const agent = prepare({ model: "claude-haiku-4-5", request });
      return ask(agent, historyOf(agent, [prose])).messages.at(-1);
    };
    for (const request of [{}, { thinking: { type: "enabled" as const, budget_tokens: 4_000 } }])
      expect(JSON.stringify(lastOf(request))).toMatch(/Call no tools now.*Use 4000 words at most/);
  });

  it("never cuts through the middle of a character", () => {
    const agent = prepare({});
    for (const text of ["😀".repeat(9_000), `a${"😀".repeat(9_000)}`])
      expect(JSON.stringify(ask(agent, historyOf(agent, [text]), 3_000))).not.toMatch(/\ufffd|\\ud/);
  });

  it("asks for words in a run's first step too: no forced tool, no output format, no stop sequence; all else stays", () => {
    const format = { type: "json_schema", schema: { type: "object", additionalProperties: false } } as const;
    const agent = prepare({
      model: "claude-opus-4-8",
      request: {
        tool_choice: { type: "any" },
        stop_sequences: ["END"],
        output_config: { format, effort: "low" },
        metadata: { user_id: "u" },
      },
    });
    const request = ask(agent, historyOf(agent, [prose]));
    expect(request).toMatchObject({ output_config: { effort: "low" }, metadata: { user_id: "u" } });
    expect(request).not.toHaveProperty("tool_choice");
    expect(request).not.toHaveProperty("stop_sequences");
    expect(request.output_config).not.toHaveProperty("format");
  });

  it("holds nothing that another model may refuse: no thoughts, no system messages, no settings", () => {
    const agent = prepare({
      model: "claude-opus-5-5",
      compact: { model: "claude-haiku-4-5" },
      request: { thinking: { type: "adaptive" } },
    });
    const spoken: Anthropic.MessageParam[] = [
      ...historyOf(agent, [prose]),
      { role: "system", content: "Be brief." },
      { role: "assistant", content: "Well." },
    ];
    const request = ask(agent, spoken);
    expect(request.model).toBe("claude-haiku-4-5");
    expect(refusal(request)).toBeUndefined();
    expect(hasThoughts(request)).toBe(false);
    expect(request).not.toHaveProperty("thinking");
    expect(JSON.stringify(request.messages)).toContain("[Instructions:]\\nBe brief.");
  });
});
