import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createSimulator, type Simulator } from "@lockstitch/testing";
import { AgentError, BadRequestError, run } from "lockstitch";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { codeBlocks, documents, root } from "./markdown.js";

// What is imported here is compiled first, with all that it needs: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** The page promises that its code is run, word for word, against the simulator: here it is. */
const blocks = documents()
  .filter(({ path }) => path === "docs/claude-api-introduction.md")
  .flatMap(codeBlocks)
  .filter(({ language }) => language === "ts");

interface Expected {
  /** Tells the block from all others. */
  readonly piece: string;
  /** How often it calls the API of the environment. */
  readonly calls: number;
  /** What it prints, among other things. */
  readonly prints: readonly RegExp[];
}

const expected: readonly Expected[] = [
  { piece: "maxOutput }", calls: 0, prints: [/^claude-sonnet-5-5 .* 1000000 128000$/, /^2026-11-30$/] },
  { piece: "findPrice", calls: 1, prints: [/^5 25$/, /^15 75$/] },
  { piece: "CLAUDE_KEY_FILE", calls: 1, prints: [/./] },
  { piece: "Explain quantum computing", calls: 1, prints: [/./] },
  { piece: "specializing in Python", calls: 1, prints: [/./] },
  { piece: "stop_sequences", calls: 1, prints: [/^stop_sequence ./] },
  { piece: "a short story", calls: 1, prints: [/./, /^\n\d+ tokens$/] },
  { piece: "get_weather", calls: 2, prints: [/San Francisco.* 2$/s] },
  { piece: "chart.png", calls: 1, prints: [/./] },
  { piece: "partialOf", calls: 1, prints: [/./] },
  { piece: "maxRetryAfterMs", calls: 1, prints: [/./] },
  { piece: "createCostReport", calls: 1, prints: [/^\d+ \d+ 0\.\d+$/, /^0\.\d+ 1$/] },
  { piece: "rateTiers", calls: 1, prints: [/^50 40000$/, /./] },
  { piece: "memoryStore", calls: 2, prints: [/^4$/] },
  { piece: 'cache: "1h"', calls: 1, prints: [/^0 0\.\d+$/] },
  { piece: "createSimulator", calls: 0, prints: [/ 1$/s] },
  { piece: "scripted", calls: 0, prints: [/^The sum is 5\. 2$/] },
];

const onePixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const key = "the-key";
const startFolder = process.cwd();
let simulator: Simulator;
let folder: string;

beforeAll(async () => {
  simulator = await createSimulator({ apiKey: key });
  // Git ignores this place, and unlike in node_modules what is there runs on the sources of our packages.
  await mkdir(join(root, ".lockstitch"), { recursive: true });
  folder = await mkdtemp(join(root, ".lockstitch", "code-blocks-"));
  await writeFile(join(folder, "chart.png"), onePixel, "base64");
  await writeFile(join(folder, "claude-key.txt"), `${key}\n`, { mode: 0o600 });
  await Promise.all(blocks.map(({ code, line }) => writeFile(join(folder, `line-${line}.ts`), code)));
  process.chdir(folder);
});

