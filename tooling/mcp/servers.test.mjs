// mcpTools() with public MCP servers, which stand on the protocol's code of the version before.
// Needs a build: npm test, then npm --prefix tooling/mcp run check
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import Anthropic from "@anthropic-ai/sdk";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createServer as createEverything } from "@modelcontextprotocol/server-everything/dist/server/index.js";
import { claude, memoryStore, run } from "../../packages/core/dist/index.js";
import { mcpTools } from "../../packages/mcp/dist/index.js";
import { createSimulator, scripted, scriptMind, toolUse } from "../../packages/testing/dist/index.js";
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
    [toolUse("files__read_text_file", { path: notes }, "toolu_1")],
    [toolUse("files__write_file", { path: list, content: "milk" }, "toolu_2")],
    [toolUse("files__read_text_file", { path: "/etc/hostname" }, "toolu_3")],
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
  const read = toolNamed(files, "files__read_text_file");
  const write = toolNamed(files, "files__write_file");
  assert.deepEqual([read.effects, read.acts], ["none", false]);
  assert.deepEqual([write.effects, write.acts, write.needsApproval], ["idempotent", true, true]);
  const { files: stranger } = await filesystem(context);
  assert.deepEqual(new Set(stranger.tools.map(({ effects }) => effects)), new Set(["once"]));
});

test("the filesystem server: what it says of its tools is pinned, and is the same the next time", async (context) => {
  const pins = join(await mkdtemp(join(tmpdir(), "lockstitch-")), "pins.json");
  context.after(() => rm(dirname(pins), { recursive: true }));
  const { files } = await filesystem(context, { pins });
  const kept = JSON.parse(await readFile(pins, "utf8")).files;
  assert.deepEqual(
    Object.keys(kept)
      .map((tool) => `files__${tool}`)
      .sort(),
    files.tools.map(({ name }) => name).sort(),
  );
  const { files: again } = await filesystem(context, { pins });
  assert.deepEqual(again.changes, []);
  kept.read_text_file.definition.description = "Reads.";
  await writeFile(pins, JSON.stringify({ files: kept }));
  await assert.rejects(() => filesystem(context, { pins }), /pin of "read_text_file" .* is damaged/);
});

test("the everything server: it is started again when its process was ended", async (context) => {
  const pids = [];
  const tellPid = "data:text/javascript,process.stderr.write('pid '+process.pid+' ')";
  const all = await mcpTools({
    ...everythingByPipe,
    args: ["--import", tellPid, ...everythingByPipe.args],
    onStderr: (text) => pids.push(...[...text.matchAll(/pid (\d+) /g)].map(([, pid]) => Number(pid))),
  });
  context.after(() => all.close());
  const echo = (message) => toolNamed(all, "all__echo").run({ message }, call());
  assert.deepEqual(await echo("one"), [text("Echo: one")]);
  process.kill(pids[0], "SIGKILL");
  // The call that finds out is not made twice, for it may have happened; so it may fail, and the next may not.
  await Promise.allSettled([echo("lost")]);
  assert.deepEqual(await echo("two"), [text("Echo: two")]);
  assert.equal(new Set(pids).size, 2);
});

test("the everything server: a session with its image goes on", async (context) => {
  const all = await mcpTools(everythingByPipe);
  context.after(() => all.close());
  const replies = [{ content: [toolUse("all__get-tiny-image", {})] }, "A tiny image.", "Still."];
  const simulator = await createSimulator({ mind: scriptMind(replies) });
  context.after(() => simulator.close());
  const client = new Anthropic({ baseURL: simulator.url, apiKey: "any" });
  const options = { claude: claude({ client }), store: memoryStore(), session: "s" };
  const first = await run({ tools: all.tools }, "Look.", options);
  assert.match(JSON.stringify(first.messages[2]), /"media_type":"image\/png"/);
  const second = await run({ tools: all.tools }, "And?", options);
  assert.deepEqual([first.text, second.text], ["A tiny image.", "Still."]);
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
    const ask = (name, input) => toolNamed(all, `all__${name}`).run(input, call());
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
    const long = toolNamed(all, "all__trigger-long-running-operation");
    const stopping = new AbortController();
    const told = [];
    const progress = (value) => {
      told.push(value);
      stopping.abort();
    };
    // Long enough to be far from done when the first word of it comes, however busy the machine is.
    const calling = long.run({ duration: 5, steps: 50 }, call({ signal: stopping.signal, progress }));
    await assert.rejects(async () => calling);
    assert.deepEqual(told, [{ progress: 1, total: 50 }]);
  });
}

test("no variable of this process reaches the everything server", async (context) => {
  process.env.LOCKSTITCH_TEST_SECRET = "top-secret";
  context.after(() => delete process.env.LOCKSTITCH_TEST_SECRET);
  const all = await mcpTools({ ...everythingByPipe, env: { GIVEN: "given" } });
  context.after(() => all.close());
  const shown = JSON.stringify(await toolNamed(all, "all__get-env").run({}, call()));
  assert.match(shown, /GIVEN/);
  assert.doesNotMatch(shown, /top-secret/);
});
