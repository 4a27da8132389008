import type Anthropic from "@anthropic-ai/sdk";
import {
  type Agent,
  type AgentEvent,
  apply,
  emptyState,
  memoryStore,
  run,
  type State,
  steer,
} from "@lockstitch/core";
import type { MessageReply } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { withTurnClosed } from "../src/pure/conversation/closed-turn.js";
import { simulated } from "./simulated.js";

const search = { type: "web_search_20260318", name: "web_search" } as const;
const searching = (id: string) =>
  ({ type: "server_tool_use", id, name: "web_search", input: { query: "x" } }) as const;
const found = { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] } as const;

describe("a turn that a tool of the API's own was left open in", () => {
  const paused = { content: [searching("srvtoolu_1")], stop_reason: "pause_turn" } as unknown as MessageReply;
  it.each<[string, MessageReply, MessageReply]>([
    ["refused", paused, { content: "I can't.", stop_reason: "refusal" }],
    ["empty", paused, { content: [] }],
    ["cut off before it said anything", paused, { content: [], stop_reason: "max_tokens" }],
    [
      "whole, and says nothing of one of two",
      {
        content: [searching("srvtoolu_1"), searching("srvtoolu_2")],
        stop_reason: "pause_turn",
      } as unknown as MessageReply,
      { content: [found, { type: "text", text: "Found." }] } as unknown as MessageReply,
    ],
  ])(
    "is over where the next reply is %s: words are taken, at a request each",
    async (_what, first, second) => {
      let replies = 0;
      const { options, statuses } = await simulated(() => [first, second][replies++] ?? { content: "Fine." });
      const agent: Agent = { tools: [search] };
      await run(agent, "one", options);
      for (const words of ["two", "three"])
        expect(await run(agent, words, options)).toMatchObject({ reason: "end_turn", text: "Fine." });
      expect(statuses()).toEqual([200, 200, 200, 200]);
    },
  );
});

const user = { role: "user", content: "Go." } as const;

it("words steered into a turn that pauses twice wait until all of its searches are answered", async () => {
  const store = memoryStore();
  let replies = 0;
  const { options, statuses } = await simulated(async () => {
    replies += 1;
    if (replies === 2) await steer(store, "s", "Hurry!");
    return (
      (
        [
          { content: [searching("srvtoolu_1"), searching("srvtoolu_2")], stop_reason: "pause_turn" },
          { content: [found], stop_reason: "pause_turn" },
          {
            content: [
              { ...found, tool_use_id: "srvtoolu_2" },
              { type: "text", text: "Found." },
            ],
          },
        ] as unknown as MessageReply[]
      )[replies - 1] ?? { content: "Fine." }
    );
  });
  expect(await run({ tools: [search] }, "one", { ...options, store })).toMatchObject({ text: "Fine." });
  expect(statuses()).toEqual([200, 200, 200, 200]);
});

describe("a turn that is closed", () => {
  const close = (history: readonly object[], model = "claude-sonnet-5-5") =>
    withTurnClosed(history as readonly Anthropic.MessageParam[], model);
  const code = { type: "server_tool_use", id: "srvtoolu_1", name: "code_execution", input: {} } as const;
  const call = { type: "tool_use", id: "toolu_1", name: "pay", input: {} } as const;
  const byCode = { ...call, caller: { type: "code_execution_20260120", tool_id: "srvtoolu_1" } } as const;
  const result = {
    role: "user",
    content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "paid" }],
  } as const;
  const thought = { type: "thinking", thinking: "Hm.", signature: "s" } as const;

  it("keeps what its code has had done, as calls of the model, without thoughts of what is gone", () => {
    const open = [user, { role: "assistant", content: [thought, code, byCode] }, result] as const;
    expect(close(open)).toEqual([user, { role: "assistant", content: [call] }, result]);
  });

  it("is left as it was where nothing is open, and so is what came before it", () => {
    const searched = { role: "assistant", content: [searching("srvtoolu_1"), found] } as const;
    const whole = [user, searched, user, { role: "assistant", content: "Done." }] as const;
    expect(close(whole)).toBe(whole);
  });

  it("keeps its thoughts for a model that wants them before a call, but for one that led to nothing", () => {
    const open = [user, { role: "assistant", content: [thought, code, byCode] }, result];
    const older = "claude-sonnet-4-5";
    expect(close(open, older)).toEqual([user, { role: "assistant", content: [thought, call] }, result]);
    expect(close([user, { role: "assistant", content: [thought, code] }], older)).toEqual([user]);
  });

  it("keeps nothing that belongs to code that is gone: neither its searches nor their results", () => {
    const caller = { type: "code_execution_20260120", tool_id: "srvtoolu_1" };
    const inCode = { ...searching("srvtoolu_2"), caller };
    const itsResult = { ...found, tool_use_id: "srvtoolu_2", caller };
    const said = { type: "text", text: "Let me see." };
    const open = [user, { role: "assistant", content: [said, code, inCode, itsResult] }];
    expect(close(open)).toEqual([user, { role: "assistant", content: [said] }]);
  });

  it("is gone where it held nothing else", () => {
    expect(close([user, { role: "assistant", content: [code] }])).toEqual([user]);
  });
});

it("after a turn was closed the prompt is bounded anew: what was counted of it is not in it any more", () => {
  const usage = {
    input_tokens: 100,
    output_tokens: 5,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
  };
  const model = "claude-sonnet-5-5";
  const end = { type: "model.end", attempt: 1, outcome: "message", model, usage, durationMs: 1 };
  const reply = (stopReason: string, content: object[]) => [
    { type: "step.start", step: 1 },
    { type: "model.start", attempt: 1, model },
    end,
    { type: "message", id: "m", stopReason, message: { role: "assistant", content } },
    { type: "step.end", step: 1, usage, cost: { usd: 0 } },
  ];
  const begun = [
    { type: "session.start", agent: "a", tools: [], fingerprint: "f" },
    { type: "run.start", model, limits: {}, startedAt: 1 },
    { type: "input", messages: [user] },
    ...reply("pause_turn", [searching("srvtoolu_1")]),
  ];
  const fold = (bodies: readonly object[]): State =>
    bodies.reduce<State>(
      (state, body, index) => apply(state, { session: "s", seq: index + 1, at: 1, ...body } as AgentEvent),
      emptyState("s"),
    );
  expect(fold(begun)).toMatchObject({ prompt: { tokens: 100 }, messages: [{}, {}], run: { goesOn: true } });
  const closed = fold([...begun, ...reply("end_turn", [])]);
  expect(closed).toMatchObject({ messages: [user], run: { goesOn: false } });
  expect(closed.prompt).toBeUndefined();
});
