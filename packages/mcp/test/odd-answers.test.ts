import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type McpTools, type McpToolsOptions, mcpTools } from "../src/index.js";
import { rawProcess } from "./raw-process.js";
import { callWith, listen, rawServer, text, toolNamed } from "./support.js";

// Processes are started here: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000 });

const fine = { name: "go", inputSchema: { type: "object" } };

async function call(tools: McpTools): Promise<unknown> {
  onTestFinished(() => tools.close());
  return toolNamed(tools.tools, "raw__go").run({}, callWith());
}

const unsure = "It may or may not have had its effects";

describe("an answer of a process that is none fails its call at once, which may have happened", () => {
  it.each<[string, string, RegExp]>([
    [
      "a result and an error",
      'send({ id, result: {}, error: { code: 1, message: "disk full" } })',
      /a result and an error: disk full/,
    ],
    ["null for a result", "send({ id, result: null })", /no result/],
    ["a list for a result", "send({ id, result: [1] })", /no result/],
    ["a text for an error", 'send({ id, error: "disk full" })', /no error as the protocol has it: disk full/],
    [
      "an error without a code",
      'send({ id, error: { message: "disk full" } })',
      /no error as the protocol has it: disk full/,
    ],
    [
      "a message of no protocol",
      'write(JSON.stringify({ id, result: text("a") }))',
      /not of the protocol JSON-RPC 2\.0/,
    ],
    [
      "an error that names no request, where there is one",
      'send({ id: null, error: { code: -32700, message: "Parse error" } })',
      /names no request: Parse error/,
    ],
  ])("%s", async (_what, answer, words) => {
    const raw = await rawProcess(`on["tools/call"] = ({ id }) => ${answer};`);
    const failed = String(await call(await mcpTools(raw.server)).catch((error: unknown) => error));
    expect(failed).toMatch(/raw__go failed: /);
    expect(failed).toMatch(words);
    expect(failed).toContain(unsure);
  });
});

describe("what a process says beside its answers", () => {
  it.each<[string, string]>([
    ["a word that is no JSON", 'write("Called.")'],
    ["JSON that is no message", 'write("5"); write("null"); write("[]")'],
    ["a line of a log", 'write(JSON.stringify({ level: 50, error: "none", id: 7 }))'],
    ["a log's own number", "write(JSON.stringify({ level: 50, id }))"],
    ["an answer to nobody", 'send({ id: 999, result: {} }); send({ id: 999, error: "?" })'],
    ["a message of no kind", "send({})"],
    ["a notification that there is not", 'send({ method: "notifications/none", params: { a: [] } })'],
  ])("does not take their place: %s", async (_what, noise) => {
    const raw = await rawProcess(
      `on["tools/call"] = ({ id }) => { ${noise}; send({ id, result: text("done"), time: 3 }); };`,
    );
    expect(await call(await mcpTools(raw.server))).toEqual(text("done"));
  });

  it("may be `null` where nothing was meant", async () => {
    const raw = await rawProcess(
      `on["tools/call"] = ({ id, params }) =>
         send(params.arguments.fail
           ? { id, result: null, error: { code: 1, message: "disk full" } }
           : { id, result: text("done"), error: null });`,
    );
    await using tools = await mcpTools(raw.server);
    const go = async (input: Record<string, unknown>) =>
      toolNamed(tools.tools, "raw__go").run(input, callWith());
    expect(await go({})).toEqual(text("done"));
    await expect(go({ fail: true })).rejects.toThrow(/raw__go failed: disk full$/);
  });

  it("reaches them in pieces", async () => {
    const raw = await rawProcess(
      `on["tools/call"] = async ({ id }) => {
        for (const byte of Buffer.from(JSON.stringify({ jsonrpc: "2.0", id, result: text("né€") }) + "\\r\\n")) {
          await new Promise((next) => process.stdout.write(Buffer.from([byte]), next));
        }
      };`,
    );
    expect(await call(await mcpTools(raw.server))).toEqual(text("né€"));
  });

  it("may be an error that names no request, after one was cancelled that nobody waits for", async () => {
    const raw = await rawProcess(
      `let calls = 0;
       on["tools/call"] = () => {
         if (++calls === 2) send({ id: null, error: { code: 1, message: "which?" } });
       };`,
    );
    await using tools = await mcpTools(raw.server);
    const go = async (signal: AbortSignal) => toolNamed(tools.tools, "raw__go").run({}, callWith({ signal }));
    const stopping = new AbortController();
    const cancelled = go(stopping.signal).catch(() => {});
    await vi.waitFor(async () => expect(await raw.journal()).toContain("tools/call"), 30_000);
    stopping.abort();
    await cancelled;
    await expect(go(new AbortController().signal)).rejects.toThrow(/names no request: which\?/);
  });

  it("may be an error that names no request, where there are several", async () => {
    const raw = await rawProcess(
      `const ids = [];
       on["tools/call"] = ({ id }) => {
         ids.push(id);
         if (ids.length < 2) return;
         send({ id: null, error: { code: 1, message: "?" } });
         for (const it of ids) send({ id: it, result: text("done") });
       };`,
    );
    await using tools = await mcpTools(raw.server);
    const go = async () => toolNamed(tools.tools, "raw__go").run({}, callWith());
    expect(await Promise.all([go(), go()])).toEqual([text("done"), text("done")]);
  });
});

