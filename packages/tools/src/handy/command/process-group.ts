import type { ChildProcess } from "node:child_process";

/** Programs that run now. */
const running = new Set<ChildProcess>();

/** They are in groups of their own, so nothing else would end them when this process ends by itself. */
function endAll(): void {
  for (const child of running) signalGroup(child, "SIGKILL");
}

/** Remembers a program until it is forgotten, so that it is ended with this process. */
export function remember(child: ChildProcess): void {
  if (running.size === 0) process.on("exit", endAll);
  running.add(child);
}

export function forget(child: ChildProcess): void {
  running.delete(child);
  if (running.size === 0) process.off("exit", endAll);
}

/** Signals a program and all that it has started; on Windows, which has no groups, the program alone. Whoever is gone is left alone. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // None of the group is left.
  }
}
