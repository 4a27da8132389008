import { inspect } from "node:util";
import {
  createMcpHandler,
  McpServer,
  Server,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { mcpTools } from "../src/index.js";
import { callWith, listen, toolNamed } from "./support.js";

const text = (words: string) => [{ type: "text" as const, text: words }];

interface Seen {
  readonly calls: string[];
  cancelled: number;
}

function makeServer(seen: Seen): McpServer {
  const server = new McpServer({ name: "test", version: "1.0.0" });
  const input = { inputSchema: z.object({ text: z.string() }) };
  server.registerTool("echo", { ...input, annotations: { readOnlyHint: true } }, ({ text: words }) => {
    seen.calls.push("echo");
    return { content: text(words) };
  });
  server.registerTool("slow", {}, async ({ mcpReq }) => {
    seen.calls.push("slow");
    const progressToken = mcpReq._meta?.progressToken;
    if (progressToken !== undefined)
      await mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress: 1 } });
    await new Promise((resolve) => mcpReq.signal.addEventListener("abort", resolve));
    seen.cancelled += 1;
    return { content: [] };
  });
  return server;
}

/** A server of the protocol before, which keeps sessions and forgets them when it is started again. */
function sessionful(seen: Seen): { fetch(request: Request): Promise<Response>; restart(): void } {
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();
  return {
    restart: () => sessions.clear(),
    fetch: async (request) => {
      const id = request.headers.get("mcp-session-id");
      const known = id === null ? undefined : sessions.get(id);
      if (known !== undefined) return known.handleRequest(request);
      if (id !== null) return new Response("Session not found", { status: 404 });
      const transport = new WebStandardStreamableHTTPServerTransport({
        sessionIdGenerator: () => crypto.randomUUID(),
        onsessioninitialized: (session) => void sessions.set(session, transport),
        onsessionclosed: () => void seen.calls.push("session closed"),
      });
      await makeServer(seen).connect(transport);
      return transport.handleRequest(request);
    },
  };
}

describe("a server over HTTP", () => {
  it("lends its tools, is sent the headers, tells of progress, and is told of a cancelled call", async () => {
    const seen: Seen = { calls: [], cancelled: 0 };
    const headers: (string | null)[] = [];
    const { fetch } = createMcpHandler(() => makeServer(seen));
    const url = await listen((request) => {
      headers.push(request.headers.get("authorization"));
      return fetch(request);
    });
    await using test = await mcpTools({ name: "web", url, headers: { authorization: "Bearer abc" } });
    expect(await toolNamed(test.tools, "web__echo").run({ text: "hi" }, callWith())).toEqual(text("hi"));
    expect(new Set(headers)).toEqual(new Set(["Bearer abc"]));
    const stopping = new AbortController();
    const told: unknown[] = [];
    const progress = (value: unknown) => {
      told.push(value);
      stopping.abort();
    };
    const slow = toolNamed(test.tools, "web__slow").run({}, callWith({ signal: stopping.signal, progress }));
    await expect(slow).rejects.toThrow();
    expect(told).toEqual([{ progress: 1 }]);
    await vi.waitFor(() => expect(seen.cancelled).toBe(1));
  });

  it("may be of the protocol before, and is told when its session is over", async () => {
    const seen: Seen = { calls: [], cancelled: 0 };
    const url = await listen(sessionful(seen).fetch);
    const test = await mcpTools({ name: "web", url });
    expect(await toolNamed(test.tools, "web__echo").run({ text: "hi" }, callWith())).toEqual(text("hi"));
    await test.close();
    expect(seen.calls).toEqual(["echo", "session closed"]);
  });

  it("may be started again: a call that it did not take is sent again, once, in a new session", async () => {
    const seen: Seen = { calls: [], cancelled: 0 };
    const server = sessionful(seen);
    const url = await listen(server.fetch);
    await using test = await mcpTools({ name: "web", url });
    server.restart();
    expect(await toolNamed(test.tools, "web__echo").run({ text: "hi" }, callWith())).toEqual(text("hi"));
    expect(seen.calls).toEqual(["echo"]);
  });
});

