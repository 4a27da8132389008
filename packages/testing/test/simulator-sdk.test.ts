import Anthropic from "@anthropic-ai/sdk";
import { betaZodTool } from "@anthropic-ai/sdk/helpers/beta/zod";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { createSimulator, type Simulator, type SimulatorOptions } from "../src/index.js";
import { pdfBytes, streamOf } from "./pdfs.js";

const open: Simulator[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

/** The official SDK, with nothing of ours between it and the simulator. */
async function start(options: SimulatorOptions = {}): Promise<{ client: Anthropic; simulator: Simulator }> {
  const simulator = await createSimulator({ now: () => Date.parse("2026-11-22T10:00:00Z"), ...options });
  open.push(simulator);
  return { simulator, client: new Anthropic({ baseURL: simulator.url, apiKey: "any", maxRetries: 0 }) };
}

const question = {
  model: "claude-haiku-5-5",
  max_tokens: 1_000,
  messages: [{ role: "user" as const, content: "What is the weather in Oslo?" }],
};
const tools: Anthropic.Tool[] = [
  {
    name: "get_weather",
    description: "Get the current weather for a location.",
    input_schema: { type: "object", properties: { location: { type: "string" } }, required: ["location"] },
  },
];

function weatherTool(asked: string[]) {
  return betaZodTool({
    name: "get_weather",
    description: "Get the current weather for a location.",
    inputSchema: z.object({ location: z.string() }),
    run: ({ location }) => {
      asked.push(location);
      return '{"temperature":"4 °C","sky":"light rain"}';
    },
  });
}

describe("the bare SDK", () => {
  test("streams: pieces as they come, and the same message in the end as without", async () => {
    const { client } = await start({
      mind: () => ({ content: [{ type: "text", text: "Four degrees, and light rain." }] }),
    });
    const pieces: string[] = [];
    const stream = client.messages.stream(question).on("text", (text) => pieces.push(text));
    const message = await stream.finalMessage();
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.join("")).toBe("Four degrees, and light rain.");
    const whole = await client.messages.create(question);
    expect(message.content).toEqual(whole.content);
    expect(message.usage.output_tokens).toBe(whole.usage.output_tokens);
  });

  test("may use the helpers of its beta namespace, which name betas of their own", async () => {
    const { client, simulator } = await start();
    await client.beta.messages.parse(question);
    const { max_tokens: _, ...counted } = question;
    await client.beta.messages.countTokens(counted);
    expect(simulator.requests.map(({ headers, status }) => [headers["anthropic-beta"], status])).toEqual([
      ["structured-outputs-2025-12-15", 200],
      ["token-counting-2024-11-01", 200],
    ]);
  });

  test("goes through a loop of its own by hand: a call, its result, an answer", async () => {
    const { client } = await start();
    const first = await client.messages.create({ ...question, tools });
    expect(first.stop_reason).toBe("tool_use");
    const results = first.content.flatMap((block) =>
      block.type === "tool_use"
        ? [{ type: "tool_result" as const, tool_use_id: block.id, content: "4 °C" }]
        : [],
    );
    const messages = [
      ...question.messages,
      { role: "assistant" as const, content: first.content },
      { role: "user" as const, content: results },
    ];
    const second = await client.messages.create({ ...question, messages, tools });
    expect(second.stop_reason).toBe("end_turn");
    expect(JSON.stringify(second.content)).toContain("4 °C");
  });

  test.each([false, true])("runs its tool runner to the end (streamed: %s)", async (stream) => {
    const { client, simulator } = await start();
    const asked: string[] = [];
    const runner = client.beta.messages.toolRunner({
      ...question,
      tools: [weatherTool(asked)],
      thread: false,
      stream,
    });
    const message = await runner.runUntilDone();
    expect(asked).toEqual(["Oslo"]);
    expect(JSON.stringify(message.content)).toContain("4 °C");
    expect(simulator.requests.map(({ status }) => status)).toEqual([200, 200]);
  });

  test("is told what a gateway would tell it when its tool runner keeps threads on the server, as it does by default", async () => {
    const { client, simulator } = await start();
    const running = client.beta.messages.toolRunner({ ...question, tools: [weatherTool([])] }).runUntilDone();
    await expect(running).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    await expect(running).rejects.toThrow(/thread.*not permitted/i);
    expect(simulator.requests.map(({ status }) => status)).toEqual([400]);
  });

  test("counts tokens: more for more, and as many as the message is charged then", async () => {
    const { client } = await start();
    const { model, messages } = question;
    const plain = await client.messages.countTokens({ model, messages });
    const withTools = await client.messages.countTokens({ model, messages, tools });
    expect(withTools.input_tokens).toBeGreaterThan(plain.input_tokens);
    expect((await client.messages.create(question)).usage.input_tokens).toBe(plain.input_tokens);
  });

  test("weighs a text document by its text, and a PDF always alike", async () => {
    const { client } = await start();
    const count = async (source: Anthropic.DocumentBlockParam["source"]): Promise<number> => {
      const content: Anthropic.DocumentBlockParam[] = [{ type: "document", source }];
      const counted = await client.messages.countTokens({
        model: question.model,
        messages: [{ role: "user", content }],
      });
      return counted.input_tokens;
    };
    const text = (length: number) =>
      count({ type: "text", media_type: "text/plain", data: "x ".repeat(length) });
    expect(await text(10)).toBeLessThan(100);
    expect((await text(35_010)) - (await text(10))).toBe(20_000);
    const pdf = (length: number) => {
      const data = pdfBytes({ more: streamOf("x".repeat(length)) }).toString("base64");
      return count({ type: "base64", media_type: "application/pdf", data });
    };
    expect(await pdf(1)).toBeGreaterThan(1_500);
    expect(await pdf(1_000)).toBe(await pdf(1));
  });

  test("lists models, page by page, and looks one up", async () => {
    const { client } = await start();
    const listed: string[] = [];
    for await (const { id } of client.models.list({ limit: 3 })) listed.push(id);
    expect(listed).toContain("claude-haiku-5-5");
    expect(new Set(listed).size).toBe(listed.length);
    const model = await client.models.retrieve("claude-haiku-5-5");
    expect(model).toMatchObject({ type: "model", id: "claude-haiku-5-5", display_name: expect.any(String) });
    await expect(client.models.retrieve("claude-none")).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  });

  test.each([
    [400, "invalid_request_error", Anthropic.BadRequestError],
    [401, "authentication_error", Anthropic.AuthenticationError],
    [403, "permission_error", Anthropic.PermissionDeniedError],
    [404, "not_found_error", Anthropic.NotFoundError],
    [429, "rate_limit_error", Anthropic.RateLimitError],
    [500, "api_error", Anthropic.InternalServerError],
    [529, "overloaded_error", Anthropic.InternalServerError],
  ])("makes a typed error of a %s", async (status, type, errorClass) => {
    const { client } = await start({ mind: () => ({ status, error: { type, message: "So it is." } }) });
    const failing = client.messages.create(question);
    await expect(failing).rejects.toBeInstanceOf(errorClass);
    await expect(failing).rejects.toMatchObject({ status, type, requestID: expect.stringMatching(/^req_/) });
  });
});
