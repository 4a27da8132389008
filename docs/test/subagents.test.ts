import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { scripted, toolUse } from "@lockstitch/testing";
import { type Agent, memoryStore, type Result, type RunOptions, run, type Tool } from "lockstitch";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { codeBlocks, documents, root } from "./markdown.js";

// What is imported here is compiled first, with all that it needs: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const blocks = documents()
  .filter(({ path }) => path === "docs/subagents.md")
  .flatMap(codeBlocks)
  .filter(({ language }) => language === "ts");

interface Page {
  readonly lead: Agent;
  readonly discuss: Tool;
  sayYes(root: Agent, waiting: Result, options: RunOptions): Promise<Result>;
}

let folder: string;
let page: Page;

beforeAll(async () => {
  // Git ignores this place, and unlike in node_modules what is there runs on the sources of our packages.
  await mkdir(join(root, ".lockstitch"), { recursive: true });
  folder = await mkdtemp(join(root, ".lockstitch", "subagents-"));
  const files = blocks.map((_, index) => join(folder, `block-${index}.ts`));
  await Promise.all(blocks.map(({ code }, index) => writeFile(files[index] as string, code)));
  const modules = await Promise.all(files.map((file) => import(/* @vite-ignore */ pathToFileURL(file).href)));
  page = Object.assign({}, ...modules);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it("the page's researcher is told its topic, and answers its lead", async () => {
  const claude = scripted([[toolUse("research", { topic: "moths" })], "They fly.", "Done."]);
  const result = await run(page.lead, "Go.", { claude });
  expect(JSON.stringify(claude.requests[1]?.messages)).toContain("Write 1 pages about moths.");
  expect(result.messages[2]?.content).toMatchObject([{ content: "They fly." }]);
});

it("the page's discussion has two sides", async () => {
  const claude = scripted([[toolUse("discuss", { question: "Trams?" })], "Yes.", "No.", "Done."]);
  const result = await run({ tools: [page.discuss] }, "Go.", { claude });
  expect(result.messages[2]?.content).toMatchObject([{ content: '["Yes.","No."]' }]);
});

it("the page's yes reaches what waits, and the root goes on", async () => {
  const store = memoryStore();
  const pay: Tool = { name: "pay", needsApproval: true, parse: (input) => input, run: () => "paid" };
  const ask: Tool = {
    name: "ask",
    effects: "idempotent",
    parse: (input) => input,
    run: async (_input, call) => (await call.run({ tools: [pay] }, "Pay.")).text,
  };
  const agent: Agent = { tools: [ask] };
  const first = scripted([[toolUse("ask", {}, "toolu_1")], [toolUse("pay", {}, "toolu_2")]]);
  const waiting = await run(agent, "Go.", { claude: first, store, session: "s" });
  expect(waiting.status).toBe("waiting");
  const result = await page.sayYes(agent, waiting, { claude: scripted(["Paid.", "Done."]), store });
  expect(result.messages[2]?.content).toMatchObject([{ content: "Paid." }]);
});
