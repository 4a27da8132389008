import type { Agent, AgentEvent, Delta, Result, Run } from "@lockstitch/core";
import { run } from "@lockstitch/core";
import { describe, expectTypeOf, it } from "vitest";

describe("the types that users rely on", () => {
  it("a run is awaited for its result and iterated for its events", async () => {
    const running = run({}, "Hi");
    expectTypeOf(running).toEqualTypeOf<Run>();
    expectTypeOf(await running).toEqualTypeOf<Result>();
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

  it("an agent has no field for what the API has done away with", () => {
    const agent: Agent = { request: { stop_sequences: ["X"], output_config: { effort: "low" } } };
    // @ts-expect-error the API refuses sampling parameters since 2026-10-21
    const old: Agent = { request: { temperature: 0.7 } };
    expectTypeOf([agent, old]).toEqualTypeOf<Agent[]>();
  });
});
