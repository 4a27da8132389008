import Anthropic from "@anthropic-ai/sdk";
import { claude, escalate, type ModelRequest, memoryStore, run, type Tool } from "@lockstitch/core";
import { createSimulator, scripted, toolUse } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readLog } from "./crash.js";
import { handTool } from "./helpers.js";
import { agent, lastOf, oslo, outputOf, tooHot } from "./output-helpers.js";

function fail(words: string): never {
  throw new TypeError(words);
}

function saidIn(request: ModelRequest | undefined): string {
  const content = request?.messages.at(-1)?.content;
  return Array.isArray(content) && content[0]?.type === "text" ? content[0].text : String(content);
}

describe("the answer of an agent with an output", () => {
  it("is the value that its schema makes of the text", async () => {
    const result = await run(agent, "Weather?", { claude: scripted([oslo]) });
    expect(outputOf(result)).toEqual({ city: "Oslo", celsius: -3, day: new Date("2026-12-24") });
    expect(result).toMatchObject({ reason: "end_turn", text: oslo, steps: 1 });
  });

  it("is undefined where the agent has none, whatever the text is", async () => {
    expect(outputOf(await run({}, "Weather?", { claude: scripted([oslo]) }))).toBeUndefined();
  });

  it("is asked of the API in a form that it takes: what it can't hold a reply to is said in words", async () => {
    const script = scripted([oslo]);
    await run({ ...agent, request: { output_config: { effort: "low" } } }, "Weather?", { claude: script });
    expect(script.requests[0]?.output_config).toEqual({
      effort: "low",
      format: {
        type: "json_schema",
        schema: {
          type: "object",
          properties: {
            city: { type: "string" },
            celsius: { type: "number", description: "{minimum: -90, maximum: 60}" },
            day: { type: "string", format: "date" },
          },
          required: ["city", "celsius", "day"],
          additionalProperties: false,
        },
      },
    });
  });

  it("is checked once, however often it is looked at", async () => {
    let checks = 0;
    const parse = (answer: unknown) => [answer, ++checks];
    const output = { jsonSchema: { type: "string" }, parse };
    const result = await run({ output }, "Weather?", { claude: scripted(['"cold"']) });
    expect(outputOf(result)).toEqual(["cold", 1]);
  });

  it("comes after the tools that the agent calls for it", async () => {
    const look = handTool("look", () => "-3");
    const result = await run({ ...agent, tools: [look] }, "Weather?", {
      claude: scripted([[toolUse("look")], oslo]),
    });
    expect(outputOf(result)).toMatchObject({ city: "Oslo" });
    expect(result.steps).toBe(2);
  });

  it("is what stands behind the API's own tools in a reply that they interrupt", async () => {
    const search = { type: "web_search_20260318", name: "web_search" } as const;
    const content = [
      { type: "text", text: "Let me look." },
      {
        type: "server_tool_use",
        id: "srvtoolu_1",
        name: "web_search",
        input: {},
        caller: { type: "direct" },
      },
      {
        type: "web_search_tool_result",
        tool_use_id: "srvtoolu_1",
        content: [] as Anthropic.WebSearchResultBlock[],
        caller: { type: "direct" },
      },
      { type: "text", text: oslo },
    ] as const;
    const result = await run({ ...agent, tools: [search] }, "Weather?", { claude: scripted([content]) });
    expect(outputOf(result)).toMatchObject({ city: "Oslo" });
  });

  it("may be checked with a plain JSON Schema and a function", async () => {
    const jsonSchema = { type: "array", items: { type: "integer" } };
    const sum = { jsonSchema, parse: (answer: unknown) => (answer as number[]).reduce((a, b) => a + b) };
    const result = await run({ output: sum }, "Numbers?", { claude: scripted(["[1,2,3]"]) });
    expect(outputOf(result)).toBe(6);
  });

  it.each([
    ["a refusal", "refusal"],
    ["a reply that was cut off", "max_tokens"],
    ["a stop sequence", "stop_sequence"],
  ])("is undefined after %s, and not asked for again", async (_what, stop_reason) => {
    const script = scripted([{ content: oslo, stop_reason }]);
    const result = await run(agent, "Weather?", { claude: script });
    expect(result).toMatchObject({ reason: stop_reason, output: undefined, steps: 1 });
  });
});

