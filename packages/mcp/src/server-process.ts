import type { ChildProcess, ChildProcessWithoutNullStreams } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { McpError } from "./errors.js";
import type { StdioServer } from "./server.js";
import { sleep } from "./sleep.js";
import { within } from "./within.js";

/** A server's process, and all that it has started: `npx` and shells start the server itself, and don't hand on what they are told. */
export interface ServerProcess {
  readonly input: Writable;
  readonly output: Readable;
  readonly errors: Readable;
  /** Resolves when it has ended and what it had written was read, with how it ended. */
  readonly ended: Promise<string>;
  /** Ends it, with all that it has started: by the end of its input, then by signals. Resolves when that is done. */
  end(): Promise<void>;
}

/** In milliseconds: how long each way of ending it gets before the next, harder one. */
const grace = 2_000;

/** A group of its own is what a signal reaches as a whole. Windows has none, and gives a process of a new group a window. */
const hasGroups = process.platform !== "win32";

/** Rejects with why there is none: `McpError`, or what the system says. */
export async function startProcess(server: StdioServer): Promise<ServerProcess> {
  const { command, args = [], env, folder } = server;
  // The system would say that the command is missing.
  if (folder !== undefined && !(await isFolder(folder)))
    throw new McpError(
      server.name,
      `The MCP server ${server.name} can't be reached: there is no folder ${folder}. Check its \`folder\`.`,
    );
  const { default: spawn } = await import("cross-spawn");
  const { getDefaultEnvironment } = await import("@modelcontextprotocol/client/stdio");
  const child = spawn(command, [...args], {
    ...(folder === undefined ? {} : { cwd: folder }),
    env: { ...getDefaultEnvironment(), ...env },
    stdio: "pipe",
    detached: hasGroups,
    windowsHide: true,
  }) as ChildProcessWithoutNullStreams;
  const { stdin: input, stdout: output, stderr: errors } = child;
  const exited = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) =>
      resolve(
        signal === null ? `its process ended with exit code ${code}` : `its process was ended by ${signal}`,
      ),
    );
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  // A signal that can't be sent is told here, too.
  child.on("error", () => {});
  endWithUs(child);
  const ended = exited.then(async (how) => {
    await drained(child);
    return how;
  });
  let ending: Promise<void> | undefined;
  return {
    input,
    output,
    errors,
    ended,
    end: () => {
      ending ??= finish(child, ended);
      return ending;
    },
  };
}

async function isFolder(path: string): Promise<boolean> {
  const { stat } = await import("node:fs/promises");
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function finish(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.stdin?.end();
  await within(grace, ended);
  // As long as somebody of the group is left, no other group gets its number.
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (!signalAll(child, signal)) break;
    for (let waited = 0; waited < grace && signalAll(child, 0); waited += 20) await sleep(20);
  }
  await within(grace, ended);
  endsAlone(child);
  // Whoever has left the group may hold the other ends for as long as it likes, and this process would stay for them.
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
}

/** Whether anybody was left to hear it. 0 only asks that. */
function signalAll(child: ChildProcess, signal: "SIGTERM" | "SIGKILL" | 0): boolean {
  const { pid } = child;
  if (pid === undefined) return false;
  if (!hasGroups) return endTree(child, pid, signal);
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/** On Windows, where nobody can be asked to end. */
function endTree({ exitCode, signalCode }: ChildProcess, pid: number, signal: string | 0): boolean {
  if (exitCode !== null || signalCode !== null) return false;
  if (signal !== 0)
    void import("node:child_process").then(({ spawn }) => {
      const told = spawn("taskkill", ["/pid", String(pid), "/T", "/F"], {
        stdio: "ignore",
        windowsHide: true,
      });
      told.on("error", () => {});
    });
  return true;
}

/**
 * Resolves when what a process had written before it ended was read. Its output may be held by another that it has started, and then it
 * never closes: what was written is there by now, so a few rounds in which nothing comes are enough.
 */
async function drained(child: ChildProcess): Promise<void> {
  let quiet = 0;
  const heard = () => {
    quiet = 0;
  };
  child.stdout?.on("data", heard);
  child.stderr?.on("data", heard);
  // Whoever holds it may go on writing for ever.
  for (let round = 0; round < 1_000 && quiet < 3; round++, quiet++) await new Promise(setImmediate);
}

const running = new Set<ChildProcess>();

const endAll = (): void => {
  for (const child of running) signalAll(child, "SIGTERM");
};

/** Those that go on when their input ends would outlive this process, e.g. after `process.exit()`. */
function endWithUs(child: ChildProcess): void {
  if (running.size === 0) process.on("exit", endAll);
  running.add(child);
}

function endsAlone(child: ChildProcess): void {
  running.delete(child);
  if (running.size === 0) process.off("exit", endAll);
}
