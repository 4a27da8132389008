// serveMcp(), with the official client of the version before.
// Needs a build: npm test, then npm --prefix tooling/mcp run check
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { memoryStore } from "../../packages/core/dist/index.js";
import { serveMcp } from "../../packages/mcp/dist/index.js";
import { scripted, toolUse } from "../../packages/testing/dist/index.js";

const text = (words) => ({ type: "text", text: words });

async function connected(context, transport) {
  const client = new Client({ name: "test", version: "1.0.0" });
  await client.connect(transport);
  context.after(() => client.close());
  return client;
}

async function overHttp(context, agent, options) {
  const served = serveMcp(agent, { description: "Knows things.", ...options });
  const handle = toNodeHandler(served);
  const node = createServer((request, response) => void handle(request, response));
  await new Promise((resolve) => node.listen(0, "127.0.0.1", resolve));
  context.after(async () => {
    await served.close();
    node.closeAllConnections();
    node.close();
  });
  return connected(
    context,
    new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${node.address().port}/`)),
  );
}

test("over standard input and output, the agent answers", async (context) => {
  const script = fileURLToPath(new URL("agent.mjs", import.meta.url));
  const transport = new StdioClientTransport({ command: process.execPath, args: [script] });
  const client = await connected(context, transport);
  const { tools } = await client.listTools();
  assert.deepEqual(
    tools.map(({ name, description }) => [name, description]),
    [["ask_greeter", "Greets."]],
  );
  const { content } = await client.callTool({ name: "ask_greeter", arguments: { input: "Hi" } });
  assert.deepEqual(content, [text("Hello.")]);
});

test("over HTTP, the agent tells of its progress, and goes on with a session", async (context) => {
  const look = { name: "look", effects: "none", parse: (input) => input, run: () => "rain" };
  const claude = scripted([[toolUse("look", {}, "toolu_1")], "It rains.", "Still."]);
  const client = await overHttp(context, { tools: [look] }, { claude, store: memoryStore() });
  const told = [];
  const first = await client.callTool({ name: "ask", arguments: { input: "Rain?" } }, undefined, {
    onprogress: ({ message }) => told.push(message),
  });
  assert.deepEqual(told, ["step 1", "uses look", "used look: ok", "step 2"]);
  const { session } = first.structuredContent;
  assert.deepEqual(first.content, [text("It rains."), text(`(session: ${session})`)]);
  const second = await client.callTool({ name: "ask", arguments: { input: "And now?", session } });
  assert.equal(second.structuredContent.text, "Still.");
});

test("an input that does not fit is refused before it costs anything", async (context) => {
  const client = await overHttp(context, {}, { claude: scripted([]) });
  const { isError, content } = await client.callTool({ name: "ask", arguments: { question: "Hi" } });
  assert.equal(isError, true);
  assert.match(content[0].text, /input/);
});