beforeEach(() => {
  // What a block does without a client of its own goes by the environment, and each block is a process of its own.
  vi.resetModules();
  vi.stubEnv("ANTHROPIC_BASE_URL", simulator.url);
  vi.stubEnv("ANTHROPIC_API_KEY", key);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

afterAll(async () => {
  process.chdir(startFolder);
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the one block that has this piece of code, and gives back what it printed. */
async function runBlock(piece: string): Promise<readonly string[]> {
  const printed: string[] = [];
  const print = (...values: readonly unknown[]) => void printed.push(values.map(String).join(" "));
  for (const method of ["log", "warn", "error"] as const) vi.spyOn(console, method).mockImplementation(print);
  vi.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  const line = blocks.find(({ code }) => code.includes(piece))?.line;
  await import(/* @vite-ignore */ pathToFileURL(join(folder, `line-${line}.ts`)).href);
  return printed;
}

describe("the code of the page about the introduction", () => {
  it("is known here, each block by a piece of its own", () => {
    const known = blocks.map(({ code }) =>
      expected.filter(({ piece }) => code.includes(piece)).map(({ piece }) => piece),
    );
    expect(known).toEqual(expected.map(({ piece }) => [piece]));
  });

  it.each(expected)("runs: $piece", async ({ piece, calls, prints }) => {
    const before = simulator.requests.length;
    const printed = await runBlock(piece);
    expect(simulator.requests.slice(before).map(({ status }) => status)).toEqual(Array(calls).fill(200));
    for (const line of prints) expect(printed).toContainEqual(expect.stringMatching(line));
  });

  it("tells errors apart: a wrong key", async () => {
    vi.stubEnv("ANTHROPIC_API_KEY", "wrong");
    expect((await runBlock("partialOf"))[0]).toBe("Check your API key");
  });

  it("tells errors apart: no key", async () => {
    vi.stubEnv("ANTHROPIC_API_KEY", undefined);
    expect((await runBlock("partialOf"))[0]).toMatch(/^No API key\. Set ANTHROPIC_API_KEY/);
  });

  it("tells errors apart: a rate limit that is too long to wait for", async () => {
    const error = { type: "rate_limit_error", message: "Too many requests" };
    const limited = await createSimulator({
      mind: () => ({ status: 429, error, headers: { "retry-after": "120" } }),
    });
    vi.stubEnv("ANTHROPIC_BASE_URL", limited.url);
    const printed = await runBlock("partialOf");
    expect(printed).toEqual(["Rate limited. Retry after: 120", "Steps so far: 1, output tokens: 0"]);
    expect(limited.requests).toHaveLength(1);
    await limited.close();
  });
});

describe("what the page says of the API, as the simulator has it", () => {
  const post = (headers: Record<string, string>) =>
    fetch(`${simulator.url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({
        model: "claude-sonnet-5-5",
        max_tokens: 9,
        messages: [{ role: "user", content: "Hello" }],
      }),
    });

  it("both ways to send a key are accepted", async () => {
    const version = { "anthropic-version": "2026-10-21" };
    expect((await post({ ...version, "x-api-key": key })).status).toBe(200);
    expect((await post({ ...version, authorization: `Bearer ${key}` })).status).toBe(200);
    expect((await post(version)).status).toBe(401);
  });

  it("there is no version 2024-01-01, and Lockstitch sends 2026-10-21", async () => {
    expect((await post({ "anthropic-version": "2024-01-01", "x-api-key": key })).status).toBe(400);
    await run({}, "Hello");
    expect(simulator.requests.at(-1)?.headers["anthropic-version"]).toBe("2026-10-21");
  });

  it("a temperature is refused, by the agent and by the API", async () => {
    const before = simulator.requests.length;
    await expect(run({ temperature: 0.7 } as object, "Hello")).rejects.toThrow(/no field "temperature"/);
    expect(simulator.requests).toHaveLength(before);
    const asked = { request: { temperature: 0.7 } as object };
    await expect(run(asked, "Hello, Claude!")).rejects.toBeInstanceOf(AgentError);
    expect(simulator.requests).toHaveLength(before);
    // Of a model that isn't in the catalogue nothing is known, so the API is asked.
    vi.spyOn(console, "warn").mockImplementation(() => {});
    await expect(run(asked, "Hello, Claude!", { models: [] })).rejects.toBeInstanceOf(BadRequestError);
  });

  it("a conversation that ends with the assistant's own words is not sent", async () => {
    const before = simulator.requests.length;
    const prefilled = run({ model: "claude-haiku-4-5" }, [
      { role: "user", content: "Hello" },
      { role: "assistant", content: "Well," },
    ]);
    await expect(prefilled).rejects.toBeInstanceOf(AgentError);
    expect(simulator.requests).toHaveLength(before);
  });
});
