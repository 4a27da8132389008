import { appendFileSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStore } from "@lockstitch/store";
import { describe, expect, it } from "vitest";
import type { Machine } from "../src/file/machine.js";
import { nodeMachine } from "../src/file/node-machine.js";
import { type Child, startChild } from "./child.js";
import { begin, freshStore, segments, texts } from "./helpers.js";
import { temporaryDirectory } from "./temporary.js";

const timeout = 300_000;
/** Long enough that no test gets anywhere by waiting for it. */
const leaseMs = 600_000;

/** Waits for real time to pass, where a real process must be silent for as long as its lease. */
const pass = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Whether the system tells of changes: some containers, and some network file systems, do not. */
const tellsOfChanges = (() => {
  const stop = nodeMachine.disk.watch(tmpdir(), () => {});
  stop?.();
  return stop !== undefined;
})();

async function startAll(count: number, directory: string, options: object = {}): Promise<readonly Child[]> {
  return Promise.all(Array.from({ length: count }, () => startChild(directory, options)));
}

describe("processes that share a directory", () => {
  it("race for it, and exactly one wins; the others are told who, and what to do", { timeout }, async () => {
    for (let round = 0; round < 5; round++) {
      const directory = temporaryDirectory();
      const children = await startAll(3, directory, { leaseMs });
      const settled = await Promise.allSettled(
        children.map((child, index) => child.ask("open", { session: `s${index}` })),
      );
      const winner = settled.findIndex(({ status }) => status === "fulfilled");
      const refused = settled.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
      expect(refused).toHaveLength(2);
      for (const error of refused) {
        expect(error).toMatchObject({ name: "StoreBusyError", reason: "store_busy" });
        expect(error.owner).toContain(`process ${children[winner]?.pid}`);
        expect(error.message).toMatch(/Wait until that process .* directory of its own/);
      }
      await Promise.all(children.map((child) => child.kill()));
    }
  });

  it("take over at once from one that was killed, with all that it had acknowledged", {
    timeout,
  }, async () => {
    const directory = temporaryDirectory();
    const acked: string[] = [];
    for (let round = 0; round < 6; round++) {
      // With some, a sync is under way all the time; with others, bytes are only with the system.
      const child = await startChild(directory, { leaseMs, segmentBytes: 20_000 });
      await child.ask("open", { session: "s" });
      void child.ask("flood", { session: "s", barrier: round % 2 === 0, size: 300 });
      await child.hears((said) => said.type === "acked" && said.text.includes(`-${20 * (round + 1)}-`));
      await child.kill();
      for (const said of child.said) if (said.type === "acked") acked.push(said.text);
    }
    const heir = await startChild(directory, { leaseMs });
    await heir.ask("open", { session: "s" });
    const found = new Set(await heir.ask<string[]>("read", { session: "s" }));
    expect(acked.length).toBeGreaterThan(6 * 20);
    expect(acked.filter((text) => !found.has(text))).toEqual([]);
  });

  it("leave one alone that is stopped for less than its lease", { timeout }, async () => {
    const directory = temporaryDirectory();
    const [owner, other] = await startAll(2, directory, { leaseMs });
    await owner?.ask("open", { session: "s" });
    owner?.stop();
    await expect(other?.ask("open", { session: "s" })).rejects.toMatchObject({ name: "StoreBusyError" });
    owner?.wake();
    expect(await owner?.ask("append", { session: "s", texts: ["a"] })).toEqual(["a"]);
  });

  it("take over from one that was stopped for longer than its lease; woken, it commits nothing more", {
    timeout,
  }, async () => {
    const lease = 400;
    const directory = temporaryDirectory();
    const owner = await startChild(directory, { leaseMs: lease });
    const heir = await startChild(directory, { leaseMs });
    const before = await owner?.ask<number>("open", { session: "s" });
    const flooding = owner?.ask<{ acked: string[]; error: string }>("flood", { session: "s", barrier: true });
    await owner?.hears((said) => said.type === "acked" && said.text.includes("-30-"));
    owner?.stop();
    await pass(2 * lease);
    const after = await heir?.ask<number>("open", { session: "s" });
    expect(after).toBeGreaterThan(before as number);
    await heir?.ask("append", { session: "s", texts: ["from the heir"], barrier: true });
    owner?.wake();
    const { acked, error } = (await flooding) as { acked: string[]; error: string };
    expect(error).toBe("LeaseLostError");
    await owner?.hears((said) => said.type === "lost" && said.session === "s");
    await expect(owner?.ask("append", { session: "s", texts: ["too late"] })).rejects.toMatchObject({
      name: "LeaseLostError",
    });
    await expect(owner?.ask("open", { session: "t" })).rejects.toMatchObject({ name: "StoreBusyError" });
    const history = (await heir?.ask<string[]>("read", { session: "s" })) as string[];
    expect(history.at(-1)).toBe("from the heir");
    expect(acked.filter((text) => !history.includes(text))).toEqual([]);
    // The very same for whoever comes later, whatever bytes the old owner left behind.
    await heir?.kill();
    const later = await startChild(directory, { leaseMs });
    expect(await later.ask("read", { session: "s" })).toEqual(history);
    await later.ask("open", { session: "s" });
    expect(await later.ask("read", { session: "s" })).toEqual(history);
  });

  it("ignore what an overtaken owner writes behind the end that was settled", { timeout }, async () => {
    const directory = temporaryDirectory();
    const owner = await startChild(directory, { leaseMs });
    await owner.ask("open", { session: "s" });
    await owner.ask("append", { session: "s", texts: ["a"], barrier: true });
    await owner.kill();
    const heir = await startChild(directory, { leaseMs });
    await heir.ask("open", { session: "s" });
    await heir.ask("append", { session: "s", texts: ["b"] });
    const old = join(directory, "00000001.jsonl");
    const line = readFileSync(old, "utf8").split("\n").at(-2) as string;
    appendFileSync(old, `${line}\n${line}\nrubbish`);
    const reader = await startChild(directory);
    expect(await reader.ask("read", { session: "s" })).toEqual(["a", "b"]);
    expect(statSync(old).size).toBeGreaterThan(2 * line.length);
  });

  it("go on in the same file after one that ended by itself", { timeout }, async () => {
    const directory = temporaryDirectory();
    for (const text of ["a", "b", "c"]) {
      const child = await startChild(directory, { leaseMs });
      await child.ask("open", { session: "s" });
      await child.ask("append", { session: "s", texts: [text] });
      void child.ask("closeAndExit", { session: "s" });
      while (readdirSync(join(directory, "lock")).some((name) => !name.endsWith(".released"))) await pass(5);
    }
    const reader = await startChild(directory);
    expect(await reader.ask("read", { session: "s" })).toEqual(["a", "b", "c"]);
    expect(segments(directory)).toEqual(["00000001.jsonl"]);
  });
});

