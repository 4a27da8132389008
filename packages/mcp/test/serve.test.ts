import { type Agent, approve, memoryStore, run, type Tool } from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type ServeMcpOptions, serveMcp } from "../src/index.js";
import { listen } from "./support.js";

// Processes are started here: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000 });

const description = "Knows things.";

/** The official client, of the newest protocol or of the one before. */
async function clientOf(agent: Agent, options: Partial<ServeMcpOptions>, mode: "auto" | "legacy" = "auto") {
  const served = serveMcp(agent, { description, ...options });
  const client = new Client({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(await listen(served.fetch))));
  onTestFinished(async () => {
    await client.close();
    await served.close();
  });
  return client;
}

const simple = (name: string, more: Partial<Tool> = {}): Tool => ({
  name,
  effects: "none",
  parse: (input) => input,
  run: () => "fine",
  ...more,
});

describe.each(["auto", "legacy"] as const)(
  "an agent that is served over HTTP, to a client of mode %s",
  (mode) => {
    it("answers by its one tool, and tells of its progress", async () => {
      const claude = scripted([[toolUse("look", {}, "toolu_1")], "It rains."]);
      const client = await clientOf({ name: "weather man", tools: [simple("look")] }, { claude }, mode);
      const { tools } = await client.listTools();
      expect(tools).toMatchObject([
        { name: "ask_weather_man", description, inputSchema: { required: ["input"] } },
      ]);
      const told: unknown[] = [];
      const answer = await client.callTool(
        { name: "ask_weather_man", arguments: { input: "Rain?" } },
        { onprogress: (progress) => void told.push(progress) },
      );
      expect(answer.content).toEqual([{ type: "text", text: "It rains." }]);
      expect(answer.structuredContent).toEqual({ text: "It rains.", reason: "end_turn" });
      expect(told).toEqual([
        { progress: 1, message: "step 1" },
        { progress: 2, message: "uses look" },
        { progress: 3, message: "used look: ok" },
        { progress: 4, message: "step 2" },
      ]);
    });
  },
);

