import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { scripted, toolUse } from "@lockstitch/testing";
import { type Agent, memoryStore, type Permit, run, type Store, tool } from "lockstitch";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { codeBlocks, documents, root } from "./markdown.js";

// What is imported here is compiled first, with all that it needs: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

interface Page {
  readonly agent: Agent;
  readonly boss: Agent;
  readonly permit: Permit;
  readonly late: Permit;
  decisions(store: Store, session: string): Promise<readonly string[]>;
}

let folder: string;
let page: Page;

beforeAll(async () => {
  const blocks = documents()
    .filter(({ path }) => path === "docs/permission.md")
    .flatMap(codeBlocks)
    .filter(({ language }) => language === "ts");
  // Git ignores this place, and unlike in node_modules what is there runs on the sources of our packages.
  await mkdir(join(root, ".lockstitch"), { recursive: true });
  folder = await mkdtemp(join(root, ".lockstitch", "permission-"));
  const files = blocks.map((_, index) => join(folder, `block-${index}.ts`));
  await Promise.all(blocks.map(({ code }, index) => writeFile(files[index] as string, code)));
  const modules = await Promise.all(files.map((file) => import(/* @vite-ignore */ pathToFileURL(file).href)));
  page = Object.assign({}, ...modules);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const read = toolUse("read_mail", {}, "toolu_1");
const send = (to: string, text: string, id: string) => toolUse("send_mail", { to, text }, id);

/** What was decided about the calls of these steps. */
async function decided(agent: Agent, ...steps: readonly ReturnType<typeof toolUse>[][]) {
  const store = memoryStore();
  await run(agent, "Go.", { claude: scripted([...steps, "Done."]), store, session: "s" });
  return page.decisions(store, "s");
}

describe("what the page about permission says", () => {
  it("lets mail be sent to colleagues, but for passwords, and asks about all others", async () => {
    const steps = [send("a@example.com", "Hi", "toolu_2"), send("a@example.com", "My Password", "toolu_3")];
    expect(await decided(page.agent, steps)).toEqual([
      "toolu_2: allow (allow send_mail with an input like this)",
      "toolu_3: deny (passwords are never sent)",
    ]);
    expect(await decided(page.agent, [send("a@else.org", "Hi", "toolu_2")])).toEqual([
      "toolu_2: ask (no rule is about this call)",
    ]);
  });

  it("asks about every mail that is sent after one was read", async () => {
    expect(await decided(page.agent, [read], [send("a@example.com", "Hi", "toolu_2")])).toEqual([
      "toolu_1: allow (allow read_*)",
      "toolu_2: ask (the rule of two: with send_mail, untrusted content, private data and acting come together)",
    ]);
  });

  it("pays one invoice in the country, asks above 100 dollars, and never pays abroad", async () => {
    const pay = tool({
      name: "pay",
      description: "Pays.",
      input: z.object({ usd: z.number(), to: z.object({ iban: z.string() }), invoices: z.array(z.string()) }),
      run: () => "paid",
    });
    const paying = (usd: number, iban: string, invoices: readonly string[], id: string) =>
      toolUse("pay", { usd, to: { iban }, invoices }, id);
    const steps = [
      paying(5, "NO1", ["a"], "toolu_1"),
      paying(500, "NO1", ["a"], "toolu_2"),
      paying(5, "SE1", ["a"], "toolu_3"),
      paying(5, "NO1", ["a", "b"], "toolu_4"),
    ];
    expect(await decided({ tools: [pay], permit: page.permit }, steps)).toEqual([
      "toolu_1: allow (allow pay with an input like this)",
      "toolu_2: ask (more than 100 dollars)",
      "toolu_3: deny (payments stay in the country)",
      "toolu_4: deny (no rule is about this call)",
    ]);
  });

  it("lets a researcher read below its boss", async () => {
    const store = memoryStore();
    const claude = scripted([
      [toolUse("research", { question: "What?" }, "toolu_1")],
      [toolUse("read_page", { page: 7 }, "toolu_2")],
      "That.",
      "Done.",
    ]);
    await run(page.boss, "Go.", { claude, store, session: "s" });
    expect(await page.decisions(store, "s")).toEqual(["toolu_1: allow"]);
    expect(await page.decisions(store, "s:toolu_1")).toEqual(["toolu_2: allow"]);
  });

  it("gives the words of a permission of one's own", async () => {
    const pay = tool({ name: "pay", description: "Pays.", effects: "idempotent", run: () => "paid" });
    const steps = Array.from({ length: 6 }, (_, index) => [toolUse("pay", {}, `toolu_${index}`)]);
    const agent = { tools: [pay], permit: page.late, limits: { maxRepeatedCalls: 100 } };
    expect((await decided(agent, ...steps)).at(-1)).toBe("toolu_5: ask (a payment late in a long run)");
  });
});
