import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CrashReport, crashTest } from "@lockstitch/testing";
import { transformWithOxc } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks, documents, root } from "./markdown.js";

const page = documents().filter(({ path }) => path === "docs/crash-tests.md");
const example = page.flatMap(codeBlocks).find(({ code }) => code.includes("payWith"))?.code ?? "";
const looks =
  /reconcile: async \(_input, call\) => \{.*?\n {4}\},/s.exec(example)?.[0] ?? "there is no reconcile";
const doesNotLook = /`(reconcile: \(\) => .*?)`/.exec(page[0]?.text ?? "")?.[1] ?? "there is no other";
const finding = /^effect_repeated .*$/m.exec(page[0]?.text ?? "")?.[0];

const timeout = 300_000;
let folder: string;

beforeAll(async () => {
  // Git ignores this place, and unlike in node_modules what is there runs on the sources of our packages.
  await mkdir(join(root, ".lockstitch"), { recursive: true });
  folder = await mkdtemp(join(root, ".lockstitch", "crash-tests-"));
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

async function compiled(name: string, code: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, (await transformWithOxc(code, file.replace(/\.js$/, ".ts"))).code);
  return file;
}

/** As the page's own loop prints it. */
function printed({ findings }: CrashReport): readonly string[] {
  return findings.map(
    ({ kind, seed, at, problem }) =>
      `${kind} ${seed} [ ${at.map((point) => `'${point}'`).join()} ] ${problem}`,
  );
}

describe("the module of the page about crash tests", () => {
  it("survives kills", { timeout }, async () => {
    const module = await compiled("crash-agent.js", example);
    expect(await crashTest({ module, kills: 12 })).toMatchObject({ kills: 12, recovered: 12, findings: [] });
    const at = ["steer before commit 3", "steer at end 1", "at effect 1", "at effect 1"];
    expect((await crashTest({ module, at })).findings).toEqual([]);
  });

  it("pays twice where it doesn't look, and the finding is the page's", { timeout }, async () => {
    expect(example).toContain(looks);
    const module = await compiled("wrong-agent.js", example.replace(looks, `${doesNotLook},`));
    expect(printed(await crashTest({ module, seed: 1, at: ["at effect 1"] }))).toEqual([finding]);
  });
});
