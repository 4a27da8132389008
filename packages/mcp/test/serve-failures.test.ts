import {
  type Agent,
  AgentError,
  memoryStore,
  PrefixChangedError,
  run,
  type Store,
  StoreError,
  type Tool,
} from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type ServeMcpOptions, serveMcp } from "../src/index.js";
import { listen } from "./support.js";

type Where = Parameters<NonNullable<ServeMcpOptions["onError"]>>[1];

const neutral = [{ type: "text", text: "The agent failed; its owner can see why." }];

/** An agent that is served: what a client gets for a question, and what its owner heard. */
async function served(agent: Agent, options: Partial<ServeMcpOptions>) {
  const heard: { readonly error: unknown; readonly where: Where }[] = [];
  const onError = (error: unknown, where: Where) => void heard.push({ error, where });
  const { fetch, close } = serveMcp(agent, { description: "Knows things.", onError, ...options });
  const client = new Client({ name: "test", version: "1.0.0" });
  await client.connect(new StreamableHTTPClientTransport(new URL(await listen(fetch))));
  onTestFinished(async () => {
    await client.close();
    await close();
  });
  const ask = (words: Record<string, string>) => client.callTool({ name: "ask", arguments: words });
  return { ask, heard };
}

function consoleErrors(): readonly string[] {
  const lines: string[] = [];
  const spy = vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
  onTestFinished(() => spy.mockRestore());
  return lines;
}

describe("of what fails inside, a client hears that it failed, and the owner what", () => {
  const fault = new Error("getaddrinfo ENOTFOUND proxy.internal?key=key-of-mine");
  const failing = () => Promise.reject(fault);

  it("where the model can't be asked", async () => {
    const { ask, heard } = await served({}, { claude: failing });
    const answer = await ask({ input: "x" });
    expect(answer).toMatchObject({ isError: true, content: neutral });
    expect(JSON.stringify(answer)).not.toContain("of-mine");
    expect(heard).toEqual([{ error: fault, where: {} }]);
    expect(heard[0]?.error).toBe(fault);
  });

  it("where a session is kept, with its name", async () => {
    const { ask, heard } = await served({}, { claude: failing, store: memoryStore() });
    expect((await ask({ input: "x" })).content).toEqual(neutral);
    expect(heard).toMatchObject([{ where: { session: expect.stringMatching(/^mcp-.{36}$/) } }]);
    const session = heard[0]?.where.session ?? "";
    expect((await ask({ session })).content).toEqual(neutral);
    expect(heard[1]).toEqual({ error: fault, where: { session } });
  });

  it("where the store fails, with the cause", async () => {
    const store: Store = { ...memoryStore(), open: failing };
    const { ask, heard } = await served({}, { claude: scripted(["Hi."]), store });
    expect((await ask({ input: "x" })).content).toEqual(neutral);
    expect(heard[0]?.error).toBeInstanceOf(StoreError);
    expect(heard[0]?.error).toHaveProperty("cause", fault);
  });

  it("on standard error, where the owner didn't say otherwise", async () => {
    const lines = consoleErrors();
    const { ask } = await served({}, { claude: failing, onError: undefined } as never);
    await ask({ input: "x" });
    expect(lines).toEqual([`Lockstitch: ask failed: ${fault.message}`]);
    const kept = await served({}, { claude: failing, onError: undefined, store: memoryStore() } as never);
    await kept.ask({ input: "x" });
    expect(lines[1]).toMatch(/^Lockstitch: ask failed in session mcp-.{36}: getaddrinfo/);
  });
});

describe("a client is told of what it can mend itself", () => {
  it("an input that says nothing, a session that there is not: the owner need not hear of them", async () => {
    const { ask, heard } = await served({}, { claude: scripted([]), store: memoryStore() });
    for (const words of [{}, { input: "" }, { input: " \n" }, { input: "", session: "mcp-x" }])
      expect(await ask(words)).toMatchObject({
        isError: true,
        content: [{ text: "The input is empty. Say what the agent should do." }],
      });
    expect(await ask({ input: "x", session: "mcp-x" })).toMatchObject({
      isError: true,
      content: [{ text: 'There is no session "mcp-x".' }],
    });
    expect(heard).toEqual([]);
  });

  it("a session that is answering just now", async () => {
    let session = "";
    let refused: unknown;
    const look: Tool = {
      ...{ name: "look", effects: "none", parse: (input) => input },
      run: async () => {
        refused = await ask({ input: "z", session });
        return "fine";
      },
    };
    const claude = scripted(["First.", [toolUse("look", {})], "Second."]);
    const { ask, heard } = await served({ tools: [look] }, { claude, store: memoryStore() });
    ({ session = "" } = (await ask({ input: "x" })).structuredContent as { session?: string });
    expect((await ask({ input: "y", session })).structuredContent).toMatchObject({ text: "Second." });
    expect(refused).toMatchObject({
      isError: true,
      content: [{ text: "This session is answering another question. Ask again when that is done." }],
    });
    expect(heard).toEqual([]);
  });

  it("a session that another agent began, and the owner of it too", async () => {
    const [store, session] = [memoryStore(), "mcp-before"];
    await run({ system: "one" }, "x", { store, session, claude: scripted(["Hi."]) });
    const { ask, heard } = await served({ system: "two" }, { store, claude: scripted([]) });
    expect(await ask({ input: "y", session })).toMatchObject({
      isError: true,
      content: [{ text: "The agent has changed since this session began. Begin a new one." }],
    });
    expect(heard).toEqual([{ error: expect.any(PrefixChangedError), where: { session } }]);
  });

  it("an input that the session has no room for, and the owner of it too", async () => {
    const [store, session] = [memoryStore(), "mcp-long"];
    await run({}, "x".repeat(27_990_000), { store, session, claude: scripted(["Long."]) });
    const { ask, heard } = await served({}, { store, claude: scripted([]) });
    expect(await ask({ input: "y".repeat(20_000), session })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/^The agent can't take this input.* new session/) }],
    });
    expect(heard).toEqual([{ error: expect.any(AgentError), where: { session } }]);
  });
});

describe("listeners of the owner that fail", () => {
  const broken = new Error("the log is full");
  it.each([
    [
      "throws",
      (): void => {
        throw broken;
      },
    ],
    [
      "rejects",
      async (): Promise<void> => {
        throw broken;
      },
    ],
  ])("stop nothing: an onError that %s", async (_how, onError) => {
    const lines = consoleErrors();
    const { ask } = await served({}, { claude: () => Promise.reject(new Error("x")), onError });
    expect((await ask({ input: "x" })).content).toEqual(neutral);
    expect(lines).toEqual(["Lockstitch: onError failed: the log is full"]);
  });

  it("stop nothing: an onEvent that rejects", async () => {
    const lines = consoleErrors();
    const onEvent = async () => {
      throw broken;
    };
    const { ask } = await served({}, { claude: scripted(["Hi."]), onEvent });
    expect((await ask({ input: "x" })).content).toEqual([{ type: "text", text: "Hi." }]);
    expect(lines).toEqual(["Lockstitch: onEvent failed, the run goes on: the log is full"]);
  });
});
