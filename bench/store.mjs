// How fast does the file store commit, beside a bare loop of write and fdatasync in the same run, and beside SQLite where this Node
// has it (22.5 and newer)? How many fdatasyncs does a step of an agent cost, and how many bytes? Build first, then: node bench/store.mjs
import { close, fdatasync, openSync, write } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { promisify } from "node:util";
import { run } from "@lockstitch/core";
import { scripted, toolUse } from "@lockstitch/testing";
import { createFileStore } from "../packages/store/dist/file/file-store.js";
import { nodeMachine } from "../packages/store/dist/file/node-machine.js";
import { defaultSettings } from "../packages/store/dist/file/settings.js";

const rounds = Number(process.env.ROUNDS ?? 7);
const body = { type: "input", messages: [{ role: "user", content: "x".repeat(900) }] };
const eventOf = (session, seq) => ({ session, seq, at: Date.now(), ...body });
const nameOf = (index) => `session-${String(index).padStart(4, "0")}`;
const sqlite = await import("node:sqlite").catch(() => undefined);

/** A store of its own in a directory of its own, and what it asks of the disk. */
function countedStore(directory) {
  const counts = { syncs: 0, bytes: 0 };
  const { disk } = nodeMachine;
  const open = async (path, purpose) => {
    const file = await disk.open(path, purpose);
    if (!path.endsWith(".jsonl")) return file;
    return {
      ...file,
      write: (bytes, offset) => {
        counts.bytes += bytes.length;
        return file.write(bytes, offset);
      },
      sync: () => {
        counts.syncs += 1;
        return file.sync();
      },
    };
  };
  const store = createFileStore({ ...nodeMachine, disk: { ...disk, open } }, directory, defaultSettings);
  return { store, counts };
}

/** So many sessions append at once, each as soon as its last append is on disk. */
const withStore = (barrier) => async (directory, sessions, each) => {
  const { store } = countedStore(directory);
  const logs = await Promise.all(
    Array.from({ length: sessions }, (_, index) => store.open(nameOf(index), "bench")),
  );
  return timed(async () => {
    await Promise.all(
      logs.map(async (log) => {
        for (let count = 0; count < each; count++) await log.append([body], { barrier });
      }),
    );
  });
};

/** The least that the same would take: what all sessions have is encoded, written at once and synced. */
async function bareLoop(directory, sessions, each) {
  const descriptor = openSync(join(directory, "raw.jsonl"), "w");
  const [writeTo, sync] = [promisify(write), promisify(fdatasync)];
  let position = 0;
  const time = await timed(async () => {
    for (let count = 1; count <= each; count++) {
      let lines = "";
      for (let index = 0; index < sessions; index++)
        lines += `${JSON.stringify(eventOf(nameOf(index), count))}\n`;
      const bytes = Buffer.from(lines);
      await writeTo(descriptor, bytes, 0, bytes.length, position);
      position += bytes.length;
      await sync(descriptor);
    }
  });
  await promisify(close)(descriptor);
  return time;
}