describe("an answer over HTTP that is none fails its call at once, which may have happened", () => {
  const json = { headers: { "content-type": "application/json" } };
  const answer = (value: unknown) => () => new Response(JSON.stringify(value), json);

  it.each<[string, (id: number) => Response, RegExp]>([
    ["202", () => new Response(null, { status: 202 }), /HTTP 202 and no answer/],
    ["another request's", answer({ jsonrpc: "2.0", id: 77, result: {} }), /answers another request/],
    ["an empty list", answer([]), /answers another request/],
    ["no JSON", () => new Response("{oops", json), /no JSON/],
    ["nothing", () => new Response("", json), /no JSON/],
    [
      "an error that names no request",
      answer({ jsonrpc: "2.0", id: null, error: { code: -32_600, message: "Invalid Request" } }),
      /names no request: Invalid Request/,
    ],
    ["a text for an error", (id) => answer({ jsonrpc: "2.0", id, error: "disk full" })(), /disk full/],
    ["null for a result", (id) => answer({ jsonrpc: "2.0", id, result: null })(), /no result/],
  ])("%s", async (_what, respond, words) => {
    const url = await answering(respond);
    const failed = String(await call(await mcpTools({ name: "raw", url })).catch((error: unknown) => error));
    expect(failed).toMatch(/raw__go failed: /);
    expect(failed).toMatch(words);
    expect(failed).toContain(unsure);
  });
});

/** A server without sessions that answers calls in its own way. */
async function answering(respond: (id: number) => Response, seen: string[] = []): Promise<string> {
  const rest = await rawServer({ tools: [{ ...fine, annotations: { readOnlyHint: true } }] });
  return listen(async (request) => {
    const body = await request.clone().text();
    const { id, method } = body === "" ? {} : JSON.parse(body);
    seen.push(method);
    if (method === "tools/call") return respond(id);
    return fetch(rest, {
      method: request.method,
      headers: request.headers,
      ...(body === "" ? {} : { body }),
    });
  });
}

const calls = (seen: readonly string[]) => seen.filter((method) => method === "tools/call").length;