describe("a process that only reads", () => {
  it("reads, lists and watches live what another writes, without the lock", { timeout }, async () => {
    const directory = temporaryDirectory();
    const [writer, reader] = await startAll(2, directory, { leaseMs, segmentBytes: 2_000 });
    expect(await reader?.ask("read", { session: "s" })).toEqual([]);
    expect(await reader?.ask("list")).toEqual([]);
    await reader?.ask("watch", { session: "s" });
    await writer?.ask("open", { session: "s" });
    await writer?.ask("append", { session: "s", texts: ["0"] });
    await reader?.hears((said) => said.type === "watched" && said.text === "0");
    for (let count = 1; count < 50; count++)
      await writer?.ask("append", { session: "s", texts: [String(count)] });
    await reader?.hears((said) => said.type === "watched" && said.text === "49");
    const expected = Array.from({ length: 50 }, (_, count) => String(count));
    expect(reader?.said.flatMap((said) => (said.type === "watched" ? [said.text] : []))).toEqual(expected);
    expect(await reader?.ask("read", { session: "s" })).toEqual(expected);
    // And on through a change of owners.
    await writer?.kill();
    const heir = await startChild(directory, { leaseMs });
    await heir.ask("open", { session: "s" });
    await heir.ask("append", { session: "s", texts: ["50"] });
    await reader?.hears((said) => said.type === "watched" && said.text === "50");
    expect(reader?.said.filter((said) => said.type === "watched")).toHaveLength(51);
  });
});

