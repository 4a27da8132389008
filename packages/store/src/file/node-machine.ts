import { createHash, randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Machine, Owner } from "./machine.js";
import { nodeDisk } from "./node-disk.js";

const exitTasks = new Set<() => void>();
let isListening = false;

/** The process that this runs in. */
export const nodeMachine: Machine = {
  disk: nodeDisk,
  get self() {
    return self();
  },
  isGone,
  now: () => Date.now(),
  elapsed: () => performance.now(),
  id: () => randomUUID(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  every(milliseconds, task, { keepAlive = false } = {}) {
    const timer = setInterval(task, milliseconds);
    if (!keepAlive) timer.unref();
    return () => clearInterval(timer);
  },
  later(milliseconds, task) {
    const timer = setTimeout(task, milliseconds).unref();
    return () => clearTimeout(timer);
  },
  soon: setImmediate,
  onExit(task) {
    // One listener for all stores: a process with many would be warned of a leak.
    if (!isListening) process.on("exit", () => [...exitTasks].forEach((each) => void each()));
    isListening = true;
    exitTasks.add(task);
    return () => void exitTasks.delete(task);
  },
};

let known: Owner | undefined;

function self(): Owner {
  known ??= {
    pid: process.pid,
    startedAt: startOf(process.pid)?.startedAt ?? "0",
    machine: nameOfMachine(),
    host: hostname(),
  };
  return known;
}

function isGone(owner: Owner): boolean {
  if (owner.machine !== self().machine) return false;
  const start = startOf(owner.pid);
  if (start !== undefined) return start.isDead || start.startedAt !== owner.startedAt;
  // No `/proc` here, or no such process: a signal that is never sent tells the two apart.
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/**
 * When a process started, by `/proc/<pid>/stat`: a pid is used again sooner or later, a pid with its start time never is.
 * A zombie is dead: it only waits for its parent to ask how it ended.
 */
function startOf(pid: number): { readonly startedAt: string; readonly isDead: boolean } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name of the program stands in parentheses and may hold spaces and parentheses itself. See proc(5).
    const [state = "", ...rest] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { startedAt: rest[18] ?? "0", isDead: state === "Z" || state === "X" };
  } catch {
    return undefined;
  }
}

function nameOfMachine(): string {
  const parts = [
    hostname(),
    attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")),
    // Two containers may share a kernel, a name and a volume, and still not know each other's processes.
    attempt(() => readlinkSync("/proc/self/ns/pid")),
  ];
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 8);
}

function attempt(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
