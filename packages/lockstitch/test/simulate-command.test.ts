import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { record, scripted } from "@lockstitch/testing";
import { run } from "lockstitch";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { main } from "../src/command/main.js";

const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

let directory: string;
let started: ChildProcess[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lockstitch-"));
  started = [];
});
afterEach(() => {
  for (const child of started) child.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

interface Running {
  readonly url: string;
  /** What it said so far. */
  readonly stdout: () => string;
  /** Its lines about requests, as soon as there are so many. */
  lines(count: number): Promise<readonly string[]>;
  ask(
    body: object,
    headers?: Record<string, string>,
  ): Promise<{ status: number; headers: Headers; body: string }>;
  /** Sends the signal, and gives the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

function lockstitch(
  ...words: string[]
): ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream } {
  const child = spawn(process.execPath, [cli, ...words], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  return child;
}

async function simulate(...words: string[]): Promise<Running> {
  const child = lockstitch("simulate", ...words);
  const exited = once(child, "exit");
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  await stdout.until((text) => text.includes("Ctrl+C"));
  const url = /http:\S+/.exec(stdout.text())?.[0] ?? "";
  return {
    url,
    stdout: stdout.text,
    async lines(count) {
      await stderr.until((text) => text.split("\n").length > count);
      return stderr.text().trim().split("\n");
    },
    async ask(body, headers = {}) {
      const response = await fetch(`${url}/v1/messages`, {
        method: "POST",
        headers: { "x-api-key": "any", "anthropic-version": "2026-10-21", ...headers },
        body: JSON.stringify(body),
      });
      return { status: response.status, headers: response.headers, body: await response.text() };
    },
    async end(signal) {
      child.kill(signal);
      const [code] = await exited;
      return code as number | null;
    },
  };
}

function collect(stream: NodeJS.ReadableStream) {
  let text = "";
  stream.setEncoding("utf8").on("data", (more: string) => {
    text += more;
  });
  return {
    text: () => text,
    async until(isThere: (text: string) => boolean): Promise<void> {
      while (!isThere(text)) await once(stream, "data");
    },
  };
}

/** For words that come to an end by themselves: no process of their own, for there are many. */
async function failing(...words: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const said = { stdout: "", stderr: "" };
  const status = await main(["simulate", ...words], {
    say: (text) => {
      said.stdout += text;
    },
    error: (text) => {
      said.stderr += text;
    },
  });
  return { status, ...said };
}

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const question = {
  model: "claude-haiku-5-5",
  max_tokens: 1_000,
  messages: [{ role: "user", content: "What should I wear in Oslo?" }],
};

describe("lockstitch simulate", () => {
  it("says where it is and how a client is pointed at it, and a client that is told no more gets an answer", async () => {
    const simulator = await simulate();
    expect(simulator.stdout()).toContain(`export ANTHROPIC_BASE_URL=${simulator.url}\n`);
    const env = Object.fromEntries(
      [...simulator.stdout().matchAll(/export (\w+)=(\S+)/g)].map(([, name = "", value = ""]) => [
        name,
        value,
      ]),
    );
    const program = `
      const { run } = await import(${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)});
      console.log((await run({}, "Hello")).text);`;
    const client = spawn(process.execPath, ["--input-type=module", "--eval", program], { env });
    started.push(client);
    const said = collect(client.stdout);
    expect(await once(client, "close")).toEqual([0, null]);
    expect(said.text()).toContain("Simulated reply");
  });

  it("tells each request in one line: what came of it, the model, the tokens, and what was wrong", async () => {
    const { ask, lines } = await simulate();
    await ask(question);
    await ask({ ...question, messages: [] });
    await ask({ ...question, model: "a\nb\u001b[2J" }, { "x-api-key": "" });
    const [good, bad, nobody] = await lines(3);
    expect(good).toMatch(/^POST \/v1\/messages {2}200 {2}claude-haiku-5-5 {2}\d+ in, \d+ out$/);
    expect(bad).toMatch(/^POST \/v1\/messages {2}400 {2}claude-haiku-5-5 {2}invalid_request_error: messages/);
    // What a client sends can't write a line of its own, or anywhere else on the screen.
    expect(nobody).toMatch(/^POST \/v1\/messages {2}401 .*authentication_error/);
    expect(await lines(3)).toHaveLength(3);
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "ends with 0 at %s, even while a client waits for its answer",
    async (signal) => {
      const script = file("slow.mjs", "export default () => new Promise(() => {});");
      const simulator = await simulate("--script", script);
      const asking = simulator.ask(question).catch(() => "cut off");
      // A second request is answered at once: the first one has come in by then.
      await fetch(`${simulator.url}/v1/nothing`);
      expect(await simulator.end(signal)).toBe(0);
      expect(await asking).toBe("cut off");
    },
  );

  it.each([
    ["replies.json", '["one", { "content": [{ "type": "text", "text": "two" }] }]'],
    ["texts.json", '[{ "content": "one" }, { "content": "two" }]'],
    ["replies.mjs", 'export default ["one", () => ({ content: [{ type: "text", text: "two" }] })];'],
    [
      "mind.mjs",
      'let n = 0; export default () => ({ content: [{ type: "text", text: ["one", "two"][n++] }] });',
    ],
  ])("says what a script says: %s", async (name, text) => {
    const { ask } = await simulate("--script", file(name, text));
    expect((await ask(question)).body).toContain('"text":"one"');
    expect((await ask(question)).body).toContain('"text":"two"');
  });

  it("plays a recording", async () => {
    const recording = join(directory, "oslo.jsonl");
    await run({}, "Hello", { claude: record(scripted(["Recorded."]), recording) });
    const { ask } = await simulate("--script", recording);
    const hello = { ...question, messages: [{ role: "user", content: "Hello" }] };
    expect((await ask(hello)).body).toContain('"text":"Recorded."');
    expect((await ask(question)).status).toBe(500);
  });

  it("takes one key only if it is given one, and does not print it", async () => {
    const { ask, stdout } = await simulate("--key", "sk-mine");
    expect((await ask(question)).status).toBe(401);
    expect((await ask(question, { "x-api-key": "sk-mine" })).status).toBe(200);
    expect(stdout()).not.toContain("sk-mine");
  });

  it("makes faults on demand, and says which struck", async () => {
    const { ask, lines } = await simulate("--faults", "1:overloaded, 2:reset");
    expect((await ask(question)).status).toBe(529);
    await expect(ask(question)).rejects.toThrow();
    expect((await ask(question)).status).toBe(200);
    const [first, second] = await lines(3);
    expect(first).toMatch(/529 .*fault: 529/);
    expect(second).toMatch(/\(no answer\) .*fault: reset/);
  });

  it("has rate limits on demand", async () => {
    const { ask } = await simulate("--rate-limits", "intro-free");
    const answers = [];
    for (let i = 0; i < 6; i++) answers.push(await ask(question));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(answers[0]?.headers.get("anthropic-ratelimit-requests-limit")).toBe("5");
  });

  it("cuts streams as it is told", async () => {
    const { ask } = await simulate("--pace", "chunk=3,first=1", "--script", file("a.json", '["abcdefgh"]'));
    const { body } = await ask({ ...question, stream: true });
    expect([...body.matchAll(/"text_delta","text":"(.*?)"/g)].map(([, text]) => text)).toEqual([
      "abc",
      "def",
      "gh",
    ]);
  });

  it("takes retired models on demand", async () => {
    const retired = { ...question, model: "claude-3-opus-20240229" };
    expect((await (await simulate()).ask(retired)).status).toBe(404);
    expect((await (await simulate("--retired-models")).ask(retired)).status).toBe(200);
  });

  it("listens at the port that it is given, and says so if that is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const port = String((taken.address() as AddressInfo).port);
    expect(await failing("--port", port)).toEqual({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(/something else has that port. Take another with --port/),
    });
    taken.close();
    await once(taken, "close");
    expect((await simulate("--port", port)).url).toBe(`http://127.0.0.1:${port}`);
  });

  it.each<[string, string[], number, RegExp]>([
    ["an option that there is not", ["--prot", "1"], 2, /--prot/],
    ["a word too many", ["8080"], 2, /8080/],
    ["a port that is no number", ["--port", "http"], 2, /--port is "http"/],
    ["a port that there is not", ["--port", "70000"], 2, /--port is "70000"/],
    ["a pace that there is not", ["--pace", "slow"], 2, /--pace has "slow"; it takes first=/],
    ["a pace of nothing", ["--pace", "tokens=0"], 2, /must be a positive number/],
    ["a tier that there is not", ["--rate-limits", "gold"], 2, /no rate tier "gold". Tiers: /],
    ["a fault that there is not", ["--faults", "1:earthquake"], 2, /no kind "earthquake"/],
    ["a script that there is not", ["--script", "nowhere.mjs"], 1, /nowhere\.mjs can't be loaded/],
    ["a recording that there is not", ["--script", "nowhere.jsonl"], 1, /nowhere\.jsonl can't be read/],
    ["a JSON script that there is not", ["--script", "nowhere.json"], 1, /nowhere\.json can't be read/],
  ])("says what is wrong with %s", async (_what, words, status, message) => {
    const result = await failing(...words);
    expect(result).toEqual({ status, stdout: "", stderr: expect.stringMatching(message) });
    expect(result.stderr.includes("Usage:")).toBe(status === 2);
  });

  it.each<[string, string, RegExp]>([
    ["a.json", "[,]", /a\.json can't be read/],
    ["a.json", '{ "content": [] }', /holds no script/],
    ["a.json", '["fine", { "contents": [] }]', /reply 2 of 2 is none/],
    ["a.json", '[{ "content": 5 }]', /reply 1 of 1 is none/],
    ["a.json", '[{ "message": null }]', /reply 1 of 1 is none/],
    ["a.json", "[null]", /reply 1 of 1 is none/],
    ["a.mjs", 'export const replies = ["one"];', /by default/],
  ])("says what is wrong with a script: %s %s", async (name, text, message) => {
    expect(await failing("--script", file(name, text))).toEqual({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(message),
    });
  });

  it("helps", async () => {
    const help = await failing("--help");
    expect(help).toMatchObject({ status: 0, stdout: expect.stringContaining("lockstitch simulate [--port") });
  });
});

it("importing lockstitch does not load the simulator", async () => {
  const hooks = `import { writeSync } from "node:fs";
    export const load = (url, context, next) => { writeSync(1, url + "\\n"); return next(url, context); };`;
  const program = `import { register } from "node:module";
    register("data:text/javascript,${encodeURIComponent(hooks)}");
    await import(${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)});`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program]);
  started.push(child);
  const loaded = collect(child.stdout);
  await once(child, "close");
  expect(loaded.text()).toContain("/packages/core/");
  expect(loaded.text()).not.toContain("/packages/testing/");
});