describe("a post from another process", () => {
  it.skipIf(!tellsOfChanges)(
    "reaches the session's owner at once: as soon as the system tells of it",
    {
      timeout,
    },
    async () => {
      const directory = temporaryDirectory();
      // Nobody looks into the inbox from time to time: that is found out in inbox.test.ts, by a clock that no machine can slow down.
      const machine: Machine = { ...nodeMachine, every: () => () => {} };
      const log = await begin(freshStore(directory, { leaseMs }, machine), "s");
      const poster = await startChild(directory, { leaseMs });
      for (let round = 0; round < 15; round++) {
        const heard = log.posted(new AbortController().signal);
        await poster.ask("post", { session: "s", text: `post ${round}` });
        await heard;
        expect(texts(await log.append([]))).toEqual([`post ${round}`]);
      }
      expect(readdirSync(join(directory, "inbox"))).toEqual([]);
    },
  );

  it("stands in the log before those that its process posted after it, however many come at once", {
    timeout,
  }, async () => {
    const directory = temporaryDirectory();
    const [owner, poster] = await startAll(2, directory, { leaseMs });
    await owner?.ask("open", { session: "s" });
    await owner?.ask("append", { session: "s", texts: ["a"] });
    const texts = Array.from({ length: 60 }, (_, count) => String(count));
    await poster?.ask("postAll", { session: "s", texts });
    expect(await owner?.ask("read", { session: "s" })).toEqual(["a", ...texts]);
    // And so it is where the owner dies in the middle of it, and the poster takes over.
    void poster?.ask("postAll", { session: "s", texts });
    await owner?.kill();
    const reader = await startChild(directory, { leaseMs });
    let read: string[] = [];
    while (read.length < 121) read = await reader.ask<string[]>("read", { session: "s" });
    expect(read).toEqual(["a", ...texts, ...texts]);
  });

  it("is taken in by its sender where nobody writes, and by the next owner where its sender died", {
    timeout,
  }, async () => {
    const directory = temporaryDirectory();
    const [owner, poster] = await startAll(2, directory, { leaseMs });
    await owner?.ask("open", { session: "s" });
    await owner?.ask("append", { session: "s", texts: ["a"] });
    // The owner stands still, so the post lies in the inbox; then its sender dies, and the owner.
    owner?.stop();
    void poster?.ask("post", { session: "s", text: "b", key: "k" });
    while (!readdirSync(join(directory, "inbox")).some((name) => name.endsWith(".json"))) await pass(5);
    await poster?.kill();
    await owner?.kill();
    const other = await startChild(directory, { leaseMs });
    await other.ask("post", { session: "s", text: "c" });
    expect(await other.ask("read", { session: "s" })).toEqual(["a", "b", "c"]);
  });

  it("finds its key used, whichever process used it", { timeout }, async () => {
    const directory = temporaryDirectory();
    const [owner, first, second] = await startAll(3, directory, { leaseMs });
    await owner?.ask("open", { session: "s" });
    await owner?.ask("append", { session: "s", texts: ["a"] });
    const settled = await Promise.allSettled(
      [first, second, owner].map((child) =>
        child?.ask("post", { session: "s", text: `by ${child.pid}`, key: "k" }),
      ),
    );
    const refused = settled.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
    expect(refused).toHaveLength(2);
    for (const error of refused)
      expect(error).toMatchObject({ name: "AlreadyPostedError", reason: "already_posted" });
    expect(await first?.ask("read", { session: "s" })).toHaveLength(2);
    await owner?.kill();
    await expect(second?.ask("post", { session: "s", text: "again", key: "k" })).rejects.toMatchObject({
      name: "AlreadyPostedError",
    });
    await expect(second?.ask("post", { session: "unknown", text: "b" })).rejects.toMatchObject({
      name: "NoSessionError",
    });
  });
});

describe("stores of one process on one directory", () => {
  it("share one writer, whichever way the path is spelt", async () => {
    const directory = temporaryDirectory();
    const first = fileStore(directory);
    const log = await first.open("s", "me");
    symlinkSync(directory, `${directory}-link`);
    const second = fileStore(`${directory}-link/../store`);
    await expect(second.open("s", "you")).rejects.toMatchObject({ name: "SessionRunningError" });
    const other = await second.open("t", "you");
    await log.append([{ type: "input", messages: [] }], { barrier: true });
    await other.append([{ type: "input", messages: [] }], { barrier: true });
    expect(segments(directory)).toEqual(["00000001.jsonl"]);
  });
});
