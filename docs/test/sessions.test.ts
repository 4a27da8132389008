import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { scripted, toolUse } from "@lockstitch/testing";
import { type Agent, approve, fileStore, resume, run, type Store, steer, ToolError } from "lockstitch";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { codeBlocks, documents, root } from "./markdown.js";

// What is imported here is compiled first, with all that it needs: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const blocks = documents()
  .filter(({ path }) => path === "docs/sessions.md")
  .flatMap(codeBlocks)
  .filter(({ language }) => language === "ts");

interface Page {
  readonly agent: Agent;
  answer(toolUseId: string, store: Store): Promise<void>;
  waiting(session: string, store: Store): Promise<readonly string[]>;
  branch(session: string, store: Store): Promise<string>;
}

const startFolder = process.cwd();
let folder: string;
let page: Page;
let store: Store;

beforeAll(async () => {
  // Git ignores this place, and unlike in node_modules what is there runs on the sources of our packages.
  await mkdir(join(root, ".lockstitch"), { recursive: true });
  folder = await mkdtemp(join(root, ".lockstitch", "sessions-"));
  process.chdir(folder);
  const files = blocks.map((_, index) => join(folder, `block-${index}.ts`));
  await Promise.all(blocks.map(({ code }, index) => writeFile(files[index] as string, code)));
  const modules = await Promise.all(files.map((file) => import(/* @vite-ignore */ pathToFileURL(file).href)));
  page = Object.assign({}, ...modules);
  store = fileStore("log");
});

afterAll(async () => {
  process.chdir(startFolder);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

const pays = () => [toolUse("pay", { invoice: "7", usd: 250 }, "toolu_7")];
const on = (...replies: Parameters<typeof scripted>[0]) => ({ store, claude: scripted(replies) });

describe("what the page about sessions says", () => {
  it("finds out which calls wait, answers them, and branches", async () => {
    await run(page.agent, "Pay.", { ...on(pays()), session: "invoice-7" });
    expect(await page.waiting("invoice-7", store)).toEqual(["toolu_7"]);
    await expect(page.branch("invoice-7", store)).rejects.toThrow(/It has none yet/);
    await page.answer("toolu_7", store);
    expect(await page.waiting("invoice-7", store)).toEqual([]);
    const result = await resume(page.agent, "invoice-7", on("Not paid."));
    expect(JSON.stringify(result.messages)).toContain("not before Monday");
    const branch = await page.branch("invoice-7", store);
    expect(await run(page.agent, "Why?", { ...on("It is Sunday."), session: branch })).toMatchObject({
      text: "It is Sunday.",
    });
  });

  it("keeps words that lose the race with the run's end for the session's next run", async () => {
    await run(page.agent, "Hello.", { ...on("Hello!"), session: "late" });
    const late: Store = {
      ...store,
      // The log as it was just before the run's end, as whoever speaks has read it.
      read: async function* (...given) {
        for await (const event of store.read(...given)) if (event.type !== "run.end") yield event;
      },
    };
    await steer(late, "late", "One more thing.");
    expect(await resume(page.agent, "late", on())).toMatchObject({ text: "Hello!" });
    const next = on("Both.");
    await run(page.agent, "And another.", { ...next, session: "late" });
    const asked = JSON.stringify(next.claude.requests[0]?.messages);
    expect(asked).toMatch(/One more thing\..*And another\./);
  });

  it.each<[string, (input: unknown) => unknown, RegExp]>([
    ["what a new parse makes of the input that was approved", (input) => ({ seen: input }), /ran .*250/],
    [
      "nothing where that throws",
      () => {
        throw new ToolError("No such invoice.");
      },
      /No such invoice/,
    ],
  ])("runs %s", async (what, parse, words) => {
    const tool = page.agent.tools?.[0] as NonNullable<Agent["tools"]>[number];
    await run(page.agent, "Pay.", { ...on(pays()), session: what });
    await approve(store, what, "toolu_7", { approved: true });
    const changed = { tools: [{ ...tool, parse, run: (input: unknown) => `ran ${JSON.stringify(input)}` }] };
    const result = await resume(changed as Agent, what, on("Done."));
    expect(JSON.stringify(result.messages)).toMatch(words);
  });
});
