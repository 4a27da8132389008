import { readdirSync } from "node:fs";
import type { AgentEvent, EventBody, Log, Post, Store } from "@lockstitch/core";
import { createFileStore } from "../src/file/file-store.js";
import type { Machine } from "../src/file/machine.js";
import { nodeMachine } from "../src/file/node-machine.js";
import { defaultSettings, type Settings } from "../src/file/settings.js";

export const begun: EventBody = { type: "session.start", agent: "a", tools: [], fingerprint: "f" };

export const said = (content: string): Post => ({ type: "input", messages: [{ role: "user", content }] });

/** A store as if of a process of its own: what another has open in this process, it doesn't see. */
export function freshStore(
  directory: string,
  settings: Partial<Settings> = {},
  machine: Machine = nodeMachine,
): Store {
  const own = { ...machine, self: { ...machine.self, pid: machine.self.pid } };
  return createFileStore(own, directory, { ...defaultSettings, onRepair: () => {}, ...settings });
}

/** A machine on which every process that ever was is gone, e.g. after a kill that can't be had in one process. */
export const afterAKill: Machine = { ...nodeMachine, isGone: () => true };

export async function begin(store: Store, session: string): Promise<Log> {
  const log = await store.open(session, "me");
  await log.append([begun]);
  return log;
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

export const texts = (events: readonly AgentEvent[]): string[] =>
  events.flatMap((event) => (event.type === "input" ? [String(event.messages[0]?.content)] : []));

/** The names of the files of a log, oldest first. */
export const segments = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith(".jsonl"))
    .sort();
