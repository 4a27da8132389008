import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import type { Operation } from "../kill-point.js";
import type { KillSwitch } from "./kill-switch.js";

type Call = (...given: unknown[]) => unknown;

const withCallback: Readonly<Record<string, Operation>> = {
  write: "write",
  writev: "write",
  fdatasync: "sync",
  fsync: "sync",
  rename: "rename",
  unlink: "remove",
};
const blocking: Readonly<Record<string, Operation>> = {
  writeSync: "write",
  writevSync: "write",
  fdatasyncSync: "sync",
  fsyncSync: "sync",
  renameSync: "rename",
  unlinkSync: "remove",
};

/**
 * Stands between this process and `node:fs`, so that it can die around the nth write or sync of any store: to be called before the
 * store is imported. A store that writes through `node:fs/promises` isn't seen here; its commits are.
 */
export function hookDisk({ reach }: KillSwitch): void {
  const calls = fs as unknown as Record<string, Call>;
  for (const [name, operation] of Object.entries(withCallback)) {
    replace(calls, name, (original) => (...given) => {
      const done = given.pop() as Call;
      reach(`before ${operation}`);
      return original(...given, (...results: unknown[]) => {
        reach(`after ${operation}`);
        done(...results);
      });
    });
  }
  for (const [name, operation] of Object.entries(blocking)) {
    replace(calls, name, (original) => (...given) => {
      reach(`before ${operation}`);
      const result = original(...given);
      reach(`after ${operation}`);
      return result;
    });
  }
  syncBuiltinESMExports();
}

/** Keeps what the original carries: `promisify` finds there how its results are to be named. */
function replace(calls: Record<string, Call>, name: string, wrap: (original: Call) => Call): void {
  const original = calls[name];
  if (original === undefined) return;
  calls[name] = Object.defineProperties(wrap(original), Object.getOwnPropertyDescriptors(original));
}
