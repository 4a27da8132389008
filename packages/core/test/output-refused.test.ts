import { type Agent, AgentError, run } from "@lockstitch/core";
import { scripted } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { agent } from "./output-helpers.js";

const node: z.ZodType = z.object({
  get inner() {
    return z.array(node);
  },
});

describe("an output that can't be asked for", () => {
  it.each<[string, unknown, RegExp]>([
    ["is no schema", { parse: () => 1 }, /not a schema.*outputSchema/],
    ["is a function of nothing", () => 1, /not a schema/],
    ["has no JSON form", z.object({ when: z.date() }), /no JSON form/],
    ["has a record", z.object({ rain: z.record(z.string(), z.number()) }), /"rain" takes any property name/],
    ["has a tuple", z.object({ at: z.object({ point: z.tuple([z.number()]) }) }), /"at.point" is a tuple/],
    ["may be anything", z.object({ more: z.unknown() }), /"more" may be anything/],
    ["holds itself", node, /holds itself/],
    ["holds itself further down", z.object({ tree: node }), /holds itself/],
    [
      "is an intersection",
      { jsonSchema: { allOf: [{ type: "object" }, { type: "object" }] }, parse: () => 1 },
      /the answer is an intersection/,
    ],
    [
      "has more optional properties than the API takes",
      z.object(
        Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`p${index}`, z.string().optional()])),
      ),
      /^The parts of the output format have 25 optional properties .*Make properties required\.$/,
    ],
  ])("because it %s is refused at the start, with the way out", async (_what, output, words) => {
    const running = run({ output } as Agent, "Weather?", { claude: scripted([]) });
    await expect(running).rejects.toThrow(words);
    await expect(running).rejects.toBeInstanceOf(AgentError);
  });

  it("because the request has a format of its own is refused", async () => {
    const request = {
      output_config: { format: { type: "json_schema", schema: { type: "object" } } },
    } as const;
    await expect(run({ ...agent, request }, "Hi", { claude: scripted([]) })).rejects.toThrow(
      /format is made from/,
    );
  });
});
