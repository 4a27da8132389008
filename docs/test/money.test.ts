import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createSimulator, type Simulator } from "@lockstitch/testing";
import { findModel } from "lockstitch";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { codeBlocks, documents, root } from "./markdown.js";

// What is imported here is compiled first, with all that it needs: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const blocks = documents()
  .filter(({ path }) => path === "docs/money.md")
  .flatMap(codeBlocks)
  .filter(({ language }) => language === "ts");

let simulator: Simulator;
let folder: string;

beforeAll(async () => {
  const { contextWindow, maxOutput } = findModel("claude-haiku-5-5")!;
  const haiku = { id: "our-haiku", displayName: "Ours", createdAt: "2026-10-07T00:00:00Z", contextWindow };
  simulator = await createSimulator({
    models: [{ ...haiku, maxOutputTokens: maxOutput, minimumCacheTokens: 512 }],
  });
  // Git ignores this place, and unlike in node_modules what is there runs on the sources of our packages.
  await mkdir(join(root, ".lockstitch"), { recursive: true });
  folder = await mkdtemp(join(root, ".lockstitch", "money-"));
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the one block that has this piece of code against the simulator, and gives back what it printed. */
async function runBlock(piece: string): Promise<readonly unknown[][]> {
  vi.resetModules();
  vi.stubEnv("ANTHROPIC_BASE_URL", simulator.url);
  vi.stubEnv("ANTHROPIC_API_KEY", "any");
  const printed: unknown[][] = [];
  for (const method of ["log", "warn"] as const)
    vi.spyOn(console, method).mockImplementation((...values) => void printed.push(values));
  const [block, ...more] = blocks.filter(({ code }) => code.includes(piece));
  expect([block, more]).toEqual([expect.anything(), []]);
  const file = join(folder, `line-${block?.line}.ts`);
  await writeFile(file, block?.code ?? "");
  await import(/* @vite-ignore */ pathToFileURL(file).href);
  return printed;
}

describe("the code of the page about money", () => {
  it("prices a model of one's own, without a warning", async () => {
    expect(await runBlock("our-haiku")).toEqual([[{ usd: expect.any(Number) }]]);
    expect(simulator.requests.at(-1)?.status).toBe(200);
  });

  it("adds up a live run and a stored one, and prints them as tables", async () => {
    const [figures, [text] = []] = await runBlock("createCostReport");
    expect(figures).toMatchObject([
      ...[expect.any(Number), 2, { output_tokens: expect.any(Number) }, 0],
      [expect.stringMatching(/^\d{4}-\d\d-\d\d$/)],
    ]);
    expect(text).toMatch(
      /^total {2}.*2 calls.*\n\nby model\n {2}claude-sonnet-5-5 .*\n\nby agent\n {2}greeter /,
    );
  });
});
