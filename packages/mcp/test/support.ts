import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Tool, ToolCall } from "@lockstitch/core";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { onTestFinished } from "vitest";
import type { StdioServer } from "../src/index.js";

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lockstitch-mcp-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface TestServer {
  readonly server: StdioServer;
  readonly folder: string;
  /** While this file exists, the server's tool `echo` has another description. */
  readonly marker: string;
  journal(): Promise<readonly string[]>;
}

export async function stdioServer(more: Partial<StdioServer> = {}): Promise<TestServer> {
  const folder = await temporaryFolder();
  const [journal, marker] = [join(folder, "journal"), join(folder, "changed")];
  const script = fileURLToPath(new URL("./servers/stdio.mjs", import.meta.url));
  return {
    folder,
    marker,
    server: { name: "test", command: process.execPath, args: [script, journal, marker], ...more },
    journal: async () => (await readFile(journal, "utf8")).trim().split("\n"),
  };
}

/** A fetch handler behind a real HTTP server on this machine. */
export async function listen(fetch: (request: Request) => Promise<Response>): Promise<string> {
  const handle = toNodeHandler({ fetch });
  const node = createServer(
    (request, response) => void handle(request as Parameters<typeof handle>[0], response),
  );
  await new Promise<void>((resolve) => void node.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    node.closeAllConnections();
    node.close();
  });
  return `http://127.0.0.1:${(node.address() as AddressInfo).port}/mcp`;
}

export function toolNamed<Input>(tools: readonly Tool<Input>[], name: string): Tool<Input> {
  const found = tools.find((tool) => tool.name === name);
  if (found === undefined)
    throw new Error(`There is no ${name} among ${tools.map((it) => it.name).join(", ")}`);
  return found;
}

/** A call as the run makes it, for a tool that is tried by itself. */
export function callWith(more: Partial<ToolCall> = {}): ToolCall {
  return {
    session: "s",
    toolUseId: "toolu_1",
    idempotencyKey: "s:toolu_1",
    fence: 1,
    signal: new AbortController().signal,
    maxResultLength: 1_000,
    resultOf: () => undefined,
    progress: () => {},
    run: () => Promise.reject(new Error("not here")),
    ...more,
  };
}
