import { type AgentEvent, type EventBody, officialPrices } from "@lockstitch/core";
import { describe, expect, it } from "vitest";
import { type PreparedAgent, prepareAgent } from "../src/prepare-agent.js";
import { decide } from "../src/pure/decide.js";
import { apply, emptyState } from "../src/pure/fold/apply.js";
import { afterReply, isCutOff } from "../src/pure/reply/stop-reason.js";
import type { State } from "../src/state.js";
import { noUsage } from "../src/usage.js";

const agent = (limits: object = {}): PreparedAgent => prepareAgent({ limits });
const at = 1_000;
const fold = (...bodies: (EventBody | object)[]): State =>
  bodies.reduce<State>(
    (state, body, index) => apply(state, { session: "s", seq: index + 1, at, ...body } as AgentEvent),
    emptyState("s"),
  );

const begun = [
  { type: "session.start", agent: "a", tools: [], fingerprint: "f" },
  { type: "run.start", model: "m", limits: {}, startedAt: 1_000 },
] as const;
const said = (content: string) => ({ type: "input", messages: [{ role: "user", content }] });
const step = (number: number) => ({ type: "step.start", step: number });
const reply = (stopReason: string, ...content: object[]) => ({
  type: "message",
  id: "m",
  stopReason,
  message: { role: "assistant", content },
});
const text = (words: string) => ({ type: "text", text: words });
const search = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} };
const call = (id: string, input: object = {}) => ({ type: "tool_use", id, name: "work", input });
const ended = (toolUseId: string) => ({
  type: "tool.end",
  toolUseId,
  name: "work",
  outcome: "ok",
  durationMs: 1,
  result: { content: toolUseId },
});
const endStep = { type: "step.end", step: 1, usage: noUsage, cost: { usd: 0 } };
const asked = (...content: object[]) => [...begun, said("Go."), step(1), reply("tool_use", ...content)];

