import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { record, scripted } from "@lockstitch/testing";
import { run } from "lockstitch";
import { describe, expect, it, vi } from "vitest";

import { collect, directory, failing, file, question, simulate, started } from "./simulate-driver.js";

// Processes are started here: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000 });

/** At a port below those that the system gives to whoever asks for any: once it is free again, nobody else takes it by chance. */
async function serverAtAPort(): Promise<Server> {
  for (;;) {
    const server = createServer().listen(10_000 + Math.floor(Math.random() * 20_000), "127.0.0.1");
    const isListening = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (isListening) return server;
  }
}

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

  it("makes faults for one session alone, and says to wait until a date", async () => {
    const { ask, lines } = await simulate("--faults", "session=alice:429@date+60 no-retry");
    const struck = await ask({ ...question, metadata: { user_id: "alice" } });
    expect(struck.status).toBe(429);
    expect(Date.parse(struck.headers.get("retry-after") ?? "")).toBeGreaterThan(Date.now());
    expect(struck.headers.get("x-should-retry")).toBe("false");
    expect((await ask(question)).status).toBe(200);
    expect((await ask(question, { "x-session-id": "alice" })).status).toBe(429);
    expect((await lines(3)).map((line) => line.includes("fault: 429"))).toEqual([true, false, true]);
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
    const taken = await serverAtAPort();
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