/** SQLite as it is at its best: a log in WAL mode, every transaction on disk; one for each append, or one for all that wait. */
const withSqlite = (grouped) => async (directory, sessions, each) => {
  const database = new sqlite.DatabaseSync(join(directory, "events.db"));
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec(
    "CREATE TABLE events (session TEXT, seq INTEGER, event TEXT, PRIMARY KEY (session, seq)) WITHOUT ROWID",
  );
  const insert = database.prepare("INSERT INTO events VALUES (?, ?, ?)");
  const put = (index, count) =>
    insert.run(nameOf(index), count, JSON.stringify(eventOf(nameOf(index), count)));
  const time = await timed(async () => {
    for (let count = 1; count <= each; count++) {
      if (grouped) database.exec("BEGIN");
      for (let index = 0; index < sessions; index++) {
        put(index, count);
        if (!grouped) await new Promise((resolve) => setImmediate(resolve));
      }
      if (grouped) database.exec("COMMIT");
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  database.close();
  return time;
};

async function timed(work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const [ms, { user, system }] = [performance.now() - start, process.cpuUsage(cpu)];
  delay.disable();
  return { ms, cpuMs: (user + system) / 1000, stallMs: Math.max(0, delay.max / 1e6 - 1) };
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

async function inDirectory(work) {
  const directory = await mkdtemp(join(tmpdir(), "lockstitch-bench-"));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 10 });
  }
}

const contenders = {
  "write + fdatasync, bare": bareLoop,
  "file store, barrier": withStore(true),
  "file store, no barrier": withStore(false),
  ...(sqlite === undefined
    ? {}
    : { "SQLite, one commit for all": withSqlite(true), "SQLite, a commit each": withSqlite(false) }),
};

console.log(
  `Node ${process.version}; 1 KB an append; medians of ${rounds} rounds, taken in turn; × is of the bare loop of the same round`,
);
if (sqlite === undefined)
  console.log("SQLite is left out: this Node has no node:sqlite (22.5 and newer have).");
const sizes = [
  [1, 1000],
  [50, 200],
  [500, 60],
];
for (const [sessions, each] of rounds === 0 ? [] : sizes) {
  const results = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, contend] of Object.entries(contenders)) {
      // A commit each takes so long that a tenth of them says it all.
      const count = name === "SQLite, a commit each" ? Math.ceil(each / 10) : each;
      const { ms, ...rest } = await inDirectory((directory) => contend(directory, sessions, count));
      // The first round only warms up.
      if (round > 0)
        results[name].push({
          rate: (sessions * count * 1000) / ms,
          perAppend: (rest.cpuMs * 1000) / (sessions * count),
          ...rest,
        });
    }
  }
  console.log(`\n${sessions} session${sessions === 1 ? "" : "s"} at once`);
  const bare = results["write + fdatasync, bare"];
  for (const [name, times] of Object.entries(results)) {
    const ratio = median(times.map(({ rate }, round) => rate / bare[round].rate));
    const figures = [
      `${Math.round(median(times.map(({ rate }) => rate))).toLocaleString("en")}/s`.padStart(11),
      `${ratio.toFixed(2)} ×`.padStart(8),
      `${median(times.map(({ perAppend }) => perAppend)).toFixed(1)} µs CPU`.padStart(12),
      `stall ${median(times.map(({ stallMs }) => stallMs)).toFixed(1)} ms, worst ${Math.max(...times.map(({ stallMs }) => stallMs)).toFixed(1)}`,
    ];
    console.log(`  ${name.padEnd(28)}${figures.join("  ")}`);
  }
}

const steps = 50;
console.log(`\nAn agent's run of ${steps} steps, a tool call in each, alone in its store`);
for (const effects of ["none", "once"]) {
  for (const size of [512, 2048]) {
    await inDirectory(async (directory) => {
      const { store, counts } = countedStore(directory);
      const text = "y".repeat(size);
      const call = (index) => [
        { type: "text", text },
        toolUse("look", { city: `City ${index}` }, `toolu_${index}`),
      ];
      const replies = [...Array.from({ length: steps - 1 }, (_, index) => call(index)), "Done."];
      const tool = { name: "look", effects, parse: (input) => input, run: () => text };
      const agent = { tools: [tool], limits: { maxSteps: steps } };
      const { messages, steps: made } = await run(agent, "Go.", {
        claude: scripted(replies),
        store,
        session: "s",
      });
      if (made !== steps) throw new Error(`The run ended after ${made} steps.`);
      const bytes = messages.reduce((sum, message) => sum + Buffer.byteLength(JSON.stringify(message)), 0);
      const [log] = (await readdir(directory)).filter((name) => name.endsWith(".jsonl"));
      const { size: logBytes } = await stat(join(directory, log));
      console.log(
        `  tools with effects "${effects}", ${(2 * size) / 1024} KB of messages a step: ${(counts.syncs / steps).toFixed(2)} fdatasyncs a step, ` +
          `the log is ${(logBytes / bytes).toFixed(2)} × the messages (${((logBytes - bytes) / steps).toFixed(0)} bytes more a step)`,
      );
    });
  }
}
process.exit();