describe("apply", () => {
  it("never changes the state it is given", () => {
    const events = [
      ...asked(call("a")),
      ended("a"),
      endStep,
      said("More."),
      step(2),
      reply("end_turn", text("Done.")),
    ];
    let state = emptyState("s");
    events.forEach((body, index) => {
      const before = structuredClone(state);
      const next = apply(state, { session: "s", seq: index + 1, at, ...body } as AgentEvent);
      expect(state).toEqual(before);
      state = next;
    });
  });

  it("keeps what is said in the inbox until a step starts", () => {
    expect(fold(...begun, said("Go."))).toMatchObject({ messages: [], inbox: [{ content: "Go." }] });
    expect(fold(...begun, said("Go."), step(1))).toMatchObject({ messages: [{ content: "Go." }], inbox: [] });
  });

  it("puts a system message behind what people say beside it, where alone the API takes it", () => {
    const system = { type: "input", messages: [{ role: "system", content: "Be brief." }] };
    const { messages } = fold(...begun, said("Go."), system, said("Now."), step(1));
    expect(messages.map(({ role }) => role)).toEqual(["user", "system"]);
    const talk = {
      type: "input",
      messages: [
        { role: "user", content: "A" },
        { role: "system", content: "B" },
        { role: "assistant", content: "C" },
        { role: "user", content: "D" },
      ],
    };
    expect(fold(...begun, talk, step(1)).messages).toEqual(talk.messages);
  });

  it("keeps the inbox shut while a server tool is unanswered", () => {
    const paused = [
      ...begun,
      said("Go."),
      step(1),
      reply("pause_turn", { type: "server_tool_use", id: "x", name: "web_search", input: {} }),
      endStep,
    ];
    expect(fold(...paused, said("More."), step(2))).toMatchObject({
      inbox: [{ content: "More." }],
      messages: [{}, {}],
    });
    const answered = reply(
      "end_turn",
      { type: "web_search_tool_result", tool_use_id: "x", content: [] },
      text("Done."),
    );
    expect(fold(...paused, said("More."), step(2), answered, endStep, step(3)).messages.at(-1)).toMatchObject(
      { role: "user", content: "More." },
    );
  });

  it("makes all results of a step one user message, in the order of the calls", () => {
    const state = fold(...asked(call("a"), call("b")), ended("b"), ended("a"), endStep);
    expect(state.messages.at(-1)).toEqual({
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "a", content: "a" },
        { type: "tool_result", tool_use_id: "b", content: "b" },
      ],
    });
    expect(state.step).toBeUndefined();
  });

  it("leaves a refused and an empty reply out of the history", () => {
    expect(fold(...begun, said("Go."), step(1), reply("refusal", text("No.")))).toMatchObject({
      messages: [{ role: "user" }],
      run: { text: "No." },
    });
    expect(fold(...begun, said("Go."), step(1), reply("end_turn")).messages).toHaveLength(1);
  });

  it("counts steps in a row that ask for the very same calls", () => {
    const again = (id: string, input: object) => [
      step(2),
      reply("tool_use", call(id, input)),
      ended(id),
      endStep,
    ];
    const first = [...asked(call("a", { city: "Oslo" })), ended("a"), endStep];
    expect(fold(...first).run?.repeats).toBe(1);
    expect(
      fold(...first, ...again("b", { city: "Oslo" }), ...again("c", { city: "Oslo" })).run?.repeats,
    ).toBe(3);
    expect(
      fold(...first, ...again("b", { city: "Oslo" }), ...again("c", { city: "Bergen" })).run?.repeats,
    ).toBe(1);
  });

  it("takes calls in another order for the same", () => {
    const both = (first: string, second: string) =>
      reply("tool_use", call(first, { n: 1 }), call(second, { n: 2 }));
    const swapped = reply("tool_use", call("c", { n: 2 }), call("d", { n: 1 }));
    const state = fold(...begun, said("Go."), step(1), both("a", "b"), endStep, step(2), swapped, endStep);
    expect(state.run?.repeats).toBe(2);
  });

  it("starts each run anew, on the same history", () => {
    const state = fold(
      ...begun,
      said("Go."),
      step(1),
      reply("end_turn", text("Done.")),
      endStep,
      { type: "run.end", reason: "end_turn" },
      begun[1],
    );
    expect(state.messages).toHaveLength(2);
    expect(state.run).toMatchObject({ steps: 0, text: "", end: undefined, startedAt: at });
  });

  it("remembers who aborted first, and how the run ended", () => {
    const state = fold(
      ...begun,
      { type: "run.abort", by: "ada" },
      { type: "run.abort", by: "bob" },
      { type: "run.end", reason: "limit", limit: "maxSteps" },
    );
    expect(state.run).toMatchObject({ abortedBy: "ada", end: { reason: "limit", limit: "maxSteps" } });
  });

  it("takes a person's answer as the verdict of its call", () => {
    const waiting = [
      ...asked(call("a")),
      { type: "tool.check", toolUseId: "a", verdict: "ask" },
      { type: "approval.request", toolUseId: "a" },
    ];
    expect(fold(...waiting).step?.calls[0]?.verdict).toBe("ask");
    expect(
      fold(...waiting, { type: "approval.response", toolUseId: "a", approved: true }).step?.calls[0]?.verdict,
    ).toBe("allow");
    expect(
      fold(...waiting, { type: "approval.response", toolUseId: "a", approved: false }).step?.calls[0]
        ?.verdict,
    ).toBe("deny");
  });

  it("begins a new segment with a summary and the newest messages", () => {
    const before = [
      ...begun,
      said("Go."),
      step(1),
      reply("end_turn", text("One.")),
      endStep,
      said("More."),
      step(2),
      reply("end_turn", text("Two.")),
      endStep,
    ];
    const compaction = {
      type: "compaction",
      summary: "They talked.",
      kept: 1,
      system: "New.",
      tools: [],
      fingerprint: "g",
    };
    expect(fold(...before, compaction)).toMatchObject({
      system: "New.",
      fingerprint: "g",
      messages: [
        { role: "user", content: "They talked." },
        { role: "assistant", content: [text("Two.")] },
      ],
    });
    expect(fold(...before, { ...compaction, kept: 0 }).messages).toEqual([
      { role: "user", content: "They talked." },
    ]);
  });

  it("is not troubled by an event that a newer version wrote, or by one for no open run", () => {
    expect(fold(...begun, { type: "mood.change", mood: "good" })).toMatchObject({ seq: 3 });
    expect(
      fold({ type: "run.end", reason: "end_turn" }, endStep, ended("a"), { type: "run.resume", owner: "me" }),
    ).toMatchObject({ run: undefined, messages: [] });
  });
});

