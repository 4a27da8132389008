import type { Agent, AgentEvent, Delta, EndedResult, Result, Run, Tool, ToolCall } from "@lockstitch/core";
import { run } from "@lockstitch/core";
import { describe, expectTypeOf, it } from "vitest";

describe("the types that users rely on", () => {
  it("a run is awaited for its result and iterated for its events", async () => {
    const running = run({}, "Hi");
    expectTypeOf(running).toEqualTypeOf<Run<undefined>>();
    expectTypeOf(await running).toEqualTypeOf<Result<undefined>>();
    for await (const event of running) {
      expectTypeOf(event).toEqualTypeOf<AgentEvent | Delta>();
      if (event.type === "tool.end") expectTypeOf(event.durationMs).toBeNumber();
      if ("seq" in event) expectTypeOf(event).toEqualTypeOf<AgentEvent>();
    }
  });

  it("a cost is a number of dollars, or openly unknown", () => {
    const { cost } = {} as Result;
    if (cost.usd === null) expectTypeOf(cost.unpriced).toEqualTypeOf<readonly string[]>();
    else expectTypeOf(cost.usd).toBeNumber();
  });

  it("why a run ended is known once it has ended", () => {
    const result = {} as Result;
    // @ts-expect-error a run that waits for a person has no reason yet
    result.reason;
    if (result.status === "ended") expectTypeOf(result.reason).toBeString();
    else expectTypeOf(result.approvals[0]?.toolUseId).toEqualTypeOf<string | undefined>();
  });

  it("what a tool has an agent do has ended: it never waits", async () => {
    const call = {} as ToolCall;
    const agent = {} as Agent<{ readonly n: number }>;
    const result = await call.run(agent, "How many?");
    expectTypeOf(result.output).toEqualTypeOf<{ readonly n: number } | undefined>();
    expectTypeOf(result.reason).toBeString();
    expectTypeOf(result).toEqualTypeOf<EndedResult<{ readonly n: number }>>();
    const either = {} as Result<{ readonly n: number }>;
    if (either.status === "ended") expectTypeOf(either).toEqualTypeOf(result);
  });

  it("an agent takes the API's own tools beside ours, with the fields that the API gives them", () => {
    const memory: Tool = {
      name: "memory",
      definition: { type: "memory_20250818" },
      parse: (input) => input,
      run: () => "",
    };
    const search = { type: "tool_search_tool_regex_20251119", name: "tool_search_tool_regex" } as const;
    const fetch = { type: "web_fetch_20260318", name: "web_fetch", max_uses: 3 } as const;
    const code = { type: "code_execution_20260120", name: "code_execution" } as const;
    const agent: Agent = { tools: [memory, search, fetch, code] };
    // @ts-expect-error a version that the API does not have
    const misspelt: Agent = { tools: [{ type: "web_search_20260101", name: "web_search" }] };
    // @ts-expect-error a number of uses
    const wrong: Agent = { tools: [{ type: "web_search_20260318", name: "web_search", max_uses: "3" }] };
    // @ts-expect-error a tool that the API does not define
    const unknown: Tool["definition"] = { type: "memory_20260101" };
    const deferred: Tool["definition"] = {
      defer_loading: true,
      allowed_callers: ["code_execution_20260120"],
    };
    expectTypeOf([agent, misspelt, wrong]).toEqualTypeOf<Agent[]>();
    expectTypeOf([unknown, deferred]).toEqualTypeOf<Tool["definition"][]>();
  });

  it("an agent has no field for what the API has done away with", () => {
    const agent: Agent = { request: { stop_sequences: ["X"], output_config: { effort: "low" } } };
    // @ts-expect-error the API refuses sampling parameters since 2026-10-21
    const old: Agent = { request: { temperature: 0.7 } };
    expectTypeOf([agent, old]).toEqualTypeOf<Agent[]>();
  });
});
