import type { Agent, Tool } from "@lockstitch/core";
import { type AgentTask, agentTool } from "@lockstitch/tools";
import { expectTypeOf, test } from "vitest";
import { z } from "zod";

const agent: Agent = { name: "researcher" };
const base = { name: "research", description: "Has somebody look into a question." } as const;

test("the prompt's input is what the schema gives, defaults and transforms applied", () => {
  const made = agentTool(agent, {
    ...base,
    input: z.object({ topic: z.string(), pages: z.number().default(3) }),
    prompt: (input) => {
      expectTypeOf(input).toEqualTypeOf<{ topic: string; pages: number }>();
      return input.topic;
    },
    needsApproval: ({ pages }) => pages > 10,
  });
  expectTypeOf(made).toEqualTypeOf<Tool<{ topic: string; pages: number }>>();
});

test("without a schema it is a task", () => {
  const made = agentTool(agent, { ...base, prompt: ({ task }) => task });
  expectTypeOf(made).toEqualTypeOf<Tool<AgentTask>>();
});

test("a plain JSON Schema has the type that its parse gives", () => {
  const input = { jsonSchema: { type: "object" as const }, parse: () => ({ city: "Oslo" }) };
  expectTypeOf(agentTool(agent, { ...base, input })).toEqualTypeOf<Tool<{ city: string }>>();
});

test("an agent with an output is one, too", () => {
  const sure: Agent<{ sure: boolean }> = { output: z.object({ sure: z.boolean() }) };
  expectTypeOf(agentTool(sure, base)).toEqualTypeOf<Tool<AgentTask>>();
});

test("what it decides itself can't be given", () => {
  // @ts-expect-error: it is idempotent
  agentTool(agent, { ...base, effects: "once" });
});
