import { inspect } from "node:util";
import {
  createMcpHandler,
  McpServer,
  Server,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { z } from "zod";
import { createConnection } from "../src/connection.js";
import { mcpTools } from "../src/index.js";
import { callWith, listen, toolNamed, withoutTimers } from "./support.js";

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
function sessionful(seen: Seen): {
  fetch(request: Request): Promise<Response>;
  restart(): void;
  sayToolsChanged(): void;
} {
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();
  const servers: McpServer[] = [];
  return {
    restart: () => sessions.clear(),
    sayToolsChanged: () => {
      for (const server of servers) server.sendToolListChanged();
    },
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
      const server = makeServer(seen);
      servers.push(server);
      await server.connect(transport);
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
    await vi.waitFor(() => expect(seen.cancelled).toBe(1), 10_000);
  });

  it("may be of the protocol before, and is told when its session is over", async () => {
    const seen: Seen = { calls: [], cancelled: 0 };
    const url = await listen(sessionful(seen).fetch);
    const test = await mcpTools({ name: "web", url });
    expect(await toolNamed(test.tools, "web__echo").run({ text: "hi" }, callWith())).toEqual(text("hi"));
    await withoutTimers(test.close);
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

describe("a connection to a server over HTTP", () => {
  it("is made anew where the server was started again after it had said that its tools changed", async () => {
    const server = sessionful({ calls: [], cancelled: 0 });
    let looks = 0;
    const onTools = async () => {
      looks += 1;
    };
    const url = await listen(server.fetch);
    const connection = createConnection({ name: "web", url }, { connectTimeoutMs: 60_000, onTools });
    onTestFinished(() => connection.close());
    const client = await connection.open();
    await vi.waitFor(() => {
      server.sayToolsChanged();
      expect(client.timesChanged).toBeGreaterThan(0);
    }, 10_000);
    server.restart();
    expect(await connection.open()).not.toBe(client);
    expect(looks).toBe(2);
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
    await vi.waitFor(() => {
      // Told again and again: the client may not be listening yet.
      handler.notify.toolsChanged();
      return expect(echo()).rejects.toThrow(/has changed since it was accepted/);
    }, 10_000);
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
    await expect(echo.run({ text: "a" }, callWith())).rejects.toThrow(
      /lost while web__echo ran .*may or may not/,
    );
    expect(await echo.run({ text: "b" }, callWith())).toEqual(text("b"));
    expect(seen.calls).toEqual(["broken", "echo"]);
  });

  it("makes the call again where it only reads, and no more than once", async () => {
    const seen: Seen = { calls: [], cancelled: 0 };
    await using test = await mcpTools({ name: "web", url: await breaking(seen, 3) }, { trusted: true });
    const echo = toolNamed(test.tools, "web__echo");
    await expect(echo.run({ text: "a" }, callWith())).rejects.toThrow(/lost while web__echo ran/);
    expect(await echo.run({ text: "b" }, callWith())).toEqual(text("b"));
    expect(seen.calls).toEqual(["broken", "broken", "broken", "echo"]);
  });
});

describe("a status instead of an answer", () => {
  /** What stands before the server answers calls itself, as often as it is told to, whether or not they have happened. */
  const before = (seen: Seen, times: number, response: () => Response) => {
    const { fetch } = createMcpHandler(() => makeServer(seen));
    let left = times;
    return listen(async (request) => {
      if (!(await request.clone().text()).includes('"tools/call"') || left-- <= 0) return fetch(request);
      seen.calls.push("asked");
      return response();
    });
  };

  it.each([500, 502, 503, 504])("of %d says that the call may have happened", async (status) => {
    const seen: Seen = { calls: [], cancelled: 0 };
    const url = await before(seen, 1, () => new Response("upstream is gone", { status }));
    await using test = await mcpTools({ name: "web", url });
    const echo = toolNamed(test.tools, "web__echo");
    await expect(echo.run({ text: "a" }, callWith())).rejects.toThrow(
      new RegExp(
        `^web__echo failed: HTTP ${status}: .*upstream is gone\\. It may or may not have had its effects`,
      ),
    );
    expect(seen.calls).toEqual(["asked"]);
  });

  it.each([500, 502, 503, 504])("of %d has a call made again that only reads", async (status) => {
    const seen: Seen = { calls: [], cancelled: 0 };
    const url = await before(seen, 1, () => new Response(null, { status }));
    await using test = await mcpTools({ name: "web", url }, { trusted: true });
    const echo = toolNamed(test.tools, "web__echo");
    expect(await echo.run({ text: "a" }, callWith())).toEqual(text("a"));
    expect(seen.calls).toEqual(["asked", "echo"]);
  });

  it.each([401, 403, 413, 429])("of %d says that it was refused", async (status) => {
    const seen: Seen = { calls: [], cancelled: 0 };
    const url = await before(seen, 1, () => new Response("no", { status }));
    await using test = await mcpTools({ name: "web", url }, { trusted: true });
    const call = Promise.resolve(toolNamed(test.tools, "web__echo").run({ text: "a" }, callWith()));
    const error = String(await call.catch((thrown: unknown) => thrown));
    expect(error).toMatch(new RegExp(`echo failed: HTTP ${status}: .*no$`));
    expect(seen.calls).toEqual(["asked"]);
  });

  it("of 200 with a page of a proxy says that the call may have happened", async () => {
    const page = () => new Response("<h1>Welcome</h1>", { headers: { "content-type": "text/html" } });
    const url = await before({ calls: [], cancelled: 0 }, 1, page);
    await using test = await mcpTools({ name: "web", url });
    await expect(toolNamed(test.tools, "web__echo").run({ text: "a" }, callWith())).rejects.toThrow(
      /echo failed: .*text\/html\. It may or may not/,
    );
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
      url: `${url}?key=query%2Fsecret`,
      headers: { authorization: "Bearer top-secret" },
    };
    await using test = await mcpTools(server);
    const call = Promise.resolve(toolNamed(test.tools, "web__echo").run({ text: "x" }, callWith()));
    const error = await call.catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(/echo failed: .*no such key: \[secret\], .*key=\[secret\]/);
    expect(inspect(error)).not.toMatch(/top-secret|query.*secret/);
  });

  it("says that a server can't be reached", async () => {
    await expect(mcpTools({ name: "web", url: "http://127.0.0.1:9/" })).rejects.toThrow(
      /web can't be reached: .* Check its address and headers/,
    );
  });
});
