import { type Agent, AgentError, type OutputSchema, run } from "@lockstitch/core";
import { scripted } from "@lockstitch/testing";
import { outputSchema } from "@lockstitch/tools";
import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import * as mini from "zod/mini";
import { z as z3 } from "zod/v3";

const format = {
  type: "object",
  properties: { city: { type: "string" }, celsius: { type: "integer" } },
  required: ["city", "celsius"],
  additionalProperties: false,
};

async function ask(output: OutputSchema, ...replies: string[]) {
  const claude = scripted(replies);
  const result = await run({ output }, "Weather?", { claude });
  return { result, requests: claude.requests };
}

describe("an agent's output", () => {
  it.each<[string, OutputSchema]>([
    ["zod 4", z.object({ city: z.string(), celsius: z.int() })],
    ["zod 4, wrapped", outputSchema(z.object({ city: z.string(), celsius: z.int() }))],
    ["zod/mini, wrapped", outputSchema(mini.object({ city: mini.string(), celsius: mini.int() }))],
    ["zod 3, wrapped", outputSchema(z3.object({ city: z3.string(), celsius: z3.number().int() }))],
    ["arktype", type({ city: "string", celsius: "number.integer" })],
    ["arktype, wrapped", outputSchema(type({ city: "string", celsius: "number.integer" }))],
    [
      "valibot",
      toStandardJsonSchema(v.object({ city: v.string(), celsius: v.pipe(v.number(), v.integer()) })),
    ],
  ])("may be a schema of %s", async (_library, output) => {
    const { result, requests } = await ask(output, '{"city":"Oslo"}', '{"city":"Oslo","celsius":-3}');
    const sent = requests[0]?.output_config?.format?.schema as typeof format;
    expect({ ...sent, required: sent.required.toSorted().toReversed() }).toEqual({
      ...format,
      required: ["city", "celsius"],
    });
    expect(result).toMatchObject({ steps: 2, output: { city: "Oslo", celsius: -3 } });
    expect(JSON.stringify(requests[1]?.messages.at(-1))).toContain("celsius");
  });

  it("that is wrapped tells the model of a wrong answer as of a wrong input", async () => {
    const output = outputSchema(z.object({ stops: z.array(z.object({ city: z.string() })) }));
    const { requests } = await ask(output, '{"stops":[{"city":1}]}', '{"stops":[]}');
    expect(JSON.stringify(requests[1]?.messages.at(-1))).toContain(
      "stops[0].city: expected string, received number",
    );
  });

  it("that no JSON value can be is refused, with the property and the way out", () => {
    expect(() => outputSchema(z.object({ when: z.date() }))).toThrow(AgentError);
    expect(() => outputSchema(z.object({ when: z.date() }))).toThrow(
      /agent\.output.*when.*is a date.*JSON has no dates/,
    );
  });

  it("is called by its own name, and no input, where all of it is wrong", async () => {
    expect(() => outputSchema(z.date())).toThrow(/^agent\.output can't .* the model: the answer is a date\./);
    const { requests } = await ask(outputSchema(z.string().min(3)), '"a"', '"abc"');
    const said = JSON.stringify(requests[1]?.messages.at(-1));
    expect(said).toContain("the answer: ");
    expect(said).not.toContain("the input");
  });

  it.each([
    ["zod 3", z3.object({ city: z3.string() })],
    ["zod/mini", mini.object({ city: mini.string() })],
  ])("of %s that is not wrapped is refused, with the way out", async (_library, output) => {
    const agent = { output } as unknown as Agent;
    await expect(run(agent, "Hi", { claude: scripted([]) })).rejects.toThrow(
      /zod\/mini or zod 3, in outputSchema/,
    );
  });
});
