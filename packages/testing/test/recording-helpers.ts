import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Claude, Environment, ModelRequest, StreamEvent, Tool, Wait } from "@lockstitch/core";
import { afterEach, beforeEach } from "vitest";

/** A directory of its own for every test of a file. */
export function temporaryDirectory(): { path(name: string): string; read(name: string): string } {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "lockstitch-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return {
    path: (name) => join(directory, name),
    read: (name) => readFileSync(join(directory, name), "utf8"),
  };
}

/** What each line of a file of JSON lines says. */
export function jsonLines(text: string): ReturnType<typeof JSON.parse>[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** Nobody waits, and every id is new. */
export function still(): Environment {
  let ids = 0;
  return { now: () => 0, random: () => 0, id: () => `id_${++ids}`, sleep: async () => {} };
}

/** A tool by hand. */
export function handTool(name: string, work: Tool["run"], more: Partial<Tool> = {}): Tool {
  return { name, effects: "none", parse: (input) => input, run: work, ...more };
}

/** One call of a Claude function, with what it emitted. */
export async function ask(
  claude: Claude,
  request: Partial<ModelRequest>,
  signal: AbortSignal = new AbortController().signal,
): Promise<{ message?: unknown; error?: unknown; events: (StreamEvent | Wait)[] }> {
  const events: (StreamEvent | Wait)[] = [];
  const whole = { model: "claude-sonnet-5-5", max_tokens: 100, messages: [], ...request };
  try {
    return { message: await claude(whole, { signal, emit: (event) => events.push(event) }), events };
  } catch (error) {
    return { error, events };
  }
}

export function said(text: string): Pick<ModelRequest, "messages"> {
  return { messages: [{ role: "user", content: text }] };
}