describe("an answer that does not fit", () => {
  it.each([
    ["is no JSON", "It is cold.", "it is no JSON"],
    ["breaks a rule of the schema", tooHot, "celsius: Too big"],
    ["has no text at all", [], "it is no JSON"],
  ])("because it %s is asked for again, with the reason, as a step", async (_what, wrong, reason) => {
    const script = scripted([wrong, oslo]);
    const store = memoryStore();
    const result = await run(agent, "Weather?", { claude: script, store, session: "s" });
    expect(outputOf(result)).toMatchObject({ city: "Oslo" });
    expect(result.steps).toBe(2);
    expect(lastOf(script.requests[1])).toContain(reason);
    const said = (await readLog(store)).filter(({ type }) => type === "input");
    expect(said).toMatchObject([{ messages: [{ content: "Weather?" }] }, { purpose: "output" }]);
  });

  it("is asked for again twice; then the run ends with the limit that says so", async () => {
    const script = scripted([tooHot, tooHot, tooHot]);
    const result = await run(agent, "Weather?", { claude: script });
    expect(result).toMatchObject({
      reason: "limit",
      limit: "maxOutputRetries",
      output: undefined,
      text: tooHot,
      steps: 3,
    });
    expect(lastOf(result)).toContain("celsius");
  });

  it.each<[string, (answer: unknown) => never]>([
    ["a parse that says a megabyte", () => fail("x".repeat(1_000_000))],
    ["a parse that says a megabyte of what is two characters each", () => fail("🧵".repeat(500_000))],
    ["the same, a character further on", () => fail(`x${"🧵".repeat(500_000)}`)],
  ])(
    "is told of in at most 2,000 characters, all of them whole, whatever is said of it: %s",
    async (_what, parse) => {
      const script = scripted(['"wrong"', '"wrong"']);
      const output = { jsonSchema: { type: "string" }, parse };
      await run({ output, limits: { maxOutputRetries: 1 } }, "Weather?", { claude: script });
      const said = saidIn(script.requests[1]);
      expect(said.length).toBeGreaterThan(1_900);
      expect(said.length).toBeLessThanOrEqual(2_000);
      expect(said.isWellFormed()).toBe(true);
      expect(said).not.toContain("\ufffd");
      expect(said).toMatch(
        /(x|🧵)… \(and \d+ characters more\)\. Give the whole answer again, in that form, and nothing else\.\]$/u,
      );
    },
  );

  it("is told of in a bounded text, however many and long its issues are", async () => {
    const item = z.string().refine(() => false, `It is not right: ${"y".repeat(1_000)}`);
    const wrong = JSON.stringify(Array.from({ length: 1_000 }, () => "a"));
    const script = scripted([wrong, wrong]);
    await run({ output: z.array(item), limits: { maxOutputRetries: 1 } }, "Weather?", { claude: script });
    const said = saidIn(script.requests[1]);
    expect(said).toContain("0: It is not right: yyy");
    expect(said.length).toBeLessThanOrEqual(2_000);
  });

  it("is told of with its first twenty issues, and how many more there are", async () => {
    const wrong = JSON.stringify(Array.from({ length: 50 }, () => "a"));
    const script = scripted([wrong, wrong]);
    const item = z.string().refine(() => false, "No");
    await run({ output: z.array(item), limits: { maxOutputRetries: 1 } }, "Weather?", { claude: script });
    expect(saidIn(script.requests[1])).toContain("; 18: No; 19: No; and 30 more. Give");
  });

  it("is told of in full where that is short", async () => {
    const output = { jsonSchema: { type: "string" }, parse: () => fail("z".repeat(1_500)) };
    const script = scripted(['"wrong"', '"wrong"']);
    await run({ output, limits: { maxOutputRetries: 1 } }, "Weather?", { claude: script });
    expect(lastOf(script.requests[1])).toContain(`was asked for: ${"z".repeat(1_500)}. Give`);
  });

  it("is not asked for again where maxOutputRetries is 0", async () => {
    const script = scripted([tooHot]);
    const result = await run({ ...agent, limits: { maxOutputRetries: 0 } }, "Weather?", { claude: script });
    expect(result).toMatchObject({ reason: "limit", limit: "maxOutputRetries", steps: 1 });
  });

  it("counts against the other limits: no step is made that they do not allow", async () => {
    const script = scripted([tooHot]);
    const result = await run({ ...agent, limits: { maxSteps: 1 } }, "Weather?", { claude: script });
    expect(result).toMatchObject({ reason: "limit", limit: "maxSteps", output: undefined });
  });

  it("is told to the next model where one is escalated to", async () => {
    const result = await escalate(agent, "Weather?", {
      to: ["claude-haiku-5-5", "claude-opus-5-5"],
      check: ({ status }) => status === "ended",
      claude: scripted([tooHot, tooHot, tooHot, oslo]),
    });
    expect(result).toMatchObject({ model: "claude-opus-5-5", passed: true, output: { city: "Oslo" } });
  });

  it("is no answer to a person who speaks meanwhile: both are heard in the next step", async () => {
    const store = memoryStore();
    const script = scripted([
      async () => {
        await store.post("s", [{ type: "input", messages: [{ role: "user", content: "In Bergen!" }] }]);
        return tooHot;
      },
      oslo,
    ]);
    await run(agent, "Weather?", { claude: script, store, session: "s" });
    expect(lastOf(script.requests[1])).toContain("In Bergen!");
  });

  it("is not complained of where a person speaks while it is checked: they are answered first", async () => {
    const store = memoryStore();
    const parse = async (answer: unknown) => {
      if (answer === "Bergen") return answer;
      await store.post("s", [{ type: "input", messages: [{ role: "user", content: "In Bergen!" }] }]);
      throw new TypeError("it is not Bergen");
    };
    const script = scripted(['"Oslo"', '"Bergen"']);
    await run({ output: { jsonSchema: { type: "string" }, parse } }, "Where?", {
      claude: script,
      store,
      session: "s",
    });
    expect(lastOf(script.requests[1])).toContain("In Bergen!");
    expect(lastOf(script.requests[1])).not.toContain("it is not Bergen");
  });

  it("ends by an abort though its check never comes to an end", async () => {
    const controller = new AbortController();
    const parse = () => {
      controller.abort();
      return new Promise<string>(() => {});
    };
    const result = await run({ output: { jsonSchema: { type: "string" }, parse } }, "Weather?", {
      claude: scripted(['"x"']),
      signal: controller.signal,
    });
    expect(result).toMatchObject({ reason: "aborted", output: undefined });
  });
});

describe("a subagent with an output", () => {
  it("gives its tool the checked value", async () => {
    const forecast: Tool = handTool("forecast", async (_input, call) => {
      const result = await call.run(agent, "Weather?");
      return result.status === "ended" ? `${result.output?.day.getUTCFullYear()}` : "waits";
    });
    const script = scripted([[toolUse("forecast")], tooHot, oslo, "Done."]);
    const result = await run({ tools: [forecast] }, "Go.", { claude: script });
    expect(JSON.stringify(result.messages)).toContain('"content":"2026"');
  });
});

describe("the simulator's demo mind", () => {
  it("answers in the form that an output asks for", async () => {
    const simulator = await createSimulator();
    const client = new Anthropic({ apiKey: "k", baseURL: simulator.url });
    try {
      const result = await run(agent, "What is the weather in Oslo?", {
        claude: claude({ client }),
      });
      expect(outputOf(result)).toMatchObject({ city: expect.any(String), celsius: expect.any(Number) });
    } finally {
      await simulator.close();
    }
  });
});
