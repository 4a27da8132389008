import {
  type Agent,
  type EndedResult,
  type Result,
  type Run,
  resume,
  run,
  type ToolCall,
} from "@lockstitch/core";
import { outputSchema } from "@lockstitch/tools";
import { type } from "arktype";
import { describe, expectTypeOf, it } from "vitest";
import { z } from "zod";
import * as mini from "zod/mini";
import { z as z3 } from "zod/v3";

interface Weather {
  city: string;
  day: Date;
}

const schema = z.object({ city: z.string(), day: z.iso.date().transform((day) => new Date(day)) });
const agent = { output: schema };

describe("the type of an answer", () => {
  it("is what the agent's schema gives, without being said", async () => {
    const running = run({ output: schema, tools: [] }, "Hi");
    expectTypeOf(running).toEqualTypeOf<Run<Weather>>();
    const result = await running;
    // @ts-expect-error a run that waits for a person has no answer yet
    result.output;
    if (result.status === "ended") expectTypeOf(result.output).toEqualTypeOf<Weather | undefined>();
    expectTypeOf(run(agent, "Hi")).toEqualTypeOf<Run<Weather>>();
    expectTypeOf(resume(agent, "s", {})).toEqualTypeOf<Run<Weather>>();
    expectTypeOf(run({ output: z.array(z.number()) }, "Hi")).toEqualTypeOf<Run<number[]>>();
  });

  it("is undefined for an agent without one, and not known of any agent", () => {
    expectTypeOf(run({ tools: [] }, "Hi")).toEqualTypeOf<Run<undefined>>();
    expectTypeOf(run({} as Agent, "Hi")).toEqualTypeOf<Run>();
    expectTypeOf<Result>().toEqualTypeOf<Result<unknown>>();
  });

  it("is that of a subagent's too", () => {
    const call = {} as ToolCall;
    expectTypeOf(call.run(agent, "Hi")).toEqualTypeOf<Promise<EndedResult<Weather>>>();
  });

  it("is that of a wrapped schema, or of a function beside a plain JSON Schema", () => {
    expectTypeOf(run({ output: outputSchema(schema) }, "Hi")).toEqualTypeOf<Run<Weather>>();
    expectTypeOf(run({ output: outputSchema(mini.object({ city: mini.string() })) }, "Hi")).toEqualTypeOf<
      Run<{ city: string }>
    >();
    expectTypeOf(run({ output: outputSchema(z3.object({ city: z3.string() })) }, "Hi")).toEqualTypeOf<
      Run<{ city: string }>
    >();
    expectTypeOf(run({ output: outputSchema(type({ city: "string" })) }, "Hi")).toEqualTypeOf<
      Run<{ city: string }>
    >();
    const plain = { jsonSchema: { type: "string" }, parse: (answer: unknown) => String(answer) };
    expectTypeOf(run({ output: plain }, "Hi")).toEqualTypeOf<Run<string>>();
  });

  it("can't be had from a schema of zod 3 or zod/mini that is not wrapped, which has no JSON Schema", () => {
    // @ts-expect-error zod/mini says no JSON Schema of itself
    run({ output: mini.object({ city: mini.string() }) }, "Hi");
    // @ts-expect-error zod 3 says no JSON Schema of itself
    run({ output: z3.object({ city: z3.string() }) }, "Hi");
  });

  it("fits wherever any agent does", () => {
    const some: Agent<Weather> = agent;
    expectTypeOf(some).toExtend<Agent>();
    expectTypeOf<Result<Weather>>().toExtend<Result>();
  });
});
