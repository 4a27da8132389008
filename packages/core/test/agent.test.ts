import {
  AlreadyPostedError,
  addCost,
  checkToolName,
  LeaseLostError,
  LockstitchError,
  MissingKeyError,
  messageOf,
  run,
  type ToolDefinition,
  ToolError,
} from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { realEnvironment } from "../src/environment.js";
import { prepareAgent } from "../src/prepare-agent.js";
import { toErrorRecord } from "../src/pure/error-record.js";
import { toMessages } from "../src/to-messages.js";
import { toDefinition } from "../src/tool.js";
import { addUsage, noUsage, toUsage } from "../src/usage.js";
import { apiError, handTool } from "./helpers.js";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

describe("an agent", () => {
  it("has defaults for all that it doesn't say", () => {
    expect(prepareAgent({})).toMatchObject({
      name: "agent",
      model: "claude-sonnet-5-5",
      maxTokens: 16_000,
      system: undefined,
      definitions: [],
      eager: true,
      limits: { maxSteps: 20, maxParallelTools: 16, maxRepeatedCalls: 8, maxResultLength: 100_000 },
    });
  });

  it("takes undefined for a default, Infinity for no limit, and an empty system prompt for none", () => {
    const { limits, system } = prepareAgent({
      system: "",
      limits: { maxSteps: Number.POSITIVE_INFINITY, maxParallelTools: undefined as never },
    });
    expect(limits).toEqual({
      maxSteps: Number.POSITIVE_INFINITY,
      maxParallelTools: 16,
      maxRepeatedCalls: 8,
      maxResultLength: 100_000,
    });
    expect(system).toBeUndefined();
  });

  it("is taken as it is when the run starts: what its caller changes later changes nothing", () => {
    const schema = { type: "object" as const, properties: { city: { type: "string" } } };
    const system = [{ type: "text" as const, text: "Be brief." }];
    const prepared = prepareAgent({ system, tools: [handTool("work", () => 1, { inputSchema: schema })] });
    schema.properties.city.type = "number";
    (system[0] as { text: string }).text = "Be long.";
    expect(prepared).toMatchObject({
      system: [{ text: "Be brief." }],
      definitions: [{ input_schema: { properties: { city: { type: "string" } } } }],
    });
  });

  it("may have tools of the API beside its own, and tools with the names of everything every object has", () => {
    const search = { type: "web_search_20250305", name: "web_search" } as ToolDefinition;
    const { definitions, tools } = prepareAgent({
      tools: [search, handTool("constructor", () => 1), handTool("__proto__", () => 2)],
    });
    expect(definitions).toMatchObject([search, { name: "constructor" }, { name: "__proto__" }]);
    expect([...tools.keys()]).toEqual(["constructor", "__proto__"]);
    expect(() => prepareAgent({ tools: [search, handTool("web_search", () => 1)] })).toThrow(
      'Two tools are called "web_search"',
    );
  });

  it.each([[null], ["agent"], [7]])("can't be %j", (agent) => {
    expect(() => prepareAgent(agent as never)).toThrow(expect.objectContaining({ reason: "agent" }));
  });

  it.each([Number.NaN, 0, 1.5, "many", null])("can't have %j as a limit", (value) => {
    expect(() => prepareAgent({ limits: { maxSteps: value as number } })).toThrow(
      /limits\.maxSteps is .*whole number/,
    );
    expect(() => prepareAgent({ limits: { maxDurationMs: -1 } })).toThrow(
      /limits\.maxDurationMs is -1; it must be a positive number/,
    );
  });
});

describe("an input", () => {
  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a number", 7],
    ["one message, not in a list", { role: "user", content: "Hi" }],
    ["white space", " \n"],
    ["an empty list", []],
  ])("can't be %s", (_what, input) => {
    expect(() => toMessages(input as never)).toThrow(
      expect.objectContaining({ reason: "agent", message: expect.stringMatching(/input is empty/) }),
    );
  });

  it("is copied, so that what its caller changes later changes nothing", () => {
    const block = { type: "text" as const, text: "a" };
    const messages = toMessages([block]);
    block.text = "b";
    expect(messages).toEqual([{ role: "user", content: [{ type: "text", text: "a" }] }]);
  });
});

