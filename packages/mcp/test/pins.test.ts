import { execFile } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { execPath } from "node:process";
import type { Readable } from "node:stream";
import { describe, expect, it, vi } from "vitest";
import type { ToolChange } from "../src/changes.js";
import type { McpDefinition } from "../src/definition.js";
import { McpError, mcpTools } from "../src/index.js";
import { takeLock } from "../src/lock.js";
import type { ServerPins } from "../src/pin.js";
import type { Pins } from "../src/pins.js";
import { updatePinsFile } from "../src/pins-file.js";
import { createReview, type ReviewOptions } from "../src/review.js";
import { rawServer, temporaryFolder } from "./support.js";

// Processes are started here: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000 });

const tool = (name: string, more: Partial<McpDefinition> = {}): McpDefinition => ({
  name,
  inputSchema: { type: "object" },
  ...more,
});

async function look(pins: Pins, tools: McpDefinition[], accept?: ReviewOptions["accept"], server = "x") {
  const review = createReview(server, { pins, ...(accept === undefined ? {} : { accept }) });
  await review.look(tools);
  return review;
}

const newFile = async () => `${await temporaryFolder()}/pins.json`;
const serversIn = async (pins: string) => Object.keys(JSON.parse(await readFile(pins, "utf8"))).sort();

/** A process that pins the tools of many servers, all at once, as soon as it is told to. */
async function pinner(pins: string, url: string, names: readonly string[]) {
  const script = `
    import { mcpTools } from ${JSON.stringify(new URL("../dist/index.js", import.meta.url))};
    const [pins, url, ...names] = process.argv.slice(1);
    const pin = async (name) => (await mcpTools({ name, url }, { pins })).close();
    console.log("ready");
    process.stdin.once("data", async () => {
      await Promise.all(names.map(pin));
      process.exit(0);
    });`;
  const process = execFile(execPath, ["--input-type=module", "-e", script, pins, url, ...names]);
  await once(process.stdout as Readable, "data");
  return async () => {
    const exited = once(process, "exit");
    process.stdin?.write("go");
    expect(await exited).toEqual([0, null]);
  };
}

describe("two processes that pin at the same time", () => {
  it("lose none of each other's pins", async () => {
    const pins = await newFile();
    const url = await rawServer({ tools: [tool("a")] });
    const names = ["a", "b"].map((letter) => Array.from({ length: 30 }, (_, index) => `${letter}${index}`));
    const pinners = await Promise.all(names.map((some) => pinner(pins, url, some)));
    await Promise.all(pinners.map((go) => go()));
    expect(await serversIn(pins)).toEqual(names.flat().sort());
  });
});

