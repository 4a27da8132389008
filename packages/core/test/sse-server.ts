import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Anthropic from "@anthropic-ai/sdk";
import type { Message } from "@anthropic-ai/sdk/resources";
import type { ModelRequest } from "@lockstitch/core";
import { streamEvents } from "@lockstitch/testing";

export const plainRequest: ModelRequest = {
  model: "claude-haiku-5-5",
  max_tokens: 100,
  messages: [{ role: "user", content: "Hi" }],
};

export interface SseServer {
  readonly client: Anthropic;
  readonly requests: {
    readonly headers: IncomingMessage["headers"];
    readonly body: unknown;
    readonly port: number | undefined;
  }[];
  close(): Promise<void>;
}

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A real HTTP server that answers each request by the next of `answers`; the last one answers all that follow. */
export async function serve(...answers: readonly Answer[]): Promise<SseServer> {
  const requests: SseServer["requests"] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const answer = answers[Math.min(requests.length, answers.length - 1)];
      requests.push({
        headers: request.headers,
        body: JSON.parse(Buffer.concat(pieces).toString()),
        port: request.socket.remotePort,
      });
      answer?.(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const client = new Anthropic({ apiKey: "test-key", baseURL: `http://127.0.0.1:${port}`, logLevel: "off" });
  const close = async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  };
  return { client, requests, close };
}

export const message: Message = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-haiku-5-5",
  content: [
    { type: "text", text: "Let me look that up for you." },
    { type: "tool_use", id: "toolu_1", name: "get_weather", input: { location: "Oslo", days: [1, 2] } },
  ],
  stop_reason: "tool_use",
  stop_sequence: null,
  usage: { input_tokens: 11, output_tokens: 7 },
} as unknown as Message;

/** The bytes of a stream, event by event. */
export function sse(events: Iterable<object>): string[] {
  return [...events].map(
    (event) => `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(withoutBlock(event))}\n\n`,
  );
}

function withoutBlock(event: object): object {
  const { type, index } = event as { type: string; index?: number };
  return type === "content_block_stop" ? { type, index } : event;
}

export const wholeStream: readonly string[] = sse(streamEvents(message));

export function begin(response: ServerResponse, headers: Record<string, string> = {}): void {
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "request-id": "req_9",
    ...headers,
  });
}

export const whole: Answer = (response) => {
  begin(response);
  response.end(wholeStream.join(""));
};