describe("a tool", () => {
  it("stands in the request with all that it says", () => {
    const tool = handTool("work", () => 1, { description: "Works.", definition: { strict: true } });
    expect(toDefinition(tool)).toEqual({
      name: "work",
      description: "Works.",
      strict: true,
      input_schema: { type: "object", properties: {}, additionalProperties: false },
    });
  });

  it("that the API defines and we run has no schema of ours", () => {
    expect(toDefinition(handTool("memory", () => 1, { definition: { type: "memory_20250818" } }))).toEqual({
      type: "memory_20250818",
      name: "memory",
    });
  });

  it.each(["", "a b", "ä", "x".repeat(65), 7, undefined])("can't be called %j", (name) => {
    expect(() => checkToolName(name)).toThrow(
      expect.objectContaining({
        reason: "tool_definition",
        message: expect.stringMatching(/1 to 64 letters/),
      }),
    );
  });

  it.each<[string, object]>([
    ["needsAproval", { needsAproval: true }],
    ["needsApproval", { needsApproval: "yes" }],
    ["reconcile", { reconcile: true }],
    ["effects", { effects: "twice" }],
  ])(
    "made by hand can't have a misspelt or wrong %s, with which it would run as nobody meant",
    (field, more) => {
      expect(() => prepareAgent({ tools: [{ ...handTool("pay", () => "paid"), ...more }] })).toThrow(
        expect.objectContaining({ reason: "tool_definition", message: expect.stringContaining(field) }),
      );
    },
  );

  it.each<[string, unknown, string]>([
    ["a cycle", cyclic(), "holds itself"],
    ["a function", { type: "object", properties: { a: { type: () => "string" } } }, "no JSON"],
    [
      "a type that there is not",
      { type: "object", properties: { a: { type: "text" } } },
      "no legal schema: a",
    ],
    ["no object at its root", { type: "string" }, "must be an object at its root"],
  ])("whose definition is written by hand can't have %s in its schema", (_what, schema, words) => {
    for (const tool of [
      { name: "work", input_schema: schema },
      { ...handTool("work", () => 1), inputSchema: schema },
    ])
      expect(() => prepareAgent({ tools: [tool as never] })).toThrow(
        expect.objectContaining({ reason: "agent", message: expect.stringContaining(words) }),
      );
  });

  it.each<[string, object, string]>([
    ["a system prompt with a function", { system: [{ type: "text", text: () => "" }] }, "agent.system holds"],
    ["a request with a function", { request: { metadata: { user_id: () => "x" } } }, "agent.request holds"],
    ["a request that is a text", { request: "abc" }, "agent.request must be an object"],
    ["a name that is no text", { name: 7 }, "agent.name"],
    ["eager that is a word", { eager: "no" }, "agent.eager"],
    [
      "a schema with a BigInt",
      { tools: [{ name: "work", input_schema: { type: "object", properties: { a: { default: 10n } } } }] },
      "The definition of work holds",
    ],
    [
      "a format by its older name beside an output",
      {
        output: { jsonSchema: { type: "string" }, parse: () => 1 },
        request: { output_format: { type: "json_schema", schema: {} } },
      },
      "and a format in its request",
    ],
  ])("of an agent can't be sent with %s", (_what, agent, words) => {
    expect(() => prepareAgent(agent as never)).toThrow(
      expect.objectContaining({ reason: "agent", message: expect.stringContaining(words) }),
    );
  });

  it("that is only a definition has a legal name, and the model is told that nothing can run it", async () => {
    const definition = { name: "look", input_schema: { type: "object" as const, properties: {} } };
    expect(() => prepareAgent({ tools: [{ ...definition, name: "look up" }] })).toThrow(
      /can't be a tool's name/,
    );
    const claude = scripted([[toolUse("look", {}, "toolu_1")], "Done."]);
    const result = await run({ tools: [definition] }, "Go.", { claude });
    expect(JSON.stringify(result.messages[2])).toContain("there is only its definition, without a function");
  });

  it("says in its error what the model reads", () => {
    expect(new ToolError("No.").message).toBe("No.");
    expect(new ToolError([{ type: "text", text: "No." }], { cause: "c" })).toMatchObject({
      name: "ToolError",
      cause: "c",
    });
  });
});

