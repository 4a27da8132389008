import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";

// Processes are started here: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000 });

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** Runs the built example as a user would, without a key. It rejects unless the example exits with 0. */
async function runExample(...options: string[]): Promise<{ log: Record<string, unknown>[]; shown: string }> {
  const { ANTHROPIC_API_KEY: _key, ...env } = process.env;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, ...options], { env });
  const lines = stdout.split("\n").slice(0, -1);
  return { log: lines.map((line) => JSON.parse(line)), shown: stderr };
}

test("standard output is one JSON object for each committed event, in order, and none of what was said", async () => {
  const { log } = await runExample();
  const events = log.filter((record) => record.seq !== undefined);
  expect(events.map((record) => record.seq)).toEqual(events.map((_, index) => index + 1));
  expect(events[0]).toMatchObject({ event: "session.start" });
  expect(events.at(-1)).toMatchObject({ event: "run.end", reason: "end_turn", steps: 3 });
  const calls = events.filter((record) => record.event === "tool.end");
  expect(calls.map(({ tool, outcome }) => `${tool} ${outcome}`).sort()).toEqual([
    "find_order error",
    "find_order ok",
    "refund ok",
  ]);
  for (const { durationMs } of calls) expect(durationMs).toEqual(expect.any(Number));
  expect(JSON.stringify(log)).not.toMatch(/A-17|B-99|umbrella|euros/);
});

test("the listener that fails at each step is a line of the log each time, and stops nothing", async () => {
  const { log } = await runExample();
  expect(log.flatMap((record) => record.listenerError ?? [])).toEqual([
    "Error: the metrics server did not take step 1",
    "Error: the metrics server did not take step 2",
    "Error: the metrics server did not take step 3",
  ]);
});

test("standard error is for a person: the answer, the time to its first word, and the times of the tools", async () => {
  const { shown } = await runExample();
  expect(shown).toMatch(/24 euros for the umbrella \(A-17\)/);
  expect(shown).toMatch(/^first word after \d+ ms$/m);
  expect(shown).toMatch(/^find_order: 2 calls, \d+ ms at most$/m);
  expect(shown).toMatch(/^refund: 1 call, \d+ ms at most$/m);
});

test("with --watch the run is told step by step, and the log is the same", async () => {
  const [plain, watched] = await Promise.all([runExample(), runExample("--watch")]);
  expect(watched.shown).toMatch(/^● order-desk · /);
  expect(watched.shown).toMatch(/^│ → find_order#2 \{"order":"B-99"\}$/m);
  expect(watched.shown).toMatch(/^│ ✗ find_order#2 There is no order B-99\. {3}\d/m);
  expect(watched.shown).toMatch(/^● end_turn after 3 steps · /m);
  const kinds = (log: Record<string, unknown>[]) => log.map((record) => record.event);
  expect(kinds(watched.log)).toEqual(kinds(plain.log));
});
