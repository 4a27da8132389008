import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ToolDefinitionError } from "@lockstitch/core";
import { type CommandToolOptions, commandTool } from "@lockstitch/tools/handy";
import { describe, expect, it, vi } from "vitest";
import { programEnvironment } from "../../src/handy/command/environment.js";
import { callTool, refusalOf, temporaryFolder } from "./support.js";

// Processes are started here: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000 });

const node = process.execPath;

function running(options: Partial<CommandToolOptions> = {}) {
  const folder = temporaryFolder();
  const tool = commandTool({ folder, ...options });
  return {
    folder,
    tool,
    call: async (command: string, ...words: string[]) =>
      String(await callTool(tool, { command, arguments: words })),
  };
}

/** Whether the process lives; a zombie that nobody has collected does not. */
function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/**
 * What the model reads of a program that does not end by itself. Its time is over as soon as it has made the file `ready`, and not
 * before: by a real clock it may be over when a slow machine has not even begun the program.
 */
async function stopped(
  { passingMs, ...options }: Partial<CommandToolOptions> & { readonly passingMs: readonly number[] },
  program: string,
): Promise<string> {
  const { tool, folder } = running(options);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const words = refusalOf(tool, { command: "sh", arguments: ["-c", program] });
    await made(join(folder, "ready"));
    for (const milliseconds of passingMs) await vi.advanceTimersByTimeAsync(milliseconds);
    return await words;
  } finally {
    vi.useRealTimers();
  }
}

/** Waits for a file, whatever the clock says. */
function made(path: string): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!existsSync(path)) return;
      clearInterval(timer);
      resolve();
    }, 10);
  });
}

const pidIn = (text: string): number => Number(/pid (\d+)/.exec(text)?.[1]);

