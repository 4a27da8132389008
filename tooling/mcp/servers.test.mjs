// mcpTools() with public MCP servers, which stand on the protocol's code of the version before.
// Needs a build: npm test, then npm --prefix tooling/mcp run check
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import Anthropic from "@anthropic-ai/sdk";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createServer as createEverything } from "@modelcontextprotocol/server-everything/dist/server/index.js";
import { claude, run } from "../../packages/core/dist/index.js";
import { mcpTools } from "../../packages/mcp/dist/index.js";
import { createSimulator, scripted, toolUse } from "../../packages/testing/dist/index.js";
import { call, toolNamed } from "./call.mjs";

const program = (name) =>
  fileURLToPath(import.meta.resolve(`@modelcontextprotocol/server-${name}/dist/index.js`));
const text = (words) => ({ type: "text", text: words });

async function filesystem(context, options) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "lockstitch-")));
  await writeFile(join(folder, "notes.txt"), "Buy milk.");
  const server = { name: "files", command: process.execPath, args: [program("filesystem"), folder] };
  const files = await mcpTools(server, options);
  context.after(async () => {
    await files.close();
    await rm(folder, { recursive: true });
  });
  return { folder, files };
}

test("the filesystem server: an agent reads and writes, and a mistake is told in the server's words", async (context) => {
  const { folder, files } = await filesystem(context, { trusted: true });
  const [notes, list] = ["notes.txt", "list.txt"].map((name) => join(folder, name));
  const model = scripted([
    [toolUse("files_read_text_file", { path: notes }, "toolu_1")],
    [toolUse("files_write_file", { path: list, content: "milk" }, "toolu_2")],
    [toolUse("files_read_text_file", { path: "/etc/hostname" }, "toolu_3")],
    "Done.",
  ]);
  const tools = files.tools.map((tool) => ({ ...tool, needsApproval: false }));
  const { messages } = await run({ tools }, "Make a list of my notes.", { claude: model });
  const [read, written, refused] = [2, 4, 6].map((index) => messages[index].content[0]);
  assert.match(JSON.stringify(read.content), /Buy milk\./);
  assert.equal(written.is_error, undefined);
  assert.equal(await readFile(list, "utf8"), "milk");
  assert.equal(refused.is_error, true);
  assert.match(JSON.stringify(refused.content), /outside allowed directories/);
});

test("the filesystem server: its annotations are believed where it is trusted", async (context) => {
  const { files } = await filesystem(context, { trusted: true });
  const read = toolNamed(files, "files_read_text_file");
  const write = toolNamed(files, "files_write_file");
  assert.equal(read.effects, "none");
  assert.deepEqual([write.effects, write.needsApproval], ["idempotent", true]);
  const { files: stranger } = await filesystem(context);
  assert.deepEqual(new Set(stranger.tools.map(({ effects }) => effects)), new Set(["once"]));
});

test("the definitions of both servers are taken by the simulated API as they are", async (context) => {
  const { files } = await filesystem(context);
  const everything = await mcpTools(everythingByPipe);
  context.after(() => everything.close());
  const simulator = await createSimulator({ mind: () => "Fine." });
  context.after(() => simulator.close());
  const client = new Anthropic({ baseURL: simulator.url, apiKey: "any" });
  const tools = [...files.tools, ...everything.tools];
  const result = await run({ tools }, "Hello.", { claude: claude({ client }) });
  assert.equal(result.text, "Fine.");
  assert.ok(tools.length > 20);
  assert.deepEqual(everything.notes, []);
});

const everythingByPipe = { name: "all", command: process.execPath, args: [program("everything"), "stdio"] };

/** The same server behind HTTP on this machine; its own program would listen on all addresses. */
async function everythingByHttp(context) {
  const sessions = new Map();
  const node = createServer(async (request, response) => {
    let transport = sessions.get(request.headers["mcp-session-id"]);
    if (transport === undefined) {
      transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (session) => sessions.set(session, transport),
      });
      const { server, cleanup } = createEverything();
      context.after(() => cleanup());
      await server.connect(transport);
    }
    await transport.handleRequest(request, response);
  });
  await new Promise((resolve) => node.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    node.closeAllConnections();
    node.close();
  });
  return { name: "all", url: `http://127.0.0.1:${node.address().port}/mcp` };
}

for (const [way, server] of [
  ["standard input and output", async () => everythingByPipe],
  ["HTTP", everythingByHttp],
]) {
  test(`the everything server over ${way}: text, images, resources, structure, mistakes`, async (context) => {
    const all = await mcpTools(await server(context), { trusted: true });
    context.after(() => all.close());
    const ask = (name, input) => toolNamed(all, `all_${name}`).run(input, call());
    assert.deepEqual(await ask("echo", { message: "hi" }), [text("Echo: hi")]);
    const image = (await ask("get-tiny-image", {})).find(({ type }) => type === "image");
    assert.equal(image.source.media_type, "image/png");
    assert.deepEqual(await ask("get-structured-content", { location: "Chicago" }), [
      text('{"temperature":36,"conditions":"Light rain / drizzle","humidity":82}'),
    ]);
    const links = await ask("get-resource-links", { count: 2 });
    assert.match(links.at(-1).text, /^\[resource .*demo:\/\/resource/);
    const embedded = await ask("get-resource-reference", { resourceType: "Text", resourceId: 1 });
    assert.ok(embedded.some((block) => block.text?.startsWith("[resource demo://resource")));
    await assert.rejects(async () => ask("get-sum", { a: "x" }), /its content blocks say how/);
  });

  test(`the everything server over ${way}: progress comes, and a call can be cancelled`, async (context) => {
    const all = await mcpTools(await server(context));
    context.after(() => all.close());
    const long = toolNamed(all, "all_trigger-long-running-operation");
    const stopping = new AbortController();
    const told = [];
    const progress = (value) => {
      told.push(value);
      stopping.abort();
    };
    const calling = long.run({ duration: 0.05, steps: 5 }, call({ signal: stopping.signal, progress }));
    await assert.rejects(async () => calling);
    assert.equal(told[0].total, 5);
  });
}

test("no variable of this process reaches the everything server", async (context) => {
  process.env.LOCKSTITCH_TEST_SECRET = "top-secret";
  context.after(() => delete process.env.LOCKSTITCH_TEST_SECRET);
  const all = await mcpTools({ ...everythingByPipe, env: { GIVEN: "given" } });
  context.after(() => all.close());
  const shown = JSON.stringify(await toolNamed(all, "all_get-env").run({}, call()));
  assert.match(shown, /GIVEN/);
  assert.doesNotMatch(shown, /top-secret/);
});
