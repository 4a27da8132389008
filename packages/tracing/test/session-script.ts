import type { AgentEvent, Delta, EventBody, Usage } from "@lockstitch/core";

type DeltaBody = Delta extends infer Each ? (Each extends Delta ? Omit<Each, "session"> : never) : never;

const start = Date.UTC(2026, 10, 22);

/** Writes the events of one session as core would commit them: counted, and timed by `after` milliseconds since the start. */
export function script(session: string) {
  let seq = 0;
  return {
    event: <Body extends EventBody>(after: number, body: Body): Extract<AgentEvent, { type: Body["type"] }> =>
      ({ session, seq: ++seq, at: start + after, ...body }) as unknown as Extract<
        AgentEvent,
        { type: Body["type"] }
      >,
    delta: (body: DeltaBody): Delta => ({ session, ...body }) as Delta,
  };
}

export function usage(input: number, output: number, cached = 0): Usage {
  return {
    input_tokens: input,
    output_tokens: output,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    server_tool_use: { web_search_requests: 0 },
  };
}

/** A weather agent asked about Oslo and a place that does not exist: two calls at once, one fails, then the answer. */
export function weatherRun(session: string): (AgentEvent | Delta)[] {
  const { event, delta } = script(session);
  return [
    event(0, { type: "session.start", agent: "weather-agent", tools: [], fingerprint: "f" }),
    event(0, { type: "run.start", model: "claude-haiku-5-5", limits: {}, startedAt: 0 }),
    event(0, {
      type: "input",
      messages: [{ role: "user", content: "Oslo or Atlantis:\nwhere is it warmer?" }],
    }),
    event(5, { type: "step.start", step: 1 }),
    event(6, { type: "model.start", attempt: 1, model: "claude-haiku-5-5" }),
    delta({
      type: "message.delta",
      index: 0,
      block: { type: "text", text: "", citations: null },
      delta: { type: "text_delta", text: "I will look" },
    }),
    event(700, {
      type: "model.end",
      attempt: 1,
      outcome: "message",
      model: "claude-haiku-5-5",
      usage: usage(412, 63),
      cost: { usd: 0.0004 },
      durationMs: 694,
    }),
    event(700, {
      type: "message",
      id: "msg_1",
      stopReason: "tool_use",
      message: {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Two places, two look-ups.", signature: "s" },
          { type: "text", text: "I will look both places up." },
          { type: "tool_use", id: "toolu_1", name: "find_place", input: { name: "Oslo" } },
          { type: "tool_use", id: "toolu_2", name: "find_place", input: { name: "Atlantis" } },
        ],
      },
    }),
    event(700, { type: "tool.check", toolUseId: "toolu_1", verdict: "allow" }),
    event(700, { type: "tool.check", toolUseId: "toolu_2", verdict: "allow", rule: "reads only" }),
    event(701, { type: "tool.start", toolUseId: "toolu_1", name: "find_place", idempotencyKey: "k1" }),
    event(701, { type: "tool.start", toolUseId: "toolu_2", name: "find_place", idempotencyKey: "k2" }),
    delta({ type: "tool.delta", toolUseId: "toolu_2", value: { tried: 3 } }),
    event(709, {
      type: "tool.end",
      toolUseId: "toolu_2",
      name: "find_place",
      outcome: "error",
      result: { content: 'No place called "Atlantis".', is_error: true },
      durationMs: 8,
    }),
    event(713, {
      type: "tool.end",
      toolUseId: "toolu_1",
      name: "find_place",
      outcome: "ok",
      result: { content: '{"name":"Oslo","latitude":59.91,"longitude":10.75}' },
      durationMs: 12,
    }),
    event(805, { type: "step.end", step: 1, usage: usage(412, 63), cost: { usd: 0.0004 } }),
    event(806, { type: "step.start", step: 2 }),
    event(807, { type: "model.start", attempt: 1, model: "claude-haiku-5-5" }),
    event(2900, {
      type: "model.end",
      attempt: 1,
      outcome: "message",
      model: "claude-haiku-5-5",
      durationMs: 2093,
    }),
    event(2900, {
      type: "message",
      id: "msg_2",
      stopReason: "end_turn",
      message: { role: "assistant", content: "In Oslo: Atlantis does not exist." },
    }),
    event(2901, { type: "step.end", step: 2, usage: usage(120, 36, 1800), cost: { usd: 0.0009 } }),
    event(2902, {
      type: "run.end",
      reason: "end_turn",
      steps: 2,
      usage: usage(532, 99, 1800),
      cost: { usd: 0.0013 },
    }),
  ];
}
