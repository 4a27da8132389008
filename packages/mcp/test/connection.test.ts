import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createConnection } from "../src/connection.js";
import { failureOf } from "../src/failure.js";
import { mcpTools } from "../src/index.js";
import { callWith, listen, stdioServer, temporaryFolder, text, toolNamed } from "./support.js";

// Processes are started here: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000 });

/** A server that lists its tools in these words, one after the other, and has just said that they changed. */
async function changing(...lists: string[]) {
  const journal = `${await temporaryFolder()}/journal`;
  const script = fileURLToPath(new URL("./servers/changing.mjs", import.meta.url));
  const server = { name: "test", command: process.execPath, args: [script, journal, ...lists] };
  const test = await mcpTools(server);
  onTestFinished(() => test.close());
  const call = (name: string) => Promise.resolve(toolNamed(test.tools, `test__${name}`).run({}, callWith()));
  await call("announce");
  const calls = async () => (await readFile(journal, "utf8")).trim().split("\n").slice(2);
  return { echo: () => call("echo"), calls };
}

describe("after a server said that its tools changed, no call is made before they were looked at", () => {
  it("by any of those that are made side by side", async () => {
    const { echo, calls } = await changing("Good.", "Evil.");
    const all = await Promise.allSettled([echo(), echo(), echo()]);
    for (const call of all)
      expect(call).toMatchObject({
        reason: { message: expect.stringMatching(/echo was not called.*has changed/) },
      });
    expect(await calls()).toEqual(["list"]);
  });

  it("even where the server can't tell, which is said as it is", async () => {
    const { echo, calls } = await changing("Good.", "!", "!", "Evil.");
    for (let times = 0; times < 2; times++)
      await expect(echo()).rejects.toThrow(
        /^The MCP server test can't list its tools: no list today\. .* test__echo was not called\.$/,
      );
    await expect(echo()).rejects.toThrow(/has changed since it was accepted/);
    expect(await calls()).toEqual(["list", "list", "list"]);
  });

  it("nor before they were looked at again, where it said so once more meanwhile", async () => {
    const { echo, calls } = await changing("Good.", "~Good.", "Evil.");
    await expect(echo()).rejects.toThrow(/has changed since it was accepted/);
    expect(await calls()).toEqual(["list", "list"]);
  });

  it("so that there is none where it never stops saying so", async () => {
    const { echo, calls } = await changing("Good.", "~Good.");
    await expect(echo()).rejects.toThrow(
      /test changes its tools faster than they can be looked at.*echo was not called/,
    );
    expect(await calls()).not.toContain("echo");
  });

  it("and where the connection is lost over that, a new one is made", async () => {
    const { echo, calls } = await changing("Good.", "x", "Good.");
    expect(await echo()).toEqual(text("done"));
    expect(await calls()).toEqual(["list", "list", "echo"]);
  });
});

describe("closing the tools of a server", () => {
  it("fails the calls that are under way, over a connection that was given up too", async () => {
    let isUnderWay = false;
    const { fetch } = createMcpHandler(() => {
      const server = new McpServer({ name: "test", version: "1.0.0" });
      server.registerTool("slow", {}, async () => {
        isUnderWay = true;
        return new Promise(() => {});
      });
      server.registerTool("break", {}, () => ({ content: [] }));
      return server;
    });
    const url = await listen(async (request) => {
      if (!(await request.clone().text()).includes('"break"')) return fetch(request);
      const body = new ReadableStream({ start: (controller) => controller.close() });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    });
    const test = await mcpTools({ name: "web", url });
    const call = async (name: string) => toolNamed(test.tools, `web__${name}`).run({}, callWith());
    const slow = call("slow").catch((error: unknown) => error);
    await vi.waitFor(() => expect(isUnderWay).toBe(true), 10_000);
    await expect(call("break")).rejects.toThrow(/was lost/);
    await test.close();
    expect(String(await slow)).toMatch(/slow ran .*may or may not have had its effects/);
  });

  it("fails them at once, also where the server's process takes its time to end", async () => {
    const { server, journal } = await stdioServer({ env: { STUBBORN: "yes" } });
    const test = await mcpTools(server);
    const call = async (name: string) => toolNamed(test.tools, `test__${name}`).run({}, callWith());
    const [said] = (await call("process")) as { text: string }[];
    const { pid } = JSON.parse(said?.text ?? "") as { pid: number };
    const waited = call("wait").catch(String);
    await vi.waitFor(async () => expect(await journal()).toContain("wait"), 10_000);
    const closing = test.close();
    expect(await waited).toMatch(/lost while test__wait ran/);
    expect(() => process.kill(pid, "SIGKILL")).not.toThrow();
    await closing;
  });

  it("says of a call that would have been made again that it was made once", async () => {
    const { server, journal } = await stdioServer();
    const test = await mcpTools(server, { trusted: true });
    const wait = Promise.resolve(toolNamed(test.tools, "test__wait").run({}, callWith()));
    const waited = wait.catch((error: unknown) => error);
    await vi.waitFor(async () => expect(await journal()).toContain("wait"), 10_000);
    await test.close();
    expect(String(await waited)).toMatch(
      /tools of the MCP server test were closed.*wait was not called again/,
    );
  });
});

describe("a connection", () => {
  it("sends nothing once it has ended, and says so, so that the call is made over another", async () => {
    const { server, journal } = await stdioServer();
    const connection = createConnection(server, { connectTimeoutMs: 60_000, onTools: async () => {} });
    onTestFinished(() => connection.close());
    const client = await connection.open();
    await client.end();
    const options = { signal: new AbortController().signal, onProgress: () => {} };
    const call = client.call({ name: "wait", inputSchema: {} }, {}, options);
    expect(await call.catch(failureOf)).toBe("not_sent");
    expect(await journal()).toEqual(["start"]);
  });

  it("keeps nothing of one before it that was lost while nobody used it", async () => {
    const { server } = await stdioServer();
    const connection = createConnection(server, { connectTimeoutMs: 60_000, onTools: async () => {} });
    onTestFinished(() => connection.close());
    const lost = await (async () => {
      const client = await connection.open();
      const definition = { name: "process", inputSchema: {} };
      const answer = await client.call(
        definition,
        {},
        { signal: new AbortController().signal, onProgress: () => {} },
      );
      const { pid } = JSON.parse((answer.content as { text: string }[])[0]?.text ?? "") as { pid: number };
      process.kill(pid, "SIGKILL");
      return new WeakRef(client);
    })();
    await vi.waitFor(async () => expect((await connection.open()) === lost.deref()).toBe(false), 10_000);
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const collected = () => {
      collect();
      // Not the client itself: the assertion would hold it.
      expect(lost.deref() === undefined).toBe(true);
    };
    await vi.waitFor(collected, 10_000);
  });
});
