import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { transformWithOxc } from "vite";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { codeBlocks, documents, root } from "./markdown.js";

// What is imported here is compiled first, with all that it needs: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const blocks = documents()
  .filter(({ path }) => path === "docs/testing.md")
  .flatMap(codeBlocks)
  .filter(({ language }) => language === "ts");

let folder: string;
beforeAll(async () => {
  // Git ignores this place, and unlike in node_modules what is there runs on the sources of our packages.
  await mkdir(join(root, ".lockstitch"), { recursive: true });
  folder = await mkdtemp(join(root, ".lockstitch", "testing-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the page about testing", () => {
  it("has examples", () => expect(blocks.length).toBeGreaterThan(4));

  it.each(blocks.map(({ line, code }) => [line, code] as const))(
    "has an example at line %i that runs, and what it asserts holds",
    async (line, code) => {
      const file = join(folder, `line-${line}.mjs`);
      await writeFile(file, (await transformWithOxc(code, file.replace(/\.mjs$/, ".ts"))).code);
      await import(file);
    },
  );
});
