import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach } from "vitest";
import { main } from "../src/command/main.js";

const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

export let directory: string;
export let started: ChildProcess[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lockstitch-"));
  started = [];
});
afterEach(() => {
  for (const child of started) child.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

export interface Running {
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

export async function simulate(...words: string[]): Promise<Running> {
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

export function collect(stream: NodeJS.ReadableStream) {
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
export async function failing(
  ...words: string[]
): Promise<{ status: number; stdout: string; stderr: string }> {
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

export function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

export const question = {
  model: "claude-haiku-5-5",
  max_tokens: 1_000,
  messages: [{ role: "user", content: "What should I wear in Oslo?" }],
};