describe("run_command", () => {
  it("runs a program in the folder and tells its output, both kinds, and its exit code", async () => {
    const { call, folder } = running();
    const program = "console.log(process.cwd()); console.error('oops'); process.exitCode = 3";
    expect(await call(node, "-e", program)).toBe(`Exit code 3.\n\n${folder}\noops\n`);
    expect(await call(node, "-e", "")).toBe("Exit code 0.\n\n(no output)");
  });

  it("takes a time limit that no timer can be set for", async () => {
    const { call } = running({ timeoutMs: 3_000_000_000, graceMs: 3_000_000_000 });
    expect(await call(node, "-e", "setTimeout(() => console.log('done'), 50)")).toBe(
      "Exit code 0.\n\ndone\n",
    );
  });

  it("tells the signal that ended a program", async () => {
    const { call } = running();
    expect(await call("sh", "-c", "kill -SEGV $$")).toMatch(/^Ended by SIGSEGV\./);
  });

  it("hands arguments on as they are: no shell reads them", async () => {
    const { call, folder } = running();
    const words = [
      "a b",
      "$HOME",
      "`id`",
      "$(touch owned)",
      "; touch owned",
      "| cat",
      "> owned",
      "*",
      "'",
      '"',
      "",
    ];
    const program = "console.log(JSON.stringify(process.argv.slice(1)))";
    const output = await call(node, "-e", program, "--", ...words);
    expect(JSON.parse(output.split("\n")[2] as string)).toEqual(words);
    expect(existsSync(join(folder, "owned"))).toBe(false);
    await expect(call("echo hello")).rejects.toThrow("echo hello could not be started");
  });

  it("gives a program no variable of this process but PATH and LANG, and those that were given", async () => {
    const secrets = ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "AWS_SECRET_ACCESS_KEY", "ANYTHING"];
    for (const name of secrets) vi.stubEnv(name, "the words of the secret");
    const { call } = running({ environment: { COLOR: "blue" } });
    const names = await call(node, "-p", "Object.keys(process.env).sort().join()");
    const all = await call("sh", "-c", "set; env; cat /proc/self/environ");
    vi.unstubAllEnvs();
    expect(names).toMatch(/\n\nCOLOR,(LANG,)?PATH\n$/);
    expect(all).toContain("COLOR=");
    expect(all).not.toContain("the words of the secret");
  });

  it("gives a program an input that is at its end", async () => {
    const { call } = running();
    expect(await call("cat")).toBe("Exit code 0.\n\n(no output)");
  });

  it("runs nothing but the commands that were listed, by their very words", async () => {
    const { call, tool } = running({ commands: ["echo", "true"] });
    expect(await call("echo", "hello")).toMatch(/hello/);
    for (const command of ["cat", "/bin/echo", "./echo", "echo ", "ECHO", "constructor"])
      await expect(tool.parse({ command })).rejects.toThrow(/command/);
    expect(JSON.stringify(tool.inputSchema)).toContain('"enum":["echo","true"]');
  });

  it("keeps the beginning and the end of a long output, in constant memory", {
    timeout: 60_000,
  }, async () => {
    const { call } = running({ maxOutputBytes: 20 });
    const program = "printf xääääääää; yes | head -c 300000000; printf üüüüüüx";
    const before = process.memoryUsage().rss;
    const output = await call("sh", "-c", program);
    expect(output).toBe("Exit code 0.\n\nxääää\n[cut: 300000010 bytes are left out here]\nüüüüx");
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });

  it("stops a program after its time with all that it started, and shows what it said until then", async () => {
    const program = "sleep 600 & echo pid $!; > ready; sleep 600";
    const words = await stopped({ timeoutMs: 1_500, graceMs: 5_000, passingMs: [1_500] }, program);
    expect(words).toMatch(/^Stopped, for it was not done within 1500 ms\. Ended by SIGTERM\.\n\npid \d+\n$/);
    await vi.waitUntil(() => !isAlive(pidIn(words)), 10_000);
  });

  it("stops a program that never ends to talk after its time, and keeps no more of it than the limit", async () => {
    const before = process.memoryUsage().rss;
    const program = "yes & yes | head -c 200000000 >&2; > ready; yes >&2";
    const words = await stopped({ timeoutMs: 1_500, maxOutputBytes: 1_000, passingMs: [1_500] }, program);
    expect(words).toMatch(
      /^Stopped, for it was not done within 1500 ms\. Ended by SIGTERM\.\n\n[y\n]+\[cut: /,
    );
    expect(words.length).toBeLessThan(1_200);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });

  it("lets a program clean up before it is killed", async () => {
    const program = "trap 'sleep 0.1; echo cleaned; exit 7' TERM; > ready; while :; do sleep 0.05; done";
    const words = await stopped({ timeoutMs: 1_500, graceMs: 20_000, passingMs: [1_500] }, program);
    expect(words).toMatch(/Exit code 7\.\n\n(Terminated\n)?cleaned\n$/);
  });

  it("kills a program that will not stop, and the children that won't either", async () => {
    const program =
      "trap '' TERM; sh -c 'while :; do sleep 0.05; done' & echo pid $!; > ready; while :; do sleep 0.05; done";
    const words = await stopped({ timeoutMs: 1_500, graceMs: 100, passingMs: [1_500, 100] }, program);
    expect(words).toMatch(/Ended by SIGKILL/);
    await vi.waitUntil(() => !isAlive(pidIn(words)), 10_000);
  });

  it("ends what a program leaves behind, and does not wait for it", async () => {
    const { call } = running();
    const output = await call("sh", "-c", "sleep 600 & echo pid $!");
    expect(output).toMatch(/^Exit code 0/);
    await vi.waitUntil(() => !isAlive(pidIn(output)), 10_000);
  });

  it("does not wait for one who has left the group and holds the output open", async () => {
    const { call } = running();
    const output = await call(
      node,
      "-e",
      "const child = require('child_process').spawn('sleep', ['600'], { detached: true, stdio: 'inherit' });" +
        "console.log('pid ' + child.pid); child.unref(); process.exit(0)",
    );
    expect(output).toMatch(/^Exit code 0/);
    process.kill(pidIn(output), "SIGKILL");
  });

  it("stops a program with the call's signal", async () => {
    const { tool, folder } = running();
    const abort = new AbortController();
    const call = callTool(
      tool,
      { command: "sh", arguments: ["-c", "sleep 600 & echo pid $! > pid; wait"] },
      abort.signal,
    );
    await vi.waitUntil(
      () => existsSync(join(folder, "pid")) && readFileSync(join(folder, "pid")).length > 0,
      10_000,
    );
    abort.abort();
    await expect(call).rejects.toThrow("Stopped, for the call was aborted. Ended by SIGTERM.");
    // The system may take a moment to end what it was told to end.
    await vi.waitUntil(() => !isAlive(pidIn(readFileSync(join(folder, "pid"), "utf8"))), 10_000);
    await expect(callTool(tool, { command: "echo" }, abort.signal)).rejects.toThrow("aborted");
  });

  it("ends its programs with this process, where that ends by itself", async () => {
    const folder = temporaryFolder();
    const script = "echo pid $$ > pid.new; mv pid.new pid; exec sleep 600";
    // What was built: Node takes no TypeScript.
    const program = `
      import { commandTool } from "@lockstitch/tools/handy";
      import { existsSync } from "node:fs";
      const tool = commandTool({ folder: ${JSON.stringify(folder)} });
      const { signal } = new AbortController();
      tool.run({ command: "sh", arguments: ["-c", ${JSON.stringify(script)}] }, { signal });
      setInterval(() => existsSync(${JSON.stringify(join(folder, "pid"))}) && process.exit(5), 10);
    `;
    const cwd = fileURLToPath(new URL("../..", import.meta.url));
    const host = spawn(node, ["--input-type=module", "-e", program], { cwd, stdio: "inherit" });
    expect(await once(host, "close")).toEqual([5, null]);
    const pid = pidIn(readFileSync(join(folder, "pid"), "utf8"));
    await vi.waitUntil(() => !isAlive(pid), 10_000);
  });

  it("says in words that a program can't be started", async () => {
    // A place that may not be looked into would be said to hold a program that may not be run.
    const { tool, folder } = running({ environment: { PATH: dirname(node) } });
    writeFileSync(join(folder, "data"), "no program");
    const refusals: readonly (readonly [string, string[], RegExp])[] = [
      ["no-such-program", [], /there is no such program/],
      ["./data", [], /no permission to run it/],
      [node, ["a\0b"], /NUL character/],
      [node, ["x".repeat(3_000_000)], /its arguments are too long/],
    ];
    for (const [command, words, sentence] of refusals)
      expect(await refusalOf(tool, { command, arguments: words })).toMatch(sentence);
  });

  it("runs no program of the folder in another's stead", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "true"), "#!/bin/sh\necho owned\n", { mode: 0o755 });
    vi.stubEnv("PATH", `.::${process.env.PATH}`);
    const tool = commandTool({ folder });
    vi.unstubAllEnvs();
    expect(await callTool(tool, { command: "true" })).toBe("Exit code 0.\n\n(no output)");
  });
});

