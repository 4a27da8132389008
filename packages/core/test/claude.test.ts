import { setTimeout as setTimeoutPromise } from "node:timers/promises";
import Anthropic from "@anthropic-ai/sdk";
import { type Claude, type ClaudeOptions, claude, type StreamEvent } from "@lockstitch/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type Answer,
  begin,
  message,
  plainRequest as request,
  type SseServer,
  serve,
  sse,
  whole,
  wholeStream,
} from "./sse-server.js";

let server: SseServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
  vi.unstubAllEnvs();
});

async function ask(
  answer: Answer,
  options: Omit<ClaudeOptions, "client"> = {},
  signal = new AbortController().signal,
) {
  server = await serve(answer);
  const events: { type: string }[] = [];
  const reply = await claude({ ...options, client: server.client })(request, {
    signal,
    emit: (event) => events.push(event),
  });
  return { reply, events };
}

describe("claude()", () => {
  it("streams a reply and puts it together as it was meant", async () => {
    const { reply, events } = await ask(whole);
    expect(reply).toMatchObject({ ...message, usage: { input_tokens: 11, output_tokens: 7 } });
    expect(events.map(({ type }) => type).filter((type) => type !== "content_block_delta")).toEqual([
      ...[
        "message_start",
        "content_block_start",
        "content_block_stop",
        "content_block_start",
        "content_block_stop",
      ],
      ...["message_delta", "message_stop"],
    ]);
    const stop = events.findLast(({ type }) => type === "content_block_stop") as StreamEvent;
    expect(stop).toMatchObject({ content_block: message.content[1] });
  });

  it("asks the API to stream, in the version the SDK speaks, and never by a beta", async () => {
    await ask(whole);
    expect(server?.requests).toHaveLength(1);
    expect(server?.requests[0]?.body).toEqual({ ...request, stream: true });
    expect(server?.requests[0]?.headers).toMatchObject({
      "anthropic-version": "2026-10-21",
      authorization: "Bearer test-key",
    });
    expect(server?.requests[0]?.headers["anthropic-beta"]).toBeUndefined();
  });

  it("decodes alike however the bytes are cut", async () => {
    const bytes = Buffer.from(wholeStream.join("").replaceAll("that", "thät 💧"));
    const answer: Answer = async (response) => {
      begin(response);
      for (const byte of bytes) response.write(Buffer.from([byte]));
      response.end();
    };
    const { reply } = await ask(answer);
    expect(reply.content[0]).toMatchObject({ text: "Let me look thät 💧 up for you." });
  });

  it.each<[string, string[], RegExp]>([
    ["ends before message_stop", wholeStream.slice(0, -1), /cut off/],
    ["has no events", [], /cut off/],
    ["is a page of HTML", ["<html><body>Bad gateway</body></html>"], /cut off/],
    [
      "holds an event that isn't JSON",
      [...wholeStream.slice(0, 3), "event: content_block_delta\ndata: {oops\n\n"],
      /JSON/,
    ],
    ["begins with a delta", wholeStream.slice(2), /before message_start|not open/],
    [
      "stops a block that it never started",
      [wholeStream[0] ?? "", ...sse([{ type: "content_block_stop", index: 3 }])],
      /not open/,
    ],
    ["ends the message inside a block", [...wholeStream.slice(0, 3), wholeStream.at(-1) ?? ""], /still open/],
    [
      "starts another message in the middle",
      [...wholeStream.slice(0, 3), wholeStream[0] ?? ""],
      /second message_start/,
    ],
  ])("rejects as broken a stream that %s", async (_what, stream, words) => {
    const broken = ask((response) => {
      begin(response);
      response.end(stream.join(""));
    });
    await expect(broken).rejects.toMatchObject({
      reason: "broken_stream",
      message: expect.stringMatching(words),
      requestID: "req_9",
    });
  });

  it("rejects as broken a connection that is reset in the middle", async () => {
    const reset = ask((response) => {
      begin(response);
      response.write(wholeStream.slice(0, 4).join(""), () => response.destroy());
    });
    await expect(reset).rejects.toMatchObject({ reason: "broken_stream", cause: expect.any(Error) });
  });

  it("keeps the SDK's error for an error in mid-stream, an HTTP error and a refused connection", async () => {
    const error = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
    const midStream = ask((response) => {
      begin(response);
      response.end([...wholeStream.slice(0, 3), ...sse([error])].join(""));
    });
    await expect(midStream).rejects.toMatchObject({ type: "overloaded_error", status: undefined });

    await server?.close();
    const http = ask((response) => {
      response.writeHead(429, { "content-type": "application/json", "retry-after": "7" });
      response.end(
        JSON.stringify({ type: "error", error: { type: "rate_limit_error", message: "Slow down" } }),
      );
    });
    await expect(http).rejects.toBeInstanceOf(Anthropic.RateLimitError);
    expect(server?.requests).toHaveLength(1);

    const gone = claude({ client: new Anthropic({ apiKey: "k", baseURL: "http://127.0.0.1:9" }) });
    await expect(gone(request, { signal: new AbortController().signal, emit() {} })).rejects.toBeInstanceOf(
      Anthropic.APIConnectionError,
    );
  });

  it("keeps a tool input that isn't JSON as the model wrote it, instead of losing the turn", async () => {
    const stream = wholeStream.join("").replace('{\\"location', "{location");
    const { reply } = await ask((response) => {
      begin(response);
      response.end(stream);
    });
    expect(reply.content[1]).toMatchObject({ input: { INVALID_JSON: expect.stringContaining("{location") } });
  });

  it("ends with message_stop, not with the connection", async () => {
    const held = ask((response) => {
      begin(response);
      response.write(wholeStream.join(""));
    });
    await expect(held).resolves.toMatchObject({ reply: { id: "msg_1" } });
  });

  it("uses its connection again", async () => {
    server = await serve(whole);
    const once: Claude = claude({ client: server.client });
    for (let turn = 0; turn < 3; turn++) {
      await once(request, { signal: new AbortController().signal, emit() {} });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(new Set(server.requests.map(({ port }) => port)).size).toBe(1);
  });

  it.each([
    ["headers", "headersMs", () => {}],
    [
      "bytes",
      "bytesMs",
      (response) => response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders(),
    ],
    [
      "content, though it pings",
      "contentMs",
      (response) => {
        begin(response);
        const ping = setInterval(() => response.write('event: ping\ndata: {"type":"ping"}\n\n'), 5);
        response.on("close", () => clearInterval(ping));
      },
    ],
    [
      "content but empty pieces",
      "contentMs",
      (response) => {
        begin(response);
        response.write(wholeStream.slice(0, 2).join(""));
        const empty = { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "" } };
        const drip = setInterval(
          () => response.write(`event: content_block_delta\ndata: ${JSON.stringify(empty)}\n\n`),
          5,
        );
        response.on("close", () => clearInterval(drip));
      },
    ],
  ] satisfies [string, string, Answer][])(
    "gives up on a server that sends no %s",
    async (_what, clock, answer) => {
      const silent = ask(answer, { timeouts: { [clock]: 60 } });
      await expect(silent).rejects.toMatchObject({
        name: "APIConnectionTimeoutError",
        message: expect.stringContaining(clock),
      });
    },
  );

  it("keeps the status of a refusal whose body never comes", async () => {
    const answer: Answer = (response) => {
      response.writeHead(400, { "content-type": "application/json", "request-id": "req_7" });
      response.flushHeaders();
    };
    const refused = ask(answer, { timeouts: { bytesMs: 60 } });
    await expect(refused).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    await expect(refused).rejects.toMatchObject({
      status: 400,
      requestID: "req_7",
      message: expect.stringContaining("bytesMs"),
    });
  });

  it("gives up on a silent server though the clock is set back meanwhile", async () => {
    let looks = 0;
    const clock = {
      now: () => Date.now() - (++looks > 3 ? 3_600_000 : 0),
      sleep: (milliseconds: number, signal?: AbortSignal) =>
        setTimeoutPromise(milliseconds, undefined, { signal }),
    };
    const answer: Answer = (response) => {
      begin(response);
      response.flushHeaders();
    };
    const silent = ask(answer, { timeouts: { bytesMs: 60 }, clock });
    await expect(silent).rejects.toMatchObject({ name: "APIConnectionTimeoutError" });
  });

  it("says at once what is no client", () => {
    expect(() => claude({ client: null as never })).toThrow(/must be a client of the SDK/);
    expect(() => claude({ client: {} as never })).toThrow(/must be a client of the SDK/);
  });

  it("rejects at once with the signal's reason when it is aborted", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const answer: Answer = (response) => {
      begin(response);
      response.write(wholeStream.slice(0, 3).join(""), () => controller.abort(reason));
    };
    await expect(ask(answer, {}, controller.signal)).rejects.toBe(reason);
  });

  it("says what to do where there is no key, and sends nothing", async () => {
    vi.stubEnv("ANTHROPIC_API_KEY", undefined);
    vi.stubEnv("ANTHROPIC_AUTH_TOKEN", undefined);
    vi.stubEnv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9");
    const keyless = claude()(request, { signal: new AbortController().signal, emit() {} });
    await expect(keyless).rejects.toMatchObject({
      reason: "missing_key",
      message: expect.stringContaining("ANTHROPIC_API_KEY"),
    });
  });
});