describe("the tools of a server over HTTP", () => {
  it("are taken from all pages of its list", async () => {
    const paged = () => {
      const server = new Server({ name: "paged", version: "1.0.0" }, { capabilities: { tools: {} } });
      server.setRequestHandler("tools/list", ({ params }) => {
        const page = Number(params?.cursor ?? 0);
        const tools = [{ name: `tool_${page}`, inputSchema: { type: "object" as const } }];
        return page < 3 ? { tools, nextCursor: String(page + 1) } : { tools };
      });
      return server;
    };
    const url = await listen(createMcpHandler(paged).fetch);
    await using test = await mcpTools({ name: "web", url });
    expect(test.tools.map(({ name }) => name)).toEqual([0, 1, 2, 3].map((page) => `web__tool_${page}`));
  });

  it("may give what doesn't fit their own output schema: by then it has happened", async () => {
    const careless = () => {
      const server = new Server({ name: "careless", version: "1.0.0" }, { capabilities: { tools: {} } });
      const object = { type: "object" as const };
      const outputSchema = { ...object, properties: { n: { type: "number" } }, required: ["n"] };
      server.setRequestHandler("tools/list", () => ({
        tools: [{ name: "a", inputSchema: object, outputSchema }],
      }));
      server.setRequestHandler("tools/call", () => ({ content: [], structuredContent: { n: "none" } }));
      return server;
    };
    const url = await listen(createMcpHandler(careless).fetch);
    await using test = await mcpTools({ name: "web", url });
    expect(await toolNamed(test.tools, "web__a").run({}, callWith())).toEqual(text('{"n":"none"}'));
  });

  it("are looked at again when the server says that they changed", async () => {
    let description = "Good.";
    const handler = createMcpHandler(() => {
      const server = new McpServer(
        { name: "test", version: "1.0.0" },
        { capabilities: { tools: { listChanged: true } } },
      );
      server.registerTool("echo", { description }, () => ({ content: text("fine") }));
      return server;
    });
    const url = await listen(handler.fetch);
    await using test = await mcpTools({ name: "web", url });
    const echo = async () => toolNamed(test.tools, "web__echo").run({}, callWith());
    expect(await echo()).toEqual(text("fine"));
    description = "Evil.";
    expect(await echo()).toEqual(text("fine"));
    handler.notify.toolsChanged();
    await vi.waitFor(() => expect(echo()).rejects.toThrow(/has changed since it was accepted/));
    expect(test.changes).toMatchObject([{ kind: "changed", parts: ["description"] }]);
    await handler.close();
  });
});

describe("a connection that breaks while a call is under way", () => {
  /** The answer to a call breaks off before it comes, as often as it is told to. */
  const breaking = (seen: Seen, times: number) => {
    const { fetch } = createMcpHandler(() => makeServer(seen));
    let left = times;
    return listen(async (request) => {
      if (!(await request.clone().text()).includes('"tools/call"') || left-- <= 0) return fetch(request);
      seen.calls.push("broken");
      const body = new ReadableStream({ start: (controller) => controller.close() });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    });
  };

  it("fails the call, which may have happened", async () => {
    const seen: Seen = { calls: [], cancelled: 0 };
    await using test = await mcpTools({ name: "web", url: await breaking(seen, 1) });
    const echo = toolNamed(test.tools, "web__echo");
    await expect(echo.run({ text: "a" }, callWith())).rejects.toThrow(/lost while echo ran .*may or may not/);
    expect(await echo.run({ text: "b" }, callWith())).toEqual(text("b"));
    expect(seen.calls).toEqual(["broken", "echo"]);
  });

  it("makes the call again where it only reads, and no more than once", async () => {
    const seen: Seen = { calls: [], cancelled: 0 };
    await using test = await mcpTools({ name: "web", url: await breaking(seen, 3) }, { trusted: true });
    const echo = toolNamed(test.tools, "web__echo");
    await expect(echo.run({ text: "a" }, callWith())).rejects.toThrow(/lost while echo ran/);
    expect(await echo.run({ text: "b" }, callWith())).toEqual(text("b"));
    expect(seen.calls).toEqual(["broken", "broken", "broken", "echo"]);
  });
});

describe("an error over HTTP", () => {
  it("repeats no secret that was sent", async () => {
    const { fetch } = createMcpHandler(() => makeServer({ calls: [], cancelled: 0 }));
    const url = await listen(async (request) => {
      if (!(await request.clone().text()).includes('"tools/call"')) return fetch(request);
      return new Response(`no such key: ${request.headers.get("authorization")}, ${request.url}`, {
        status: 403,
      });
    });
    const server = {
      name: "web",
      url: `${url}?key=query-secret`,
      headers: { authorization: "Bearer top-secret" },
    };
    await using test = await mcpTools(server);
    const call = Promise.resolve(toolNamed(test.tools, "web__echo").run({ text: "x" }, callWith()));
    const error = await call.catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(/echo failed: .*no such key: \[secret\], .*key=\[secret\]/);
    expect(inspect(error)).not.toMatch(/top-secret|query-secret/);
  });

  it("says that a server can't be reached", async () => {
    await expect(mcpTools({ name: "web", url: "http://127.0.0.1:9/" })).rejects.toThrow(
      /web can't be reached: .* Check its address and headers/,
    );
  });
});