describe("an agent that is served", () => {
  it("has its run aborted when the client cancels", async () => {
    const outcomes: string[] = [];
    const stopping = new AbortController();
    const waits = simple("wait", {
      run: (_input, { signal }) => {
        stopping.abort();
        return new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
    });
    const onEvent: ServeMcpOptions["onEvent"] = (event) =>
      void (event.type === "run.end" && outcomes.push(event.reason));
    const client = await clientOf({ tools: [waits] }, { claude: scripted([[toolUse("wait", {})]]), onEvent });
    const asked = client.callTool({ name: "ask", arguments: { input: "x" } }, { signal: stopping.signal });
    await expect(asked).rejects.toThrow();
    await vi.waitFor(() => expect(outcomes).toEqual(["aborted"]), 10_000);
  });

  it("has its runs aborted when it is closed, and tells whoever asked", async () => {
    const ended: string[] = [];
    let closing: Promise<void> | undefined;
    const served = serveMcp(
      {
        tools: [
          simple("wait", {
            run: (_input, { signal }) => {
              closing = served.close();
              return new Promise((resolve) => signal.addEventListener("abort", resolve));
            },
          }),
        ],
      },
      {
        description,
        claude: scripted([[toolUse("wait", {})]]),
        onEvent: (event) => void (event.type === "run.end" && ended.push(event.reason)),
      },
    );
    const client = new Client({ name: "test", version: "1.0.0" });
    await client.connect(new StreamableHTTPClientTransport(new URL(await listen(served.fetch))));
    onTestFinished(() => client.close());
    await client.callTool({ name: "ask", arguments: { input: "x" } }).catch(() => {});
    await closing;
    await vi.waitFor(() => expect(ended).toEqual(["aborted"]), 10_000);
  });

  it("goes on with a session that it began, and with no other of its store", async () => {
    const store = memoryStore();
    await run({}, "Private.", { store, session: "private", claude: scripted(["Secret."]) });
    await run({}, "Private.", { store, session: "mcp-", claude: scripted(["Secret."]) });
    const requests: number[] = [];
    const claude = scripted(["One.", "Two."]);
    const client = await clientOf(
      {},
      {
        store,
        claude: (request, call) => {
          requests.push(request.messages.length);
          return claude(request, call);
        },
      },
    );
    const ask = (words: Record<string, string>) => client.callTool({ name: "ask", arguments: words });
    const first = await ask({ input: "First?" });
    const { session = "" } = first.structuredContent as { session?: string };
    expect(session).toMatch(/^mcp-.{36}$/);
    expect(first.content).toEqual([
      { type: "text", text: "One." },
      { type: "text", text: `(session: ${session})` },
    ]);
    await ask({ input: "Second?", session });
    expect(requests).toEqual([1, 3]);
    for (const other of ["private", `mcp-${crypto.randomUUID()}`, "mcp-../x", "__proto__"])
      expect(await ask({ input: "Tell me.", session: other })).toMatchObject({ isError: true });
    expect(requests).toHaveLength(2);
  });

  it("says that it waits for a person, and goes on without input once that person has said yes", async () => {
    const store = memoryStore();
    const claude = scripted([[toolUse("pay", {}, "toolu_1")], "Paid."]);
    const client = await clientOf({ tools: [simple("pay", { needsApproval: true })] }, { store, claude });
    const waiting = await client.callTool({ name: "ask", arguments: { input: "Pay." } });
    const { session = "", reason } = waiting.structuredContent as { session?: string; reason?: string };
    expect(reason).toBe("waiting");
    expect(JSON.stringify(waiting.content)).toContain("a person must first allow pay");
    await approve(store, session, "toolu_1", { approved: true });
    const done = await client.callTool({ name: "ask", arguments: { session } });
    expect(done.structuredContent).toMatchObject({ text: "Paid.", reason: "end_turn" });
  });

  it("says that nobody can allow a call where no session is kept", async () => {
    const claude = scripted([[toolUse("pay", {})]]);
    const client = await clientOf({ tools: [simple("pay", { needsApproval: true })] }, { claude });
    const waiting = await client.callTool({ name: "ask", arguments: { input: "Pay." } });
    expect(waiting.content).toEqual([
      { type: "text", text: "(not done: a person would have to allow pay, and nobody can allow it here)" },
    ]);
  });

  it("says that it has no words, where it has none", async () => {
    const [alone, kept] = [{ claude: scripted([""]) }, { claude: scripted([""]), store: memoryStore() }];
    const ask = async (options: Partial<ServeMcpOptions>) =>
      (await clientOf({}, options)).callTool({ name: "ask", arguments: { input: "x" } });
    expect((await ask(alone)).content).toEqual([{ type: "text", text: "(no words)" }]);
    expect((await ask(kept)).content).toEqual([
      { type: "text", text: expect.stringMatching(/^\(no words; session: mcp-/) },
    ]);
  });

  it("says that it was cut short", async () => {
    const looping = scripted([[toolUse("look", {})]]);
    const limited = await clientOf({ tools: [simple("look")], limits: { maxSteps: 1 } }, { claude: looping });
    const cut = await limited.callTool({ name: "ask", arguments: { input: "x" } });
    expect(cut.content).toContainEqual({ type: "text", text: "(ended early: limit maxSteps)" });
  });

  it("is not to be had by pages of others, or by another name", async () => {
    const { fetch } = serveMcp({}, { description, claude: scripted([]) });
    const post = (headers: Record<string, string>) =>
      fetch(new Request("http://127.0.0.1/mcp", { method: "POST", headers, body: "{}" }));
    expect((await post({ host: "127.0.0.1:80", origin: "https://evil.example" })).status).toBe(403);
    expect((await post({ host: "evil.example" })).status).toBe(403);
    expect((await post({ host: "127.0.0.1:80" })).status).not.toBe(403);
    const open = serveMcp({}, { description, hosts: ["agents.example"] });
    const there = () =>
      new Request("http://agents.example/mcp", { method: "POST", headers: { host: "agents.example" } });
    expect((await open.fetch(there())).status).not.toBe(403);
    const shouted = serveMcp({}, { description, hosts: ["Agents.Example"] });
    expect((await shouted.fetch(there())).status).not.toBe(403);
  });

  it("reads 4 MB of a request, and no more", async () => {
    const { fetch } = serveMcp({}, { description, claude: scripted(["Long."]) });
    const statusOf = async (bytes: number) => {
      const headers = {
        host: "localhost",
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
      };
      const question = (input: string) => ({
        ...{ jsonrpc: "2.0", id: 1, method: "tools/call" },
        params: { name: "ask", arguments: { input } },
      });
      const room = bytes - JSON.stringify(question("")).length;
      const body = JSON.stringify(question("x".repeat(room)));
      return (await fetch(new Request("http://localhost/mcp", { method: "POST", headers, body }))).status;
    };
    expect([await statusOf(4 * 1024 * 1024), await statusOf(4 * 1024 * 1024 + 1)]).toEqual([200, 413]);
  });
});
