// How long after its block has ended does a tool without effects start, while the reply streams on?
// A real HTTP server sends a whole tool call, then keeps the reply open for half a second: node bench/eager.mjs
import { createServer } from "node:http";
import Anthropic from "@anthropic-ai/sdk";
import { claude, run } from "@lockstitch/core";
import { streamEvents } from "@lockstitch/testing";

const rounds = 40;
const tailMs = 500;
let blockEndedAt = 0;

const reply = (content, stop_reason) => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-haiku-5-5",
  content,
  stop_reason,
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
});
const asks = reply([{ type: "tool_use", id: "toolu_1", name: "look", input: { city: "Oslo" } }], "tool_use");
const answers = reply([{ type: "text", text: "Done." }], "end_turn");
// Inside Lockstitch a block's stop may carry the finished block; the API sends it bare.
const asSent = ({ content_block: block, ...event }) =>
  event.type === "content_block_start" ? { ...event, content_block: block } : event;
const write = (response, event) =>
  response.write(`event: ${event.type}\ndata: ${JSON.stringify(asSent(event))}\n\n`);

const server = createServer((request, response) => {
  let body = "";
  request.on("data", (piece) => {
    body += piece;
  });
  request.on("end", async () => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const isFirst = !body.includes("tool_result");
    for (const event of streamEvents(isFirst ? asks : answers)) {
      write(response, event);
      if (isFirst && event.type === "content_block_stop") {
        blockEndedAt = performance.now();
        await new Promise((resolve) => setTimeout(resolve, tailMs));
      }
    }
    response.end();
  });
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

async function measure(eager) {
  const delays = [];
  const look = {
    name: "look",
    effects: "none",
    parse: (input) => input,
    run: () => delays.push(performance.now() - blockEndedAt),
  };
  const client = new Anthropic({ apiKey: "bench", baseURL: `http://127.0.0.1:${server.address().port}` });
  const options = { claude: claude({ client }) };
  for (let round = 0; round < rounds; round++) await run({ tools: [look], eager }, "Go.", options);
  const sorted = delays.slice(5).sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)], worst: sorted.at(-1) };
}

const show = (name, { median, worst }) =>
  console.log(`${name}: median ${median.toFixed(2)} ms, worst ${worst.toFixed(2)} ms after the block's end`);
const eager = await measure(true);
show("eager", eager);
show("after the reply", await measure(false));
server.close();
process.exit(eager.median <= 5 ? 0 : 1);
