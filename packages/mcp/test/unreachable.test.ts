import { describe, expect, it, vi } from "vitest";
import { mcpTools, type StdioServer } from "../src/index.js";
import { rawProcess } from "./raw-process.js";
import { listen, rawServer } from "./support.js";

// Processes are started here: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000 });

/** Why a server can't be had. */
async function reason(server: Partial<StdioServer> | { readonly url: string }): Promise<string> {
  const whole = { name: "raw", ...("url" in server ? {} : { command: process.execPath }), ...server };
  const error = await mcpTools(whole as StdioServer).catch((thrown: unknown) => thrown);
  return (error as Error).message;
}

describe("a process that can't be had", () => {
  it("says how it ended, and what it said last, without a secret", async () => {
    const raw = await rawProcess(
      'console.error("x".repeat(5_000)); console.error("TOKEN " + process.env.TOKEN + " is not valid"); process.exit(3);',
      { env: { TOKEN: "long-and-secret" } },
    );
    const words = await reason(raw.server);
    expect(words).toMatch(
      /^The MCP server raw can't be reached: its process ended with exit code 3\. Last it said: "….*TOKEN \[secret\] is not valid"\. .*`env`.*`onStderr`/,
    );
    expect(words.length).toBeLessThan(700);
  });

  it("shows no part of a secret where its words are cut", async () => {
    const env = { TOKEN: "long-and-hidden" };
    const raw = await rawProcess('console.error(process.env.TOKEN + "x".repeat(290)); process.exit(3);', {
      env,
    });
    const words = await reason(raw.server);
    expect(words).toContain("xxx");
    expect(words).not.toContain("hidden");
  });

  it("says so where it said nothing, and by which signal it was ended", async () => {
    expect(await reason((await rawProcess("process.exit(0);")).server)).toMatch(
      /its process ended with exit code 0\. Check its command, args/,
    );
    expect(await reason((await rawProcess('process.kill(process.pid, "SIGKILL");')).server)).toMatch(
      /its process was ended by SIGKILL\./,
    );
  });

  it("says which folder is missing", async () => {
    expect(await reason({ folder: "/no/such/folder" })).toBe(
      "The MCP server raw can't be reached: there is no folder /no/such/folder. Check its `folder`.",
    );
  });

  it("says that arguments don't belong into the command", async () => {
    expect(await reason({ command: "no-such-program x.js" })).toMatch(
      /ENOENT\. Give the program alone as its `command`, and the rest as `args`: \{ command: "no-such-program", args: \["x\.js"\] \}\.$/,
    );
    expect(await reason({ command: "no-such-program" })).toMatch(
      /ENOENT\. Check its command and arguments\.$/,
    );
  });
});

describe("a server over HTTP that refuses to be connected to", () => {
  it.each([
    [429, /HTTP 429: .*\. Try again later\.$/],
    [500, /HTTP 500: .*\. Try again later, or see at the server why\.$/],
    [503, /HTTP 503: .*\. Try again later, or see at the server why\.$/],
    [401, /HTTP 401: .*\. Check its headers\.$/],
    [403, /HTTP 403: .*\. Check its headers\.$/],
    [404, /HTTP 404: .*\. Check its address and headers\.$/],
  ])("with %d says what to do", async (status, words) => {
    expect(await reason({ url: await listen(async () => new Response("no", { status })) })).toMatch(words);
  });
});

describe("a list of tools", () => {
  const paged = (pages: number) => {
    const list = ({ cursor = "0" }: { readonly cursor?: string } = {}) => {
      const page = Number(cursor);
      const next = page + 1 < pages ? { nextCursor: String(page + 1) } : {};
      return { tools: [{ name: `go_${page}`, inputSchema: { type: "object" } }], ...next };
    };
    return rawServer({ tools: [], list });
  };

  it("has up to 64 pages", async () => {
    const tools = await mcpTools({ name: "raw", url: await paged(64) });
    await tools.close();
    expect(tools.tools).toHaveLength(64);
    expect(await reason({ url: await paged(65) })).toMatch(
      /^The MCP server raw lists its tools on more than 64 pages, or never comes to an end.* Have it list them on fewer\.$/,
    );
  });
});

describe("what a process writes to its standard error", () => {
  it("is heard in whole characters, however it comes", async () => {
    const heard: string[] = [];
    const raw = await rawProcess(
      `for (const byte of Buffer.from("né€😀")) await new Promise((next) => process.stderr.write(Buffer.from([byte]), () => setTimeout(next, 20)));`,
      { onStderr: (words) => heard.push(words) },
    );
    await using _ = await mcpTools(raw.server);
    await vi.waitFor(() => expect(heard.join("")).toBe("né€😀"), 10_000);
  });

  it("ends with what was cut off", async () => {
    const heard: string[] = [];
    const raw = await rawProcess('process.stderr.write(Buffer.from("a€").subarray(0, 3));', {
      onStderr: (words) => heard.push(words),
    });
    const tools = await mcpTools(raw.server);
    await tools.close();
    await vi.waitFor(() => expect(heard.join("")).toBe("a\ufffd"), 10_000);
  });
});
