import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { StringDecoder } from "node:string_decoder";
import { headAndTail } from "./head-and-tail.js";
import { forget, remember, signalGroup } from "./process-group.js";

export interface ProgramTerms {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  readonly maxOutputBytes: number;
}

export interface Ending {
  /** `undefined` where a signal ended it, or nothing did. */
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  /** Why it was told to stop. */
  readonly stopped: "time" | "abort" | undefined;
  /** What it wrote to both of its outputs, as it came. */
  readonly output: string;
}

/** How long the outputs may stay open when all that we can reach is dead: whoever left the group may hold them for ever. */
const outputMs = 200;
/** How long a killed program may take to be gone, e.g. one that waits for a disk. */
const deathMs = 2_000;

/** Runs a program to its end, and the end of all that it started. Rejects with Node's error where it can't be started. */
export async function runProgram(
  command: string,
  words: readonly string[],
  terms: ProgramTerms,
  signal: AbortSignal,
): Promise<Ending> {
  signal.throwIfAborted();
  const child = spawn(command, words, {
    cwd: terms.folder,
    env: { ...terms.environment },
    // Leader of a group, so that its children can be ended with it; no terminal, no input.
    detached: process.platform !== "win32",
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
  });
  const output = headAndTail(terms.maxOutputBytes);
  const closed = gathered(child, output.add);
  await once(child, "spawn");
  // A signal that can't be sent is nothing that anybody could act on.
  child.on("error", () => {});
  remember(child);
  try {
    const stopped = await endOrStop(child, terms.timeoutMs, signal);
    if (stopped !== undefined) {
      signalGroup(child, "SIGTERM");
      await within(terms.graceMs, closed);
    }
    // Also where it ended by itself: what it left behind in its group has nobody to end it.
    signalGroup(child, "SIGKILL");
    await within(deathMs, exited(child));
    await within(outputMs, closed);
    return {
      code: child.exitCode ?? undefined,
      signal: child.signalCode ?? undefined,
      stopped,
      output: output.text(),
    };
  } finally {
    forget(child);
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

/** Waits for the program's end, its time's, or an abort. */
function endOrStop(child: ChildProcess, timeoutMs: number, signal: AbortSignal): Promise<Ending["stopped"]> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle("time"), Math.min(timeoutMs, longestTimer));
    const abort = () => settle("abort");
    const settle = (stopped: Ending["stopped"]) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      resolve(stopped);
    };
    signal.addEventListener("abort", abort, { once: true });
    void exited(child).then(() => settle(undefined));
    if (signal.aborted) abort();
  });
}

function exited(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once("exit", () => resolve());
  });
}

/** Hands on what both outputs say; settles when nobody can write to them any more. */
function gathered(child: ChildProcess, add: (text: string) => void): Promise<unknown> {
  for (const stream of [child.stdout, child.stderr]) {
    const decoder = new StringDecoder("utf8");
    stream?.on("data", (chunk: Buffer) => add(decoder.write(chunk)));
    stream?.on("end", () => add(decoder.end()));
  }
  return new Promise((resolve) => child.once("close", resolve));
}

async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(milliseconds, longestTimer));
  });
  await Promise.race([work, over]);
  clearTimeout(timer);
}

/** In milliseconds, about 24 days. A timer that is set for longer rings at once. */
const longestTimer = 2_147_483_647;