describe("commandTool", () => {
  it("asks a person first unless it is told otherwise, and never starts twice", () => {
    const folder = temporaryFolder();
    expect(commandTool({ folder })).toMatchObject({ needsApproval: true, effects: "once" });
    expect(commandTool({ folder, needsApproval: false }).needsApproval).toBe(false);
  });

  it("refuses an option that can't be meant", () => {
    const folder = temporaryFolder();
    const wrong = [
      { folder: join(folder, "none") },
      { folder, commands: [] },
      { folder, timeoutMs: 0 },
      { folder, shell: true },
      { folder, commands: "git" as never },
      { folder, commands: ["git", 5 as never] },
      { folder, commands: ["g\0it"] },
      { folder, environment: { A: 5 as never } },
      { folder, environment: { A: undefined as never } },
      { folder, environment: { "A=B": "c" } },
      { folder, environment: { A: "b\0c" } },
      { folder, environment: { "A\0": "b" } },
    ];
    for (const options of wrong) expect(() => commandTool(options)).toThrow(ToolDefinitionError);
  });
});

describe("programEnvironment", () => {
  it("takes the places of programs that are absolute, and no others", () => {
    expect(programEnvironment({ PATH: ".:/bin::bin:/usr/bin:", HOME: "/home" }, {})).toEqual({
      PATH: "/bin:/usr/bin",
    });
    expect(programEnvironment({ PATH: ":" }, {})).toEqual({});
    expect(programEnvironment({ PATH: "/bin" }, { PATH: "/usr/bin", HOME: "/x" })).toEqual({
      PATH: "/usr/bin",
      HOME: "/x",
    });
  });
});