describe("decide", () => {
  it("waits with a call whose subagent waits, runs the others, and runs it again once somebody has answered", () => {
    const approval = { session: "s:a", toolUseId: "x", tool: "pay", input: {} };
    const check = (toolUseId: string) => ({ type: "tool.check", toolUseId, verdict: "allow" });
    const suspended = [
      ...asked(call("a"), call("b")),
      ...[
        check("a"),
        check("b"),
        { type: "tool.start", toolUseId: "a", name: "work", idempotencyKey: "s:a" },
      ],
      { type: "subagent.start", toolUseId: "a", child: "s:a", agent: "clerk", granted: { usd: 1 } },
      { type: "tool.suspend", toolUseId: "a", child: "s:a", approvals: [approval] },
    ];
    const next = (...more: object[]) => decide(fold(...suspended, ...more), agent(), at).type;
    expect(next()).toBe("run_tools");
    expect(next(ended("b"))).toBe("wait");
    expect(next(ended("b"), { type: "tool.resume", toolUseId: "a" })).toBe("run_tools");
    expect(next(ended("b"), { type: "run.resume", owner: "o", startedAt: at })).toBe("run_tools");
    expect(next(ended("b"), { type: "run.abort", by: "caller" })).toBe("end_step");
    const end = { type: "subagent.end", toolUseId: "a", child: "s:a", reason: "aborted" };
    const over = { ...end, usage: noUsage, cost: { usd: 0 }, charged: { usd: 0, tokens: 0 } };
    expect(next(ended("b"), over)).toBe("run_tools");
    expect(fold(...suspended).run?.held).toEqual({ "s:a": { usd: 1 } });
    expect(fold(...suspended, over).run?.held).toEqual({});
  });

  it.each<[string, State, object, object]>([
    ["asks the model first", fold(...begun, said("Go.")), {}, { type: "call_model", step: 1, fresh: true }],
    [
      "asks again for a step that has no reply yet",
      fold(...begun, said("Go."), step(1)),
      {},
      { type: "call_model", step: 1, fresh: false },
    ],
    [
      "has calls checked",
      fold(...asked(call("a"), call("b"))),
      {},
      { type: "check_tools", calls: [{ toolUseId: "a" }, { toolUseId: "b" }] },
    ],
    [
      "ends a step whose calls are answered",
      fold(...asked(call("a")), ended("a")),
      {},
      { type: "end_step", bodies: [{ type: "step.end" }] },
    ],
    [
      "asks again after results",
      fold(...asked(call("a")), ended("a"), endStep),
      {},
      { type: "call_model", step: 2 },
    ],
    [
      "ends after an answer",
      fold(...begun, said("Go."), step(1), reply("end_turn", text("Done.")), endStep),
      {},
      { type: "end", reason: "end_turn" },
    ],
    [
      "ends where tools were announced but none was called",
      fold(...begun, said("Go."), step(1), reply("tool_use", text("Hm.")), endStep),
      {},
      { type: "end", reason: "tool_use" },
    ],
    [
      "goes on after a pause",
      fold(...begun, said("Go."), step(1), reply("pause_turn", text("Hm."), search), endStep),
      {},
      { type: "call_model" },
    ],
    [
      "goes on where something was said",
      fold(...begun, said("Go."), step(1), reply("end_turn", text("Done.")), endStep, said("More.")),
      {},
      { type: "call_model" },
    ],
    [
      "ends at the step limit",
      fold(...asked(call("a")), ended("a"), endStep),
      { maxSteps: 1 },
      { type: "end", reason: "limit", limit: "maxSteps" },
    ],
    [
      "ends when its time is up",
      fold(...asked(call("a")), ended("a"), endStep),
      { maxDurationMs: 500 },
      { type: "end", reason: "limit", limit: "maxDurationMs" },
    ],
    [
      "ends where the same is asked for again and again",
      fold(...asked(call("a")), ended("a"), endStep),
      { maxRepeatedCalls: 1 },
      { type: "end", reason: "limit", limit: "maxRepeatedCalls" },
    ],
    [
      "ends an aborted run",
      fold(...begun, said("Go."), { type: "run.abort", by: "ada" }),
      {},
      { type: "end", reason: "aborted" },
    ],
    [
      "says which limit an abort stands for",
      fold(...begun, said("Go."), { type: "run.abort", by: "maxDurationMs" }),
      {},
      { type: "end", reason: "limit", limit: "maxDurationMs" },
    ],
    [
      "ends an aborted step without a reply",
      fold(...begun, said("Go."), step(1), { type: "run.abort", by: "ada" }),
      {},
      { type: "end_step", bodies: [{ type: "step.end" }] },
    ],
    [
      "answers what an abort leaves behind, truthfully",
      fold(
        ...asked(call("a"), call("b")),
        { type: "tool.start", toolUseId: "a", name: "work" },
        { type: "run.abort", by: "ada" },
      ),
      {},
      {
        type: "end_step",
        bodies: [
          { toolUseId: "a", outcome: "aborted" },
          { toolUseId: "b", outcome: "not_run" },
          { type: "step.end" },
        ],
      },
    ],
  ])("%s", (_what, state, limits, expected) => {
    expect(decide(state, agent(limits), at + 500)).toMatchObject(expected);
  });

  it("has the calls run that were allowed", () => {
    const state = fold(
      ...asked(call("a"), call("b")),
      { type: "tool.check", toolUseId: "a", verdict: "allow" },
      { type: "tool.check", toolUseId: "b", verdict: "allow" },
      ended("b"),
    );
    expect(decide(state, agent(), at)).toEqual({ type: "run_tools" });
  });

  it("counts tokens of every kind", () => {
    const usage = {
      ...noUsage,
      input_tokens: 1,
      output_tokens: 2,
      cache_creation_input_tokens: 3,
      cache_read_input_tokens: 4,
    };
    const used = fold(
      ...begun,
      said("Go."),
      step(1),
      { type: "model.end", usage, cost: { usd: 1 } },
      reply("pause_turn", text("Hm."), search),
      endStep,
    );
    expect(decide(used, agent({ maxTotalTokens: 10 }), at)).toMatchObject({ limit: "maxTotalTokens" });
    expect(used.run?.charged).toEqual({ usd: 1, tokens: 10 });
  });

  it("sends a paused turn back ten times in a row at most", () => {
    const pauses = (count: number) =>
      fold(
        ...begun,
        said("Go."),
        ...Array.from({ length: count }, (_, index) => [
          step(index + 1),
          reply("pause_turn", text("Hm."), search),
          endStep,
        ]).flat(),
      );
    expect(decide(pauses(10), agent(), at)).toMatchObject({ type: "call_model" });
    expect(decide(pauses(11), agent(), at)).toEqual({ type: "end", reason: "pause_turn" });
  });

  it("needs an open run", () => {
    expect(() => decide(emptyState("s"), agent(), at)).toThrow("open run");
    expect(() => decide(fold(...begun, { type: "run.end", reason: "end_turn" }), agent(), at)).toThrow(
      "open run",
    );
  });
});

describe("a stop reason", () => {
  it.each([
    ["tool_use", "tools"],
    ["pause_turn", "continue"],
    ["model_context_window_exceeded", "compact"],
    ...["end_turn", "stop_sequence", "max_tokens", "refusal", "a_reason_of_tomorrow", "constructor", ""].map(
      (reason) => [reason, "end"],
    ),
  ])("%s means: %s", (reason, next) => {
    expect(afterReply(reason)).toBe(next);
  });

  it("says whether the reply was cut off", () => {
    expect(["max_tokens", "model_context_window_exceeded", "end_turn", "tool_use"].map(isCutOff)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

it("the default book is dated", () => {
  expect(officialPrices.dated).toMatch(/^\d{4}-\d\d-\d\d$/);
});
