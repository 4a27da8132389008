import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Tool, ToolCall } from "@lockstitch/core";
import { refuseMessageRequest } from "@lockstitch/testing";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { onTestFinished, vi } from "vitest";
import type { StdioServer } from "../src/index.js";

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lockstitch-mcp-"));
  // A server that is ending just now may still write into it.
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/**
 * Does something while no timer rings. Whoever closes a connection gives the other side a second or two to end by itself, and then
 * cuts it off: on a machine that stands still for so long, it would be cut off in the middle of what the test is about.
 */
export async function withoutTimers<Value>(work: () => Promise<Value>): Promise<Value> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    return await work();
  } finally {
    vi.useRealTimers();
  }
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

export const text = (words: string): { type: "text"; text: string }[] => [{ type: "text", text: words }];

interface RawServer {
  /** Sent as they stand here, whatever the protocol says of them. */
  readonly tools: unknown;
  /** A page of the list. Default: all of `tools`. */
  readonly list?: (parameters: { readonly cursor?: string } | undefined) => object;
  readonly call?: (parameters: Readonly<Record<string, unknown>>) => unknown;
  /** Default: the one before the newest. */
  readonly protocol?: "2025-06-18" | "2026-07-28";
  /** Changes what is sent: what no library could write. */
  readonly spoil?: (json: string) => string;
  readonly onRequest?: (request: Request) => unknown;
}

/** A server that stands on nobody's code: what it says, a library's server would not let it say. */
export function rawServer(server: RawServer): Promise<string> {
  const { tools, call = () => ({ content: [] }), protocol = "2025-06-18", spoil = (json) => json } = server;
  const isNewest = protocol === "2026-07-28";
  const capabilities = { tools: {} };
  const serverInfo = { name: "raw", version: "1.0.0" };
  const answers: Readonly<Record<string, (parameters: never) => unknown>> = {
    "tools/list":
      server.list ?? (() => ({ tools, ...(isNewest ? { ttlMs: 0, cacheScope: "private" } : {}) })),
    "tools/call": call,
    ...(isNewest
      ? {
          "server/discover": () => ({
            supportedVersions: [protocol],
            capabilities,
            ttlMs: 0,
            cacheScope: "private",
          }),
        }
      : { initialize: () => ({ protocolVersion: protocol, capabilities, serverInfo }) }),
  };
  return listen(async (request) => {
    server.onRequest?.(request);
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const { id, method, params } = (await request.json()) as { id?: number; method: string; params?: never };
    if (id === undefined) return new Response(null, { status: 202 });
    const answer = answers[method];
    const complete = isNewest ? { resultType: "complete" } : {};
    const said =
      answer === undefined
        ? { error: { code: -32_601, message: "Method not found" } }
        : { result: { ...complete, ...(answer(params as never) as object) } };
    const headers = { "content-type": "application/json" };
    return new Response(spoil(JSON.stringify({ jsonrpc: "2.0", id, ...said })), { headers });
  });
}

/** What the API would say to a request with a tool of this schema; `undefined` where it takes it. */
export function schemaRefusal(inputSchema: unknown): string | undefined {
  const tools = [{ name: "a", input_schema: inputSchema }];
  const messages = [{ role: "user", content: "Hi." }];
  const request = { model: "claude-sonnet-5-5", max_tokens: 100, messages, tools };
  return refuseMessageRequest(request, { version: "2026-10-21", betas: [] });
}
