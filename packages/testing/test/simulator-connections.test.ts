import { once } from "node:events";
import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { createSimulator, type Reply } from "../src/index.js";
import { clientOf, everyKind, post, question, start } from "./http-driver.js";

describe("what is recorded", () => {
  test("is each request with its answer's status, and no secret", async () => {
    const simulator = await start({ mind: () => everyKind });
    await clientOf(simulator, { apiKey: "sk-very-secret" }).messages.create(question);
    await post(
      simulator,
      { ...question, max_tokens: -1 },
      { "x-api-key": "sk-very-secret", cookie: "c=sk-very-secret" },
    );
    expect(simulator.requests).toMatchObject([
      {
        method: "POST",
        path: "/v1/messages",
        status: 200,
        body: question,
        headers: { "anthropic-version": "2026-10-21" },
      },
      {
        status: 400,
        error: { type: "invalid_request_error", message: expect.stringContaining("max_tokens") },
      },
    ]);
    expect(simulator.requests[0]).not.toHaveProperty("error");
    expect(JSON.stringify(simulator.requests)).not.toContain("sk-very-secret");
  });
});

describe("connections", () => {
  const longText = "many words ".repeat(30_000);
  const longQuestion = { ...question, max_tokens: 128_000 };

  test("that a client drops in mid-stream do no harm", async () => {
    const simulator = await start({ mind: () => ({ content: [{ type: "text", text: longText }] }) });
    for (let round = 0; round < 3; round++) {
      const stream = await clientOf(simulator).messages.create({ ...longQuestion, stream: true });
      for await (const event of stream) if (event.type === "content_block_delta") break;
    }
    expect((await clientOf(simulator).messages.create(question)).stop_reason).toBe("max_tokens");
  });

  test("that a client drops before the answer abort the mind's signal", async () => {
    let leave: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      leave = resolve;
    });
    let aborted: Promise<unknown> = Promise.resolve();
    const simulator = await start({
      mind: (_, { signal }) => {
        aborted = once(signal, "abort");
        leave();
        return new Promise<Reply>(() => {});
      },
    });
    const controller = new AbortController();
    const request = clientOf(simulator).messages.create(question, { signal: controller.signal });
    await asked;
    controller.abort();
    await expect(request).rejects.toBeInstanceOf(Anthropic.APIUserAbortError);
    await aborted;
    expect(simulator.requests[0]).not.toHaveProperty("status");
  });

  test("are cut by close(), which does not wait for streams or for a mind that never answers", async () => {
    const simulator = await start({
      mind: (request) =>
        request.stream ? { content: [{ type: "text", text: longText }] } : new Promise<Reply>(() => {}),
    });
    const waiting = clientOf(simulator).messages.create(question);
    const settled = expect(waiting).rejects.toBeInstanceOf(Anthropic.APIConnectionError);
    const stream = await clientOf(simulator).messages.create({ ...longQuestion, stream: true });
    const reading = stream[Symbol.asyncIterator]();
    await reading.next();
    await simulator.close();
    await simulator.close();
    await settled;
    await expect(
      (async () => {
        while (!(await reading.next()).done);
      })(),
    ).rejects.toThrow();
    await expect(fetch(simulator.url)).rejects.toThrow();
  });

  test("to a port that is taken are an error of createSimulator", async () => {
    const simulator = await start();
    expect(simulator.url).toBe(`http://127.0.0.1:${simulator.port}`);
    await expect(createSimulator({ port: simulator.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
