import type { Message, MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import { afterEach, describe, expect, test } from "vitest";
import {
  createSimulator,
  type Exchange,
  type Reply,
  recordingMind,
  type Simulator,
  type SimulatorOptions,
} from "../src/index.js";
import {
  areThere,
  assemble,
  eventsIn,
  type RecordedExchange,
  recordedBetas,
  recordedExchanges,
  recordedMessages,
  recordedStreams,
  unlessMissing,
} from "./recorded.js";

const open: Simulator[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

/** Recordings are of models that are retired by now, and of the version of their time. */
async function start(options: SimulatorOptions): Promise<Simulator> {
  const simulator = await createSimulator({ retiredModels: true, ...options });
  open.push(simulator);
  return simulator;
}

async function post(simulator: Simulator, path: string, body: unknown): Promise<Answered> {
  const response = await fetch(simulator.url + path, {
    method: "POST",
    headers: {
      "x-api-key": "any",
      "anthropic-version": "2023-06-01",
      "anthropic-beta": recordedBetas.join(),
    },
    body: JSON.stringify(body),
  });
  return {
    status: response.status,
    isStream: String(response.headers.get("content-type")).startsWith("text/event-stream"),
    body: await response.text(),
  };
}

interface Answered {
  readonly status: number;
  readonly isStream: boolean;
  readonly body: string;
}

const exchanges = recordedExchanges();
const conversations = exchanges.filter(({ endpoint, isWhole }) => endpoint === "/v1/messages" && isWhole);

function replyOf({ status, body, isStream }: RecordedExchange): Reply {
  if (isStream) return { message: assemble(eventsIn(body)), events: eventsIn(body) };
  const json = JSON.parse(body);
  return status === 200 ? { message: json } : { status, error: json.error };
}

/** What must be the same in the answer; a request's id is the server's own. */
function told({ status, isStream, body }: Answered): unknown {
  if (isStream) return { status, events: eventsIn(body) };
  const { request_id: _, ...rest } = JSON.parse(body);
  return { status, ...rest };
}

const question: MessageCreateParams = {
  model: "claude-haiku-5-5",
  max_tokens: 1_000,
  messages: [{ role: "user", content: "Hello" }],
};

const emptyMessage: Message = JSON.parse(
  '{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"","stop_reason":"end_turn","usage":{"input_tokens":0,"output_tokens":0}}',
);

const unsaid = { stop_sequence: null, stop_details: null };

describe.skipIf(!areThere)(`recorded traffic, played${unlessMissing}`, () => {
  test("every exchange with /v1/messages is read back as it was recorded: events, messages and errors", async () => {
    expect(conversations.length).toBeGreaterThan(190);
    expect(exchanges.filter(({ isWhole }) => !isWhole).length).toBeLessThan(15);
    const mind = recordingMind(
      conversations.map((exchange): Exchange => ({ request: exchange.request, reply: replyOf(exchange) })),
    );
    const simulator = await start({ mind });
    for (const exchange of conversations) {
      const answered = await post(simulator, exchange.endpoint, exchange.request);
      expect([exchange.name, told(answered)]).toEqual([exchange.name, told(exchange)]);
    }
    expect(simulator.requests).toHaveLength(conversations.length);
  });

  test("every recorded stream is read back event by event", async () => {
    const streams = recordedStreams();
    expect(streams.length).toBeGreaterThan(25);
    for (const [name, events] of streams) {
      // Some are of streams that no message can be made of.
      const simulator = await start({ mind: () => ({ message: emptyMessage, events }) });
      const { body } = await post(simulator, "/v1/messages", { ...question, stream: true });
      expect([name, eventsIn(body)]).toEqual([name, events]);
      expect(body.match(/^event: .*/gm)).toEqual(events.map(({ type }) => `event: ${type}`));
    }
  });

  test("every recorded message is read back whole, and the same when it is cut into a new stream", async () => {
    const messages: (readonly [string, Message])[] = [
      ...recordedMessages(),
      ...conversations
        .filter(({ status, isStream }) => status === 200 && !isStream)
        .map(({ name, body }) => [name, JSON.parse(body)] as const),
    ];
    expect(messages.length).toBeGreaterThan(140);
    for (const [name, message] of messages) {
      const simulator = await start({ mind: () => ({ message }) });
      expect([name, JSON.parse((await post(simulator, "/v1/messages", question)).body)]).toEqual([
        name,
        message,
      ]);
      const { body } = await post(simulator, "/v1/messages", { ...question, stream: true });
      // A new stream says outright what some messages were recorded without.
      expect([name, assemble(eventsIn(body))]).toEqual([name, { ...unsaid, ...message }]);
      await simulator.close();
    }
  });

  test("tokens are counted in the recorded shape, though the number is an estimate", async () => {
    const counts = exchanges.filter(({ endpoint }) => endpoint === "/v1/messages/count_tokens");
    expect(counts.length).toBeGreaterThan(3);
    const simulator = await start({});
    for (const { endpoint, request, body } of counts) {
      const answered = await post(simulator, endpoint, request);
      expect(JSON.parse(answered.body)).toEqual({ input_tokens: expect.any(Number) });
      const off = JSON.parse(answered.body).input_tokens / JSON.parse(body).input_tokens;
      expect(off).toBeGreaterThan(0.1);
      expect(off).toBeLessThan(10);
    }
  });

  test("what was recorded of other endpoints is not simulated, and is refused as unknown", async () => {
    const others = exchanges.filter(({ endpoint }) => !/^\/v1\/messages(\/count_tokens)?$/.test(endpoint));
    expect(others.length).toBeGreaterThan(0);
    const simulator = await start({});
    for (const { endpoint } of others) expect((await post(simulator, endpoint, {})).status).toBe(404);
  });
});
