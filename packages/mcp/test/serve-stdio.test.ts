import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { withoutTimers } from "./support.js";

const scriptOf = (name: string) => fileURLToPath(new URL(`./servers/${name}.mjs`, import.meta.url));
/** It says so on its standard error when `stdio()` has resolved. */
const greeter = scriptOf("agent");

const line = (message: object) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`;
const clientInfo = { name: "test", version: "1.0.0" };
const greeting = line({
  ...{ id: 1, method: "initialize" },
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo },
});
const question = line({
  ...{ id: 2, method: "tools/call" },
  params: { name: "ask", arguments: { input: "x" } },
});

interface Started {
  readonly server: ChildProcessWithoutNullStreams;
  /** Its standard error, all of it so far. */
  heard(): string;
}

function start(script: string): Started {
  const server = spawn(process.execPath, [script]);
  onTestFinished(() => void server.kill());
  let heard = "";
  server.stderr.on("data", (bytes: Uint8Array) => {
    heard += new TextDecoder().decode(bytes);
  });
  // It may end before it has read all.
  server.stdin.on("error", () => {});
  return { server, heard: () => heard };
}

describe("an agent that is served over standard input and output", () => {
  it("answers, and ends when the client has gone", async () => {
    const client = new Client({ name: "test", version: "1.0.0" });
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [greeter],
      stderr: "pipe",
    });
    let heard = "";
    transport.stderr?.on("data", (bytes: Uint8Array) => {
      heard += new TextDecoder().decode(bytes);
    });
    await client.connect(transport);
    const answer = await client.callTool({ name: "ask_greeter", arguments: { input: "Hi" } });
    expect(answer.content).toEqual([{ type: "text", text: "Hello from the agent." }]);
    await withoutTimers(() => client.close());
    await vi.waitFor(() => expect(heard).toContain("gone"), 10_000);
  });

  it.each([
    ["no longer listens", greeting, true],
    ["sends more than 10 MB in a line", "x".repeat(11_000_000), false],
  ])("ends when the client %s", async (_what, words, isDeaf) => {
    const { server, heard } = start(greeter);
    if (isDeaf) server.stdout.destroy();
    server.stdin.write(words);
    expect(await once(server, "close")).toEqual([0, null]);
    expect(heard()).toBe("gone\n");
  });

  it("has its run aborted when the client has gone", async () => {
    const { server, heard } = start(scriptOf("waiting-agent"));
    server.stdin.write(greeting + question);
    await vi.waitFor(() => expect(heard()).toBe("asked\n"), 30_000);
    server.stdin.end();
    await once(server, "close");
    expect(heard()).toBe("asked\naborted\n");
  });
});
