import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scripted, toolUse } from "@lockstitch/testing";
import { approve, fileStore, run, tool } from "lockstitch";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";

// Processes are started here: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000 });

const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const root = fileURLToPath(new URL("../../../", import.meta.url));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lockstitch-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));

/** Once this process has let go of the store: the other one waits for that a second, which a slow machine may not keep to. */
async function lockstitch(
  ...words: string[]
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const lock = join(directory, "log", "lock");
  if (existsSync(lock))
    await vi.waitFor(() => expect(readdirSync(lock)[0]).not.toContain(`.pid-${process.pid}.`), 10_000);
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...words], { cwd: root }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : (error.code as number | null), stdout, stderr });
    });
  });
}

/** A module with an agent that pays once it is allowed to, and a model that then says so. */
function moduleWith(agent: string, replies = '["Paid."]'): string {
  const folder = join(root, "node_modules/.cache");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `agent-${process.pid}.mjs`);
  writeFileSync(
    file,
    `import { tool } from "lockstitch";
import { scripted, toolUse } from "@lockstitch/testing";
import { z } from "zod";
const pay = tool({ name: "pay", description: "Pays.", input: z.object({}), effects: "once", needsApproval: true, run: () => "paid" });
export const claude = scripted(${replies});
${agent}
`,
  );
  return file;
}

const pay = tool({
  name: "pay",
  description: "Pays.",
  input: z.object({}),
  effects: "once",
  needsApproval: true,
  run: () => "paid",
});
const store = () => fileStore(join(directory, "log"));
const begin = () =>
  run({ tools: [pay] }, "Pay.", {
    claude: scripted([[toolUse("pay", {}, "toolu_pay")]]),
    store: store(),
    session: "s",
  });

describe("lockstitch resume", () => {
  it("says who waits for whom, and goes on once a person has answered", async () => {
    const module = moduleWith("export const agent = { tools: [pay] };");
    await begin();
    const resume = ["resume", module, "s", "--store", join(directory, "log")];
    expect(await lockstitch(...resume)).toEqual({
      status: 3,
      stdout: "",
      stderr: "waits for a person: toolu_pay pay {}\n",
    });
    await approve(store(), "s", "toolu_pay", { approved: true });
    expect(await lockstitch(...resume)).toEqual({ status: 0, stdout: "Paid.\n", stderr: "" });
    const { status, stdout } = await lockstitch(...resume, "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ text: "Paid.", session: "s", status: "ended" });
  });

  it("says what cut a run short, and that it did not come to its end", async () => {
    await begin();
    await approve(store(), "s", "toolu_pay", { approved: true });
    const module = moduleWith(
      "export const agent = { tools: [pay], limits: { maxSteps: 2 } };",
      '[[toolUse("pay", {}, "toolu_again")]]',
    );
    const words = ["resume", module, "s", "--store", join(directory, "log")];
    expect((await lockstitch(...words)).status).toBe(3);
    await approve(store(), "s", "toolu_again", { approved: true });
    const json = await lockstitch(...words, "--json");
    expect(json).toMatchObject({ status: 1, stderr: expect.stringMatching(/^ended by a limit: maxSteps\./) });
    expect(JSON.parse(json.stdout)).toMatchObject({ reason: "limit", limit: "maxSteps" });
  });

  it("says that a run was aborted", async () => {
    await begin();
    await approve(store(), "s", "toolu_pay", { approved: true });
    const module = moduleWith(`import { abort, fileStore } from "lockstitch";
const stop = async () => {
  await abort(fileStore(${JSON.stringify(join(directory, "log"))}), "s");
  return new Promise(() => {});
};
export const agent = { tools: [{ ...pay, run: stop }] };`);
    expect(await lockstitch("resume", module, "s", "--store", join(directory, "log"))).toEqual({
      status: 1,
      stdout: "",
      stderr: "ended by an abort. Resume again to go on.\n",
    });
  });

  it("takes an agent that is exported by default", async () => {
    await begin();
    const module = moduleWith("export default { tools: [pay] };");
    expect(await lockstitch("resume", module, "s", "--store", join(directory, "log"))).toMatchObject({
      status: 3,
    });
  });

  it.each<[string, string[], number, RegExp]>([
    ["no words at all", [], 2, /^$/],
    ["a command that there is not", ["resumee"], 2, /no command "resumee"/],
    ["no session", ["resume", "a.mjs"], 2, /takes a module and a session/],
    ["no store", ["resume", "a.mjs", "s"], 2, /needs --store/],
    ["an option that there is not", ["resume", "a.mjs", "s", "--stor", "x"], 2, /--stor/],
    ["a module that there is not", ["resume", "nowhere.mjs", "s", "--store", "x"], 1, /nowhere\.mjs/],
  ])("says what is wrong with %s", async (_what, words, status, message) => {
    const result = await lockstitch(...words);
    expect(result.status).toBe(status);
    expect(result.stderr).toMatch(message);
  });

  it("says what is wrong with a module without an agent, and with a session that there is not", async () => {
    expect(await lockstitch("resume", moduleWith(""), "s", "--store", join(directory, "log"))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("exports no agent"),
    });
    const none = await lockstitch(
      "resume",
      moduleWith("export const agent = {};"),
      "s",
      "--store",
      join(directory, "log"),
    );
    expect(none).toMatchObject({ status: 1, stderr: expect.stringContaining("There is no session s") });
  });

  it("says where a module is wrong, and that it reads no TypeScript", async () => {
    const wrong = await lockstitch(
      "resume",
      moduleWith("export const agent = {{;"),
      "s",
      "--store",
      directory,
    );
    expect(wrong).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/See where: node --check .*\.mjs/),
    });
    const typed = join(directory, "agent.ts");
    writeFileSync(typed, "export const agent: object = {};");
    const { stderr } = await lockstitch("resume", typed, "s", "--store", directory);
    // A Node that strips types reads it, and then finds no session.
    expect(stderr).toMatch(/compile it|no session/);
  });

  it("ends even where the module keeps something open", async () => {
    await begin();
    const module = moduleWith("export const agent = { tools: [pay] }; setInterval(() => {}, 1000);");
    expect(await lockstitch("resume", module, "s", "--store", join(directory, "log"))).toMatchObject({
      status: 3,
    });
  });

  it("helps", async () => {
    expect(await lockstitch("--help")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("lockstitch resume <module> <session>"),
    });
    expect(await lockstitch("resume", "--help")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("goes on with a session"),
    });
  });
});
