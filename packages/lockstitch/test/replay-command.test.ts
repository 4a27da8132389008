import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scripted, toolUse } from "@lockstitch/testing";
import { fileStore, run, tool } from "lockstitch";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { main } from "../src/command/main.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

let directory: string;
let made = 0;
const modules: string[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lockstitch-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  for (const file of modules.splice(0)) rmSync(file, { force: true });
});

async function lockstitch(...words: string[]): Promise<{ status: number; said: string; errors: string }> {
  const [said, errors]: [string[], string[]] = [[], []];
  const status = await main(words, { say: (text) => said.push(text), error: (text) => errors.push(text) });
  return { status, said: said.join("\n"), errors: errors.join("\n") };
}

const effect = () => join(directory, "effect");

/** A module with the agent as it was, or as it is now. Its tool and its model leave a trace if they are ever used. */
function moduleWith({ system = "Be brief.", description = "Pays." } = {}): string {
  const folder = join(root, "node_modules/.cache");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `replay-${process.pid}-${++made}.mjs`);
  modules.push(file);
  writeFileSync(
    file,
    `import { writeFileSync } from "node:fs";
const happened = () => { writeFileSync(${JSON.stringify(effect())}, ""); return "paid"; };
export const agent = {
  system: ${JSON.stringify(system)},
  tools: [{ name: "pay", description: ${JSON.stringify(description)}, effects: "once", parse: (input) => input,
    inputSchema: { type: "object", properties: {} }, run: happened }],
};
export const claude = happened;
`,
  );
  return file;
}

const pay = tool({
  name: "pay",
  description: "Pays.",
  input: z.object({}),
  effects: "once",
  run: () => "paid",
});
const log = () => join(directory, "log");
const copy = () => join(directory, "copy");

async function session(): Promise<void> {
  const claude = scripted([[toolUse("pay", {}, "toolu_pay")], "Paid."]);
  await run({ system: "Be brief.", tools: [pay] }, "Pay.", { claude, store: fileStore(log()), session: "s" });
}

/** Every file of the store, by name, content and time. */
function traces(): readonly string[] {
  return readdirSync(copy(), { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const path = join(copy(), name);
      const { mtimeMs } = statSync(path);
      const content = statSync(path).isFile() ? readFileSync(path) : "";
      return `${name} ${mtimeMs} ${createHash("sha256").update(content).digest("hex")}`;
    });
}

describe("lockstitch replay", () => {
  it("says that the agent does as its log says, having called nothing and written nothing", async () => {
    await session();
    // A store that nobody writes to any more: this process keeps its own for a moment.
    cpSync(log(), copy(), { recursive: true });
    const before = traces();
    expect(await lockstitch("replay", moduleWith(), "s", "--store", copy())).toEqual({
      status: 0,
      said: "Session s is replayed as it was logged: 1 run, 2 steps, 1 tool call.",
      errors: "",
    });
    expect(traces()).toEqual(before);
    expect(existsSync(effect())).toBe(false);
  });

  it("shows where new code departs, and fails", async () => {
    await session();
    const changed = moduleWith({ system: "Be long.", description: "Pays at once." });
    expect(await lockstitch("replay", changed, "s", "--store", log())).toEqual({
      status: 1,
      said: [
        "Session s: the agent departs from the log.",
        '  run 1, step 1: system, block 0: expected "Be brief.", got "Be long." [event 5]',
        '  run 1, step 1: tools.0 (pay), description: expected "Pays.", got "Pays at once." [event 5]',
      ].join("\n"),
      errors: "",
    });
    const { status, said } = await lockstitch("replay", changed, "s", "--store", log(), "--json");
    expect(status).toBe(1);
    expect(JSON.parse(said)).toMatchObject({
      session: "s",
      runs: 1,
      departures: [{ kind: "request", part: "system" }, { part: "tools" }],
    });
  });

  it("takes what a subagent came to from the log, and replays its session with its own agent", async () => {
    const child = { name: "child", system: "Below." };
    const ask = tool({
      name: "pay",
      description: "Pays.",
      input: z.object({}),
      effects: "once",
      run: async (_input, call) => (await call.run(child, "Go.")).text,
    });
    const claude = scripted([[toolUse("pay", {}, "toolu_pay")], "From below.", "Paid."]);
    const agent = { system: "Be brief.", tools: [ask] };
    await run(agent, "Pay.", { claude, store: fileStore(log()), session: "s" });
    expect(await lockstitch("replay", moduleWith(), "s", "--store", log())).toEqual({
      status: 0,
      said: "Session s is replayed as it was logged: 1 run, 2 steps, 1 tool call.",
      errors: "",
    });
    expect(existsSync(effect())).toBe(false);
    const below = await lockstitch(
      "replay",
      moduleWith({ system: "Above." }),
      "s:toolu_pay",
      "--store",
      log(),
    );
    expect(below).toMatchObject({
      status: 1,
      said: expect.stringContaining('system, block 0: expected "Below.", got "Above."'),
    });
  });

  it.each<[string, string[], number, RegExp]>([
    ["no session", ["replay", "a.mjs"], 2, /replay takes a module and a session/],
    ["no store", ["replay", "a.mjs", "s"], 2, /replay needs --store/],
    ["a module that there is not", ["replay", "nowhere.mjs", "s", "--store", "x"], 1, /nowhere\.mjs/],
  ])("says what is wrong with %s", async (_what, words, status, message) => {
    const result = await lockstitch(...words);
    expect(result).toMatchObject({ status, said: "" });
    expect(result.errors).toMatch(message);
  });

  it("says that there is no such session, and makes no store", async () => {
    const result = await lockstitch("replay", moduleWith(), "s", "--store", log());
    expect(result).toMatchObject({ status: 1, errors: expect.stringContaining("There is no session s") });
    expect(readdirSync(directory)).toEqual([]);
  });

  it("helps", async () => {
    expect((await lockstitch("--help")).said).toContain(
      "lockstitch replay <module> <session> --store <directory>",
    );
    expect((await lockstitch("replay", "--help")).said).toContain("shows where it departs");
  });
});