describe("errors", () => {
  it("have one base, a reason and the name of their class", () => {
    for (const error of [new MissingKeyError(), new LeaseLostError("s"), new AlreadyPostedError("s", "k")]) {
      expect(error).toBeInstanceOf(LockstitchError);
      expect(error.name).toBe(error.constructor.name);
      expect(error.reason).toMatch(/^[a-z_]+$/);
    }
  });

  it("become data without headers, bodies or causes", () => {
    const record = toErrorRecord(apiError(429, "rate_limit_error", { "set-cookie": "secret" }));
    expect(record).toEqual({
      name: "RateLimitError",
      message: expect.stringContaining("429"),
      status: 429,
      requestID: "req_1",
    });
    expect(toErrorRecord("thrown text")).toStrictEqual({ name: "Error", message: "thrown text" });
    expect(toErrorRecord(null)).toStrictEqual({ name: "Error", message: "null" });
  });

  it("can always be put into words", () => {
    expect([new Error("a"), new TypeError(""), "b", undefined, Object.create(null)].map(messageOf)).toEqual([
      "a",
      "TypeError",
      "b",
      "undefined",
      "an error that can't be shown",
    ]);
  });
});

describe("figures", () => {
  it("of usage are numbers, whatever the API left out", () => {
    const zero = {
      input_tokens: 0,
      output_tokens: 0,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
    };
    for (const raw of [
      undefined,
      null,
      "x",
      {},
      { input_tokens: null, output_tokens: Number.NaN, cache_creation: null, cache_read_input_tokens: -1 },
    ]) {
      expect(toUsage(raw)).toEqual(zero);
    }
    expect(
      toUsage({ cache_creation_input_tokens: 10, cache_creation: { ephemeral_1h_input_tokens: 4 } })
        .cache_creation,
    ).toEqual({
      ephemeral_5m_input_tokens: 6,
      ephemeral_1h_input_tokens: 4,
    });
  });

  it("of usage add up, with the writes by lifetime and the searches where there are any", () => {
    const write = (fiveMinutes: number, oneHour: number, searches: number) =>
      toUsage({
        cache_creation_input_tokens: fiveMinutes + oneHour,
        cache_creation: { ephemeral_1h_input_tokens: oneHour },
        server_tool_use: { web_search_requests: searches },
      });
    expect(addUsage(write(1, 2, 3), write(10, 20, 30))).toEqual(write(11, 22, 33));
    expect(addUsage(write(0, 0, 0), write(10, 0, 0))).toEqual(write(10, 0, 0));
    expect(addUsage(write(0, 0, 0), write(0, 0, 0))).toEqual(noUsage);
  });

  it("of cost add up, and one that is unknown makes the sum unknown", () => {
    expect(addCost({ usd: 0.1 }, { usd: 0.2 })).toEqual({ usd: 0.3 });
    expect(addCost({ usd: 1 }, { usd: null, unpriced: ["a"] })).toEqual({ usd: null, unpriced: ["a"] });
    expect(addCost({ usd: null, unpriced: ["a"] }, { usd: null, unpriced: ["a", "b"] })).toEqual({
      usd: null,
      unpriced: ["a", "b"],
    });
  });
});

describe("the real environment", () => {
  it("sleeps, and wakes at once when it is aborted, leaving no timer", async () => {
    vi.useFakeTimers();
    const controller = new AbortController();
    const slept = realEnvironment.sleep(1_000);
    const woken = realEnvironment.sleep(1_000, controller.signal);
    const checked = expect(woken).rejects.toBe("enough");
    controller.abort("enough");
    await checked;
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    await slept;
    await expect(realEnvironment.sleep(1_000, controller.signal)).rejects.toBe("enough");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("tells the time, draws chance and makes ids", () => {
    expect(Math.abs(realEnvironment.now() - Date.now())).toBeLessThan(1_000);
    expect(realEnvironment.random()).toBeLessThan(1);
    expect(realEnvironment.id()).not.toBe(realEnvironment.id());
  });
});

describe("without a key", () => {
  it("a run says what to do, and tries once", async () => {
    vi.stubEnv("ANTHROPIC_API_KEY", undefined);
    vi.stubEnv("ANTHROPIC_AUTH_TOKEN", undefined);
    vi.stubEnv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9");
    await expect(run({}, "Hi")).rejects.toMatchObject({
      name: "MissingKeyError",
      attempts: 1,
      message: expect.stringMatching(/Set ANTHROPIC_API_KEY/),
    });
  });
});

it("a session's id must be one", async () => {
  const { memoryStore } = await import("@lockstitch/core");
  const options = { claude: scripted([]), store: memoryStore() };
  await expect(run({}, "Hi", { ...options, session: " " })).rejects.toThrow(/non-empty string/);
  await expect(run({}, "Hi", { ...options, retry: { maxRetryAfterMs: -1 } })).rejects.toThrow(
    /maxRetryAfterMs is -1/,
  );
});

function cyclic(): object {
  const schema: Record<string, unknown> = { type: "object" };
  schema.properties = { again: schema };
  return schema;
}
