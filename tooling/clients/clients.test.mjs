// The SDK's clients for Amazon Bedrock and Google Vertex AI, against a server on this machine that speaks each one's protocol.
// Needs a build: npm test, then npm --prefix tooling/clients run check
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { AnthropicBedrock } from "@anthropic-ai/bedrock-sdk";
import { AnthropicVertex } from "@anthropic-ai/vertex-sdk";
import { EventStreamCodec } from "@smithy/eventstream-codec";
import { claude, run } from "../../packages/core/dist/index.js";
import { streamEvents } from "../../packages/testing/dist/index.js";

const reply = {
  ...{
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-haiku-4-5",
    stop_reason: "end_turn",
    stop_sequence: null,
  },
  content: [{ type: "text", text: "Hello there." }],
  usage: { input_tokens: 1, output_tokens: 2 },
};
const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString("utf8"),
  (text) => Buffer.from(text),
);
const header = (value) => ({ type: "string", value });

// Inside Lockstitch a block's stop may carry the finished block; the API sends it bare.
const asSent = ({ content_block: block, ...event }) =>
  event.type === "content_block_start" ? { ...event, content_block: block } : event;

const asBedrock = (event) =>
  codec.encode({
    headers: {
      ":message-type": header("event"),
      ":event-type": header("chunk"),
      ":content-type": header("application/json"),
    },
    body: Buffer.from(JSON.stringify({ bytes: Buffer.from(JSON.stringify(event)).toString("base64") })),
  });
const asServerSentEvent = (event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

const events = [...streamEvents(reply)].map(asSent);
test("a block's end is sent without the block, as the API does", () => {
  const withBlock = events.filter((event) => "content_block" in event).map(({ type }) => type);
  assert.deepEqual(withBlock, ["content_block_start"]);
});

let requests = [];
const server = createServer((request, response) => {
  requests.push(request.url);
  const fails = requests.length === 1;
  request.resume().on("end", () => {
    if (fails)
      return response
        .writeHead(529, { "content-type": "application/json" })
        .end('{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}');
    const isBedrock = request.url.includes("/invoke");
    response.writeHead(200, {
      "content-type": isBedrock ? "application/vnd.amazon.eventstream" : "text/event-stream",
    });
    for (const event of events) response.write(isBedrock ? asBedrock(event) : asServerSentEvent(event));
    response.end();
  });
});
let baseURL = "";
before(async () => {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseURL = `http://127.0.0.1:${server.address().port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const clients = {
  bedrock: () =>
    new AnthropicBedrock({ awsRegion: "us-east-1", awsAccessKey: "a", awsSecretKey: "b", baseURL }),
  vertex: () => {
    const authClient = {
      getRequestHeaders: async () => new Headers({ authorization: "Bearer t" }),
      projectId: "p",
    };
    return new AnthropicVertex({ region: "us-east5", projectId: "p", baseURL: `${baseURL}/v1`, authClient });
  },
};

for (const [name, make] of Object.entries(clients)) {
  test(`a run goes over the ${name} client, tries again by its own rules and no other, and streams`, async () => {
    requests = [];
    const pieces = [];
    const result = await run({ model: "claude-haiku-4-5" }, "Hi", {
      claude: claude({ client: make() }),
      environment: { now: Date.now, random: () => 0, id: () => name, sleep: async () => {} },
      onEvent: (event) => event.type === "message.delta" && pieces.push(event.delta.text),
    });
    assert.equal(result.text, "Hello there.");
    assert.equal(pieces.join(""), "Hello there.");
    assert.equal(requests.length, 2);
  });
}
