import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import type { Message } from "@anthropic-ai/sdk/resources/messages";
import { type Answer, answer, type Backstage } from "./answer.js";
import { demoMind } from "./demo/demo-mind.js";
import { createIds } from "./ids.js";
import type { Mind } from "./mind.js";
import { type RecordedRequest, withoutSecrets } from "./recording.js";
import { brokenMind } from "./refusals.js";
import { encodeEvent, streamEvents } from "./stream.js";

export interface SimulatorOptions {
  /** Decides the replies. Default: `demoMind`, which works with the tools of any agent. */
  readonly mind?: Mind;
  /** Default: 0, any free port. The address is always 127.0.0.1. */
  readonly port?: number;
  /** The only key to accept. Default: any key, but there must be one. */
  readonly apiKey?: string;
  /** The clock, in milliseconds since the epoch, that tells the mind what day it is. Default: `Date.now`. */
  readonly now?: () => number;
  /** Rules all ids: the same seed and the same requests give the same ids. Default: 0. */
  readonly seed?: string | number;
}

export interface Simulator {
  /** Give this to the SDK as `baseURL`. */
  readonly url: string;
  readonly port: number;
  /** Every request since the start, refused ones included, in the order they came. */
  readonly requests: readonly RecordedRequest[];
  /** Cuts open connections and stops at once. Calling it again does nothing. */
  close(): Promise<void>;
}

/**
 * Starts a server that speaks the Messages API over HTTP on this machine alone: `POST /v1/messages`, whole or
 * streamed, and `POST /v1/messages/count_tokens`, with the API's own errors for what it would refuse.
 *
 * @throws the server's own error if the port is taken.
 */
export async function createSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { mind = demoMind, port = 0, apiKey, now = Date.now, seed = 0 } = options;
  const backstage: Backstage = { mind, apiKey, now, ids: createIds(seed) };
  const requests: RecordedRequest[] = [];
  const server = createServer((incoming, response) => {
    void serve(incoming, response, requests, backstage);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    requests,
    async close() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Answers one request. It never rejects: whatever goes wrong becomes a 500, or nothing if the client is gone. */
async function serve(
  incoming: IncomingMessage,
  response: ServerResponse,
  requests: RecordedRequest[],
  backstage: Backstage,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  // Writing to a socket that the client has just reset is an error event, and without a listener a crash.
  response.on("error", () => gone.abort());
  const recorded: { -readonly [key in keyof RecordedRequest]: RecordedRequest[key] } = {
    method: incoming.method ?? "",
    path: (incoming.url ?? "").split("?")[0] ?? "",
    headers: withoutSecrets(incoming.headers),
  };
  requests.push(recorded);
  const requestId = backstage.ids.request();
  const result = await answer(incoming, recorded, gone.signal, backstage).catch(
    (error: unknown): Answer => ({ kind: "error", reply: brokenMind(error) }),
  );
  if (gone.signal.aborted) return;
  recorded.status = result.kind === "error" ? result.reply.status : 200;
  if (result.kind === "error") recorded.error = result.reply.error;
  await send(result, requestId, response);
}

async function send(result: Answer, requestId: string, response: ServerResponse): Promise<void> {
  response.setHeader("request-id", requestId);
  switch (result.kind) {
    case "json":
      return sendJson(response, 200, result.body);
    case "stream":
      return sendStream(response, result.message);
    case "error": {
      const { status, error, headers = {} } = result.reply;
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      return sendJson(response, status, { type: "error", error, request_id: requestId });
    }
    default:
      return result satisfies never;
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function sendStream(response: ServerResponse, message: Message): Promise<void> {
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
  });
  await pipeline(encodedEvents(message), response).catch(() => {
    // The client left in mid-stream: nobody is there to be told.
  });
}

/** One event at a time, so that a reader sees a stream and other requests get their turn. */
async function* encodedEvents(message: Message): AsyncGenerator<string> {
  for (const event of streamEvents(message)) {
    yield encodeEvent(event);
    await setImmediate();
  }
}
