import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { mcpTools } from "../src/index.js";
import { type RawProcess, rawProcess } from "./raw-process.js";
import { callWith, text, toolNamed } from "./support.js";

// Processes are started here, and those that go on are waited for: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000 });

/** Whatever a test leaves behind would outlive it. */
function tidied(raw: RawProcess): RawProcess {
  onTestFinished(async () => {
    for (const pid of await raw.alive()) process.kill(pid, "SIGKILL");
  });
  return raw;
}

const go = async (tools: Awaited<ReturnType<typeof mcpTools>>, more = {}) =>
  toolNamed(tools.tools, "raw__go").run({}, callWith(more));

describe("a server that a wrapper has started, such as npx or a shell, ends", () => {
  it.each([
    ["goes on when its input ends", "stayOn();"],
    ["does not heed being asked to end", 'stayOn(); process.on("SIGTERM", () => {});'],
  ])("with its tools, though it %s", async (_what, body) => {
    const raw = tidied(await rawProcess(body, { inShell: true }));
    const tools = await mcpTools(raw.server);
    expect(await raw.alive()).toHaveLength(1);
    await tools.close();
    expect(await raw.alive()).toEqual([]);
  });

  it("when connecting to it fails", async () => {
    const body = `stayOn(); on["tools/list"] = ({ id }) => send({ id, error: { code: 1, message: "no" } });`;
    const raw = tidied(await rawProcess(body, { inShell: true }));
    await expect(mcpTools(raw.server)).rejects.toThrow(/can't list its tools: no/);
    expect(await raw.journal()).toContain("tools/list");
    expect(await raw.alive()).toEqual([]);
  });

  it("when its connection is given up", async () => {
    const body = `stayOn(); on["tools/call"] = () => write("x".repeat(11_000_000));`;
    const raw = tidied(await rawProcess(body, { inShell: true }));
    const tools = await mcpTools(raw.server);
    await expect(go(tools)).rejects.toThrow(/may or may not have had its effects/);
    await expect(go(tools)).rejects.toThrow(/may or may not have had its effects/);
    await tools.close();
    expect((await raw.journal()).filter((line) => line.startsWith("start"))).toHaveLength(2);
    expect(await raw.alive()).toEqual([]);
  });
});

describe("a server whose output is held by a process that it has started", () => {
  it("is known to have ended, and what it said last is heard", async () => {
    const last = `write(JSON.stringify({ jsonrpc: "2.0", id, result: text("y".repeat(3_000_000)) }), () => process.exit(1))`;
    const body = `help(); let calls = 0; on["tools/call"] = ({ id }) => calls++ === 0 ? ${last} : process.exit(1);`;
    const raw = tidied(await rawProcess(body));
    await using tools = await mcpTools(raw.server);
    expect(JSON.stringify(await go(tools))).toHaveLength(JSON.stringify(text("y".repeat(3_000_000))).length);
    await vi.waitFor(async () => expect(await raw.alive()).toEqual([]), 10_000);
  });

  it("fails the call that was under way", async () => {
    const raw = tidied(await rawProcess(`help(); on["tools/call"] = () => process.exit(1);`));
    await using tools = await mcpTools(raw.server);
    await expect(go(tools)).rejects.toThrow(/connection to raw was lost while raw__go ran/);
  });
});

describe("a program that uses a server", () => {
  const program = fileURLToPath(new URL("./servers/program.mjs", import.meta.url));
  /** `deed`: what it does once it is connected. */
  const start = ({ server }: RawProcess, deed: "close" | "exit" | "wait") => {
    const started = spawn(process.execPath, [program, JSON.stringify(server), deed], { stdio: "ignore" });
    onTestFinished(() => void started.kill("SIGKILL"));
    return started;
  };

  it("ends by itself once it has closed the tools, whoever holds the server's output", async () => {
    const raw = tidied(await rawProcess("help({ detached: true });"));
    expect(await once(start(raw, "close"), "exit")).toEqual([0, null]);
    expect(await raw.alive()).toHaveLength(1);
  });

  it("takes the server with it when it exits without a word", async () => {
    const raw = tidied(await rawProcess("stayOn();", { inShell: true }));
    expect(await once(start(raw, "exit"), "exit")).toEqual([0, null]);
    await vi.waitFor(async () => expect(await raw.alive()).toEqual([]), 10_000);
    expect(await raw.journal()).toContain("tools/list");
  });

  it.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)(
    "and when it is ended by %s, for its input ends then",
    async (signal) => {
      const raw = tidied(await rawProcess("", { inShell: true }));
      const started = start(raw, "wait");
      await vi.waitFor(async () => expect(await raw.journal()).toContain("tools/list"), 30_000);
      started.kill(signal);
      await vi.waitFor(async () => expect(await raw.alive()).toEqual([]), 10_000);
    },
  );
});

describe("closing the tools, or aborting a run, while a connection is being made", () => {
  /** A server that ends with its first call, and never greets again. */
  const hanging = async () => {
    const raw = tidied(
      await rawProcess(
        `const mark = folder + "/mark"; if (existsSync(mark)) on.initialize = () => {};
         on["tools/call"] = () => { writeFileSync(mark, ""); process.exit(1); };`,
      ),
    );
    const tools = await mcpTools(raw.server, { connectTimeoutMs: 2_147_483_647 });
    onTestFinished(() => tools.close());
    await expect(go(tools)).rejects.toThrow(/was lost/);
    return { raw, tools };
  };
  const greetings = async ({ raw }: { readonly raw: RawProcess }) =>
    (await raw.journal()).filter((line) => line === "initialize").length;

  it("closes at once, with the process ended", async () => {
    const it = await hanging();
    const call = go(it.tools).catch(String);
    await vi.waitFor(async () => expect(await greetings(it)).toBe(2), 30_000);
    await it.tools.close();
    expect(await it.raw.alive()).toEqual([]);
    expect(await call).toMatch(/The tools of the MCP server raw were closed\. raw__go was not called\./);
  });

  it("frees the call of the run, and no other", async () => {
    const it = await hanging();
    const stopping = new AbortController();
    const aborted = go(it.tools, { signal: stopping.signal }).catch((error: unknown) => error);
    let isOtherFree = false;
    const other = go(it.tools).catch(() => {
      isOtherFree = true;
    });
    await vi.waitFor(async () => expect(await greetings(it)).toBe(2), 30_000);
    stopping.abort(new Error("enough"));
    expect(await aborted).toMatchObject({ message: "enough" });
    expect(isOtherFree).toBe(false);
    await it.tools.close();
    await other;
  });
});
