import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { FileStoreOptions } from "@lockstitch/store";
import { afterEach } from "vitest";

const script = fileURLToPath(new URL("child.mjs", import.meta.url));
const running = new Set<ChildProcess>();

/** What a child says without being asked. */
type Said =
  | { readonly type: "acked" | "watched"; readonly text: string }
  | { readonly type: "lost"; readonly session: string }
  | { readonly type: "repair"; readonly repair: { readonly file: string; readonly bytes: number } };

export interface Child {
  readonly pid: number;
  readonly said: readonly Said[];
  /** Asks for something, and resolves with the answer or rejects with the error that came back. */
  ask<Value = unknown>(command: string, words?: object): Promise<Value>;
  /** Resolves when the child has said something that this holds of. */
  hears(what: (said: Said) => boolean): Promise<Said>;
  stop(): void;
  wake(): void;
  /** Kill -9, and resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts a process with a store on this directory. */
export async function startChild(
  directory: string,
  options: Omit<FileStoreOptions, "now" | "onRepair"> = {},
): Promise<Child> {
  const child = fork(script, [directory, JSON.stringify(options)], {
    execArgv: [],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  running.add(child);
  const said: Said[] = [];
  const answers = new Map<number, (answer: { value?: unknown; error?: Error }) => void>();
  const listeners = new Set<() => void>();
  let asked = 0;
  child.on("message", (message: { type: string; id: number; value?: unknown; error?: Error }) => {
    if (message.type === "answer") answers.get(message.id)?.(message);
    else said.push(message as unknown as Said);
    for (const listener of [...listeners]) listener();
  });
  await once(child, "message");
  return {
    pid: child.pid as number,
    said,
    ask: <Value>(command: string, words: object = {}) =>
      new Promise<Value>((resolve, reject) => {
        asked += 1;
        answers.set(asked, ({ value, error }) =>
          error === undefined ? resolve(value as Value) : reject(error),
        );
        child.send({ ...words, id: asked, command }, () => {});
      }),
    hears: (what) =>
      new Promise((resolve) => {
        const check = () => {
          const found = said.find(what);
          if (found === undefined) return;
          listeners.delete(check);
          resolve(found);
        };
        listeners.add(check);
        check();
      }),
    stop: () => void child.kill("SIGSTOP"),
    wake: () => void child.kill("SIGCONT"),
    kill: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

afterEach(async () => {
  await Promise.all([...running].map(end));
});
