import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StdioServer } from "../src/index.js";
import { temporaryFolder } from "./support.js";

const preamble = `
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
const folder = import.meta.dirname;
const note = (words) => appendFileSync(folder + "/journal", words + "\\n");
const write = (words, written) => process.stdout.write(words + "\\n", written);
const send = (message) => write(JSON.stringify({ jsonrpc: "2.0", ...message }));
const text = (words) => ({ content: [{ type: "text", text: words }] });
const stayOn = () => setInterval(() => {}, 1_000_000);
/** Starts a process that holds this one's output. */
const help = (options) => {
  const helper = spawn(process.execPath, ["-e", "setInterval(() => {}, 1_000_000)"], { stdio: ["ignore", "inherit", "inherit"], ...options });
  note("start " + helper.pid);
};
const go = { name: "go", inputSchema: { type: "object" } };
const serverInfo = { name: "raw", version: "1.0.0" };
const on = {
  initialize: ({ id }) => send({ id, result: { protocolVersion: "2025-06-18", capabilities: { tools: {} }, serverInfo } }),
  "tools/list": ({ id }) => send({ id, result: { tools: [go] } }),
  "tools/call": ({ id }) => send({ id, result: text("done") }),
};
note("start " + process.pid);
`;

const ending = `
createInterface({ input: process.stdin }).on("line", (line) => {
  const message = JSON.parse(line);
  note(message.method);
  on[message.method]?.(message);
});
`;

export interface RawProcess {
  readonly server: StdioServer;
  /** Methods that it was asked for, `start <pid>` for each process, and what `body` notes. */
  journal(): Promise<readonly string[]>;
  /** Of the processes that were started so far, those that have not ended. */
  alive(): Promise<readonly number[]>;
}

/**
 * A server that stands on nobody's code: what it says, a library's server would not let it say. `body` may change what it does, in the
 * words of the preamble above, e.g. `on["tools/call"] = () => process.exit(1)`. `inShell`: it is started by a shell that waits for it.
 */
export async function rawProcess(
  body: string,
  { inShell = false, ...more }: Partial<StdioServer> & { readonly inShell?: boolean } = {},
): Promise<RawProcess> {
  const folder = await temporaryFolder();
  const script = join(folder, "server.mjs");
  await writeFile(script, `${preamble}${body}${ending}`);
  const journal = async () =>
    (await readFile(join(folder, "journal"), "utf8").catch(() => "")).trim().split("\n");
  const command = inShell
    ? { command: "sh", args: ["-c", `"${process.execPath}" "${script}"; true`] }
    : { command: process.execPath, args: [script] };
  return {
    server: { name: "raw", ...command, ...more },
    journal,
    alive: async () => {
      const pids = (await journal()).flatMap((line) => /^start (\d+)$/.exec(line)?.[1] ?? []).map(Number);
      const states = await Promise.all(pids.map(async (pid) => ((await isAlive(pid)) ? [pid] : [])));
      return states.flat();
    },
  };
}

/** One that has ended, and that nobody has asked how, is none. */
async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return !/^State:\s+Z/m.test(status);
}
