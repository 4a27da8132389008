import type { AgentEvent, Store } from "@lockstitch/core";
import { createFileStore } from "../../src/file/file-store.js";
import type { Machine } from "../../src/file/machine.js";
import { defaultSettings, type Settings } from "../../src/file/settings.js";
import { all } from "../helpers.js";
import { settle } from "./game.js";
import type { SimulatedProcess } from "./process.js";
import type { World } from "./world.js";

export const leaseMs = 1_000;
export const lingerMs = 300;
const settings: Settings = { ...defaultSettings, leaseMs, lingerMs, onRepair: () => {}, now: () => 7 };

/** A process with a store, and a way to wait for what it does. */
export interface Actor {
  readonly process: SimulatedProcess;
  readonly store: Store;
  done<Value>(promise: Promise<Value>): Promise<Value>;
}

/** Starts a process with a store. */
export function start(world: World, change: (machine: Machine) => Machine = (machine) => machine): Actor {
  const process = world.start();
  return {
    process,
    store: createFileStore(change(process.machine), "/store", settings),
    async done(promise) {
      await settle(world, promise);
      return promise;
    },
  };
}

/** Stops a process for longer than its lease. What it had asked of the kernel is done by then. */
export async function stopForLong(world: World, { process }: Actor): Promise<void> {
  process.stop();
  await new Promise((resolve) => setImmediate(resolve));
  world.advance(2 * leaseMs);
}

/** Session s. */
export const read = (store: Store): Promise<readonly AgentEvent[]> => all(store.read("s"));