describe.each([
  ["a file", newFile],
  ["a map", async () => new Map<string, ServerPins>()],
] as const)("pins in %s", (_what, make) => {
  it("are of one definition, where two that differ are seen first at the same time", async () => {
    const pins = await make();
    const reviews = await Promise.all([
      look(pins, [tool("a", { title: "one" })]),
      look(pins, [tool("a", { title: "other" })]),
    ]);
    const kinds = reviews.flatMap((review) => review.changes().map(({ kind }) => kind));
    expect(kinds).toEqual(["changed"]);
  });

  it("hold what was accepted in two places at the same time", async () => {
    const pins = await make();
    await look(pins, [tool("a"), tool("b")]);
    const [changedA, changedB] = [tool("a", { title: "new" }), tool("b", { title: "new" })];
    const yes = () => true;
    await Promise.all([
      look(pins, [changedA, tool("b")], yes),
      look(pins, [tool("a"), changedB], yes),
      look(pins, [tool("a"), tool("b"), tool("c")], yes),
    ]);
    expect((await look(pins, [changedA, changedB, tool("c")])).changes()).toEqual([]);
  });

  it("ask about a tool that is gone, and drop it on yes", async () => {
    const pins = await make();
    await look(pins, [tool("a"), tool("b")]);
    const asked: ToolChange[] = [];
    const answering = (answer: boolean) => (change: ToolChange) => {
      asked.push(change);
      return answer;
    };
    const kept = await look(pins, [tool("a")], answering(false));
    expect(kept.changes()).toMatchObject([{ tool: "b", kind: "removed" }]);
    const dropped = await look(pins, [tool("a")], answering(true));
    expect(dropped.changes()).toEqual([]);
    expect(asked.map(({ kind }) => kind)).toEqual(["removed", "removed"]);
    expect((await look(pins, [tool("a")], answering(true))).changes()).toEqual([]);
    expect(asked).toHaveLength(2);
    const back = await look(pins, [tool("a"), tool("b")]);
    expect(back.changes()).toMatchObject([{ tool: "b", kind: "added" }]);
    expect(back.definitions().map(({ name }) => name)).toEqual(["a"]);
  });

  it("say of an accept that failed that it failed, and stay as they were", async () => {
    const pins = await make();
    const url = await rawServer({ tools: [tool("a")] });
    await (await mcpTools({ name: "x", url }, { pins })).close();
    const cause = new Error("no terminal here");
    const accept = () => Promise.reject(cause);
    const changed = await rawServer({ tools: [tool("a", { title: "new" })] });
    const failed = await mcpTools({ name: "x", url: changed }, { pins, accept }).catch(
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(McpError);
    expect(failed).toMatchObject({
      message: 'accept failed when it was asked about the tool "a" of the server x: no terminal here',
      cause,
    });
    expect((await look(pins, [tool("a")])).changes()).toEqual([]);
  });
});

describe("a lock", () => {
  const newLock = async () => {
    const path = await newFile();
    return { path, file: `${path}.lock` };
  };

  it("is one's own until it is released, and then anybody's", async () => {
    const { path, file } = await newLock();
    const lock = await takeLock(path);
    expect(await lock.isHeld()).toBe(true);
    const waits: number[] = [];
    const other = await takeLock(path, async (milliseconds) => {
      waits.push(milliseconds);
      if (waits.length === 3) await lock.release();
    });
    expect(waits).toHaveLength(3);
    expect([await lock.isHeld(), await other.isHeld()]).toEqual([false, true]);
    await lock.release();
    expect(await other.isHeld()).toBe(true);
    await other.release();
    await expect(readFile(file)).rejects.toThrow(/ENOENT/);
  });

  it("is taken from whoever was ended with it", async () => {
    const { path, file } = await newLock();
    await writeFile(file, "somebody who is gone");
    let waited = 0;
    const wait = async (milliseconds: number) => {
      waited += milliseconds;
    };
    expect(await (await takeLock(path, wait)).isHeld()).toBe(true);
    expect(waited).toBeGreaterThanOrEqual(10_000);
    expect(waited).toBeLessThan(11_000);
  });

  it("is taken from nobody while it changes hands", async () => {
    const { path, file } = await newLock();
    await writeFile(file, "0");
    let waited = 0;
    const lock = await takeLock(path, async (milliseconds) => {
      expect(await readFile(file, "utf8")).toBe(`${Math.floor(waited / 4_000)}`);
      waited += milliseconds;
      if (waited < 12_000) await writeFile(file, `${Math.floor(waited / 4_000)}`);
      else await rm(file);
    });
    expect(await lock.isHeld()).toBe(true);
    expect(waited).toBe(12_000);
  });
});

describe("a file of pins", () => {
  it("is the same one by whatever path it is reached", async () => {
    const pins = await newFile();
    const [other, link] = [relative(process.cwd(), pins), `${pins}.link`];
    await writeFile(pins, "{}");
    await symlink(pins, link);
    const paths = [pins, other, link];
    await Promise.all(
      paths.flatMap((path, at) => [1, 2].map((n) => look(path, [], undefined, `s${at}${n}`))),
    );
    expect(await serversIn(pins)).toEqual(["s01", "s02", "s11", "s12", "s21", "s22"]);
    expect(await serversIn(link)).toEqual(await serversIn(pins));
  });

  it("is read again, where the lock was taken away meanwhile", async () => {
    const pins = await newFile();
    await look(pins, [tool("a")], undefined, "one");
    const { one } = JSON.parse(await readFile(pins, "utf8")) as { one: ServerPins };
    const found: unknown[] = [];
    await updatePinsFile(pins, "three", (now) => {
      found.push(now);
      if (found.length > 1) return one;
      rmSync(`${pins}.lock`);
      writeFileSync(pins, JSON.stringify({ one, two: one, three: {} }));
      return one;
    });
    expect(found).toEqual([undefined, {}]);
    expect(JSON.parse(await readFile(pins, "utf8"))).toEqual({ one, two: one, three: one });
  });

  it("leaves nothing beside it", async () => {
    const pins = await newFile();
    await look(pins, [tool("a")]);
    await look(pins, [tool("b")], () => true);
    expect(await readdir(pins.replace("pins.json", ""))).toEqual(["pins.json"]);
  });

  it("that can't be written is told of with the way out", async () => {
    const pins = `${await temporaryFolder()}/none/pins.json`;
    const error = await look(pins, [tool("a")]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(McpError);
    expect(String(error)).toMatch(/file of pins ".*none\/pins\.json" can't be written.*ENOENT/);
  });

  it("that can't be read is told of with the reason", async () => {
    const pins = await newFile();
    await mkdir(pins);
    await expect(look(pins, [tool("a")])).rejects.toThrow(/file of pins .* can't be read.*EISDIR/);
  });
});
