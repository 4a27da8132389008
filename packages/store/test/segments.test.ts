import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "@lockstitch/core";
import { describe, expect, it } from "vitest";
import type { Machine } from "../src/file/machine.js";
import { nodeMachine } from "../src/file/node-machine.js";
import { watchedMachine } from "./faulty.js";
import { afterAKill, all, begin, freshStore, said, texts } from "./helpers.js";
import { temporaryDirectory } from "./temporary.js";

const sessions = Array.from({ length: 40 }, (_, index) => `session-${index}`);
const rounds = 12;

/** Writes many sessions, mixed, into segments of a few sessions' lines each; and lets go of the directory. */
async function fill(directory: string): Promise<void> {
  let release = () => {};
  const later: Machine["later"] = (_, task) => {
    release = task;
    return () => {};
  };
  const machine: Machine = { ...nodeMachine, later };
  const store = freshStore(directory, { segmentBytes: 20_000 }, machine);
  const logs = await Promise.all(sessions.map((session) => begin(store, session)));
  for (let round = 0; round < rounds; round++)
    await Promise.all(logs.map((log) => log.append([said(`${round} ${"x".repeat(300)}`)])));
  await Promise.all(logs.map((log) => log.close()));
  release();
  while (!readdirSync(join(directory, "lock")).some((name) => name.endsWith(".released")))
    await new Promise((resolve) => setImmediate(resolve));
}

const logBytes = (directory: string) =>
  readdirSync(directory)
    .filter((name) => name.endsWith(".jsonl"))
    .reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);

/** A store of a process that has seen nothing yet, and how many bytes it reads of the log. */
function counting(directory: string) {
  const counts = { log: 0, index: 0 };
  const machine = watchedMachine({
    before(operation, path, bytes) {
      if (operation === "read" && path.endsWith(".jsonl")) counts.log += bytes;
      if (operation === "read" && path.endsWith(".index")) counts.index += bytes;
    },
  });
  return { store: freshStore(directory, {}, machine), counts };
}

async function check(store: Store): Promise<void> {
  for (const session of sessions) {
    const found = texts(await all(store.read(session)));
    expect(found.map((text) => Number.parseInt(text, 10))).toEqual(
      Array.from({ length: rounds }, (_, round) => round),
    );
  }
  expect((await all(store.list())).map(({ session, events }) => [session, events])).toEqual(
    sessions.map((session) => [session, rounds + 1]),
  );
}

describe("a log of many segments", () => {
  it("holds what was written, in files of about the size that was asked for", async () => {
    const directory = temporaryDirectory();
    await fill(directory);
    const sizes = readdirSync(directory)
      .filter((name) => name.endsWith(".jsonl"))
      .map((name) => statSync(join(directory, name)).size);
    expect(sizes.length).toBeGreaterThan(5);
    for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThanOrEqual(20_000);
    await check(freshStore(directory));
  });

  it("is not read as a whole to list its sessions, or to open or read one", async () => {
    const directory = temporaryDirectory();
    await fill(directory);
    const total = logBytes(directory);
    const reader = counting(directory);
    expect(await all(reader.store.list())).toHaveLength(sessions.length);
    // The first line of the first file says which log it is.
    expect(reader.counts.log).toBeLessThanOrEqual(1024);
    expect(reader.counts.index).toBeLessThan(total / 5);
    expect(texts(await all(reader.store.read("session-7")))).toHaveLength(rounds);
    expect(reader.counts.log).toBeLessThan(total / 20);
    const writer = counting(directory);
    const log = await writer.store.open("session-8", "me");
    expect(texts(await log.append([]))).toHaveLength(rounds);
    expect(writer.counts.log).toBeLessThan(total / 20);
  });

  it("reads, of a session, only what comes after the point it is asked for", async () => {
    const directory = temporaryDirectory();
    const store = freshStore(directory);
    const log = await begin(store, "s");
    for (let round = 0; round < 20; round++) await log.append([said(String(round).repeat(100_000))]);
    const { store: reader, counts } = counting(directory);
    await all(reader.read("unknown"));
    const before = counts.log;
    expect((await all(reader.read("s", 19))).map(({ seq }) => seq)).toEqual([20, 21]);
    expect(counts.log - before).toBeLessThan(1_000_000);
  });

  it("is found again where the files beside it are missing, torn or of another day", async () => {
    const directory = temporaryDirectory();
    await fill(directory);
    const indexes = readdirSync(directory).filter((name) => name.endsWith(".index"));
    const [first = "", second = "", third = "", fourth = ""] = indexes.map((name) => join(directory, name));
    rmSync(first);
    writeFileSync(second, readFileSync(second).subarray(0, 100));
    writeFileSync(third, readFileSync(fourth));
    writeFileSync(fourth, "");
    await check(freshStore(directory));
    const log = await freshStore(directory, {}, afterAKill).open("session-3", "me");
    expect(texts(await log.append([]))).toHaveLength(rounds);
  });

  it("is the same log without its lock", async () => {
    const directory = temporaryDirectory();
    await fill(directory);
    rmSync(join(directory, "lock"), { recursive: true });
    await check(freshStore(directory));
    const before = (await begin(freshStore(directory), "another")).fence;
    rmSync(join(directory, "lock"), { recursive: true });
    const after = (await freshStore(directory).open("session-3", "me")).fence;
    expect(after).toBeGreaterThan(before);
    expect(await all(freshStore(directory).list())).toHaveLength(sessions.length + 1);
  });
});
