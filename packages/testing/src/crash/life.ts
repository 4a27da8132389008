import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Approval, messageOf, type Result } from "@lockstitch/core";
import type { KillPoint, Visits } from "./kill-point.js";
import type { Ledger } from "./ledger.js";
import type { Person } from "./person.js";
import type { FromChild, ToChild } from "./words.js";

/** How the life of one process went. */
export type Ending =
  | { readonly type: "killed" }
  | { readonly type: "ended"; readonly result: Result; readonly visits: Visits; readonly ms: number }
  /** It has left, and a person is to answer. */
  | { readonly type: "waiting"; readonly approvals: readonly Approval[] }
  | { readonly type: "failed"; readonly problem: string };

export interface LifeParts {
  /** The path of the module. */
  readonly module: string;
  readonly directory: string;
  readonly seed: number;
  readonly killAt: KillPoint | undefined;
  readonly leaves: boolean;
  readonly ledger: Ledger;
  /** Milliseconds until a process that does not end is given up. */
  readonly patienceMs: number;
  readonly person: Person;
}

/** Node runs the built driver, also where this file is run from its source. */
const driver = fileURLToPath(new URL("../../dist/crash/child/driver.js", import.meta.url));

/** Starts a process, lets it live until it ends or is killed, and tells how that went. */
export function live(parts: LifeParts): Promise<Ending> {
  const { module, directory, seed, killAt, leaves, ledger, patienceMs, person } = parts;
  const child = fork(driver, [module], { stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv: [] });
  const visits: { "at start": number; "at effect": number } = { "at start": 0, "at effect": 0 };
  let ending: Ending | undefined;
  let begunAt = 0;
  let complaints = "";
  const timers: NodeJS.Timeout[] = [];

  const kill = (): void => void child.kill("SIGKILL");
  const send = (word: ToChild): void => {
    // It may have been killed a moment ago.
    if (child.connected) child.send(word, () => {});
  };
  const after = (ms: number, task: () => void): void => void timers.push(setTimeout(task, ms));
  const isKillAt = (place: "at start" | "at effect"): boolean => {
    visits[place] += 1;
    return killAt?.place === place && killAt.count === visits[place];
  };

  const giveUp = (error: unknown): void => {
    ending = { type: "failed", problem: `a person could not answer: ${messageOf(error)}` };
    kill();
  };

  const hear = (word: FromChild): void => {
    switch (word.type) {
      case "ready":
        begunAt = performance.now();
        if (killAt?.place === "at ms") after(killAt.count, kill);
        for (const at of person.waitsFor) if (at.place === "at ms") after(at.count, () => person.speak(at));
        return send({ type: "begin", directory, seed, killAt, holdAt: person.waitsFor, leaves });
      case "committed":
        return ledger.commit(word.events);
      case "question": {
        const value = ledger.answer(word.ask);
        if (word.ask.type !== "find" && isKillAt(word.ask.type === "start" ? "at start" : "at effect"))
          return kill();
        return send({ type: "answer", question: word.question, value });
      }
      case "held":
        return void person.speak(word.at).then(() => send({ type: "let_go" }));
      case "waiting":
        if (leaves) ending = word;
        else person.approve(word.approvals).then(() => send({ type: "go_on" }), giveUp);
        return;
      case "ended":
        ending = { ...word, visits: { ...word.visits, ...visits }, ms: performance.now() - begunAt };
        return;
      case "failed":
        ending = word;
        return;
    }
  };

  return new Promise((resolve) => {
    after(patienceMs, () => {
      ending = { type: "failed", problem: `the process did not end within ${patienceMs} ms` };
      kill();
    });
    const finish = (code: number | null, signal: string | null): void => {
      timers.forEach(clearTimeout);
      const died = {
        type: "failed",
        problem: `the process ended with ${signal ?? code}: ${complaints}`,
      } as const;
      resolve(ending ?? (signal === "SIGKILL" ? { type: "killed" } : died));
    };
    child.stderr?.on("data", (text: Buffer) => {
      complaints = (complaints + text).slice(-2_000);
    });
    child.on("message", hear);
    child.on("error", (error) => {
      ending = { type: "failed", problem: error.message };
      // One that never came to life doesn't die either.
      if (child.pid === undefined) finish(null, null);
    });
    // Not before all that it said is heard: its last words may still be in the channel when it is dead.
    let exit: [number | null, string | null] | undefined;
    let isSilent = false;
    child.on("exit", (code, signal) => {
      exit = [code, signal];
      if (isSilent) finish(...exit);
    });
    child.on("disconnect", () => {
      isSilent = true;
      if (exit !== undefined) finish(...exit);
    });
  });
}