describe.each([400, 404])("HTTP %d from a server that keeps no session", (status) => {
  it("is told as it is, and the call is made once, for it may have happened", async () => {
    const seen: string[] = [];
    const url = await answering(() => new Response("payee not found; the fee was booked", { status }), seen);
    const failed = String(await call(await mcpTools({ name: "raw", url })).catch((error: unknown) => error));
    expect(failed).toMatch(new RegExp(`raw__go failed: HTTP ${status}: .*the fee was booked$`));
    expect(calls(seen)).toBe(1);
  });

  it("is the server's own error, where it answers the call", async () => {
    const seen: string[] = [];
    const error = { code: -32_000, message: "payee not found; the fee was booked" };
    const body = (id: number) => JSON.stringify({ jsonrpc: "2.0", id, error });
    const url = await answering((id) => new Response(body(id), { status }), seen);
    const failed = String(
      await call(await mcpTools({ name: "raw", url })).catch((thrown: unknown) => thrown),
    );
    expect(failed).toMatch(/raw__go failed: payee not found; the fee was booked$/);
    expect(calls(seen)).toBe(1);
  });
});

describe.each([400, 404])("HTTP %d from a server that keeps a session", (status) => {
  /** Each greeting begins one. */
  const sessionful = async (respond: (id: number, greetings: number) => Response | undefined) => {
    const seen: string[] = [];
    const rest = await rawServer({ tools: [fine], call: () => ({ content: text("done") }) });
    const url = await listen(async (request) => {
      const body = await request.clone().text();
      const { id, method } = body === "" ? {} : JSON.parse(body);
      seen.push(method);
      const greetings = seen.filter((it) => it === "initialize").length;
      const answer = method === "tools/call" ? respond(id, greetings) : undefined;
      if (answer !== undefined) return answer;
      const said = await fetch(rest, { method: request.method, ...(body === "" ? {} : { body }) });
      const headers = new Headers(said.headers);
      if (method === "initialize") headers.set("mcp-session-id", `session-${greetings}`);
      return new Response(said.status === 202 ? null : await said.text(), { status: said.status, headers });
    });
    return { seen, url };
  };

  it("says that it has forgotten it: the call is made in a new one", async () => {
    const gone = JSON.stringify({
      jsonrpc: "2.0",
      id: null,
      error: { code: -32_001, message: "No session" },
    });
    const { seen, url } = await sessionful((_id, greetings) =>
      greetings > 1 ? undefined : new Response(gone, { status }),
    );
    expect(await call(await mcpTools({ name: "raw", url }))).toEqual(text("done"));
    expect(calls(seen)).toBe(2);
  });

  it("and says so each time: the call was not made", async () => {
    const { seen, url } = await sessionful(() => new Response("No session", { status }));
    await expect(call(await mcpTools({ name: "raw", url }))).rejects.toThrow(
      new RegExp(`raw__go was not called: the server raw can't be reached \\(.*HTTP ${status}.*No session`),
    );
    expect(calls(seen)).toBe(2);
  });

  it("is the server's own error, where it answers the call", async () => {
    const error = { code: -32_000, message: "payee not found; the fee was booked" };
    const { seen, url } = await sessionful(
      (id) => new Response(JSON.stringify({ jsonrpc: "2.0", id, error }), { status }),
    );
    await expect(call(await mcpTools({ name: "raw", url }))).rejects.toThrow(
      /raw__go failed: payee not found; the fee was booked$/,
    );
    expect(calls(seen)).toBe(1);
  });
});

describe("HTTP 403 for a scope that is missing", () => {
  it.each<McpToolsOptions>([{}, { trusted: true }])(
    "is a refusal, and no call is made again (%o)",
    async (options) => {
      const seen: string[] = [];
      const challenge = { "www-authenticate": 'Bearer error="insufficient_scope", scope="write"' };
      const url = await answering(() => new Response(null, { status: 403, headers: challenge }), seen);
      await expect(call(await mcpTools({ name: "raw", url }, options))).rejects.toThrow(
        /raw__go failed: Insufficient scope: required "write"$/,
      );
      expect(calls(seen)).toBe(1);
    },
  );
});
describe("an answer of more than 10 MB from a process", () => {
  it("is told as that", async () => {
    const raw = await rawProcess('on["tools/call"] = () => write("x".repeat(11_000_000));');
    await expect(call(await mcpTools(raw.server))).rejects.toThrow(
      /connection to raw was lost while raw__go ran \(it sent a line of more than 10 MB.*\)\. It may or may not/,
    );
  });
});
