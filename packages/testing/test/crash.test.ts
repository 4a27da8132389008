import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type CrashReport, crashTest } from "@lockstitch/testing";
import { describe, expect, it, vi } from "vitest";
import { createRandom } from "../src/chaos/random.js";
import { allPoints, parseKillPoint, textOf } from "../src/crash/kill-point.js";
import { createLedger } from "../src/crash/ledger.js";

// Processes are started here: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000 });

const agent = new URL("../../../scripts/crash-agent.mjs", import.meta.url);
const broken = (name: string) => new URL(`./crash/${name}.mjs`, import.meta.url);
const problems = ({ findings }: CrashReport) =>
  findings.map(({ kind, problem }) => `${kind}: ${problem}`).join("\n");

describe("an agent on the file store whose processes are killed", () => {
  it("recovers from 60 kills, repeats no effect, loses nothing and keeps a legal history", async () => {
    const report = await crashTest({ module: agent, kills: 60 });
    expect(report).toEqual({
      ...{ kills: 60, recovered: 60, effectsRepeated: 0, lost: 0, invalidHistories: 0, findings: [] },
    });
  }, 600_000);

  it("may be killed again and again in one session", async () => {
    const at = ["after commit 4", "at event 2", "after write 9", "at effect 1", "at start 2"];
    const { kills, findings } = await crashTest({ module: agent, seed: 7, at });
    expect({ kills, findings }).toEqual({ kills: 5, findings: [] });
  }, 300_000);
});

describe("crashTest() finds", () => {
  const cases: [string, string, string[], RegExp][] = [
    [
      "a tool that repeats its effect",
      "repeats-its-effect",
      [],
      /effect_repeated: send .* had its effect 2 times/,
    ],
    ["an idempotency key that changes", "changes-its-key", ["at effect 1"], /another idempotency key/],
    [
      "a start that is not committed",
      "forgets-starts",
      [],
      /effect_repeated: send .* started before that was committed/,
    ],
    [
      "a store that loses what it acknowledged",
      "forgets-its-last-line",
      ["after commit 3"],
      /lost: event 4, step.start, was acknowledged, and the log has run.resume/,
    ],
    ["an agent that can't be made", "has-no-agent", [], /not_recovered: TypeError: .*must export `create`/],
    [
      "a history that depends on its process",
      "answers-differently",
      ["before commit 3"],
      /not_recovered: message 3 /,
    ],
  ];
  it.each(cases)(
    "%s",
    async (_what, name, at, words) => {
      const report = await crashTest({ module: broken(name), seed: 3, at });
      expect(problems(report)).toMatch(words);
    },
    300_000,
  );

  it("a process that does not end in time", async () => {
    const report = await crashTest({ module: agent, patienceMs: 1 });
    expect(report).toMatchObject({ kills: 0, recovered: 0 });
    expect(problems(report)).toMatch(/did not end within 1 ms/);
  });

  it.each([
    [{ module: broken("has-no-store") }, /must export `store`/],
    [{ module: agent, kills: 0 }, /kills is 0/],
    [{ module: agent, seed: 1.5 }, /seed is 1\.5/],
    [{ module: agent, at: ["after lunch 1"] }, /"after lunch 1" is no kill point/],
  ])("what can't be meant: %o", async (options, words) => {
    await expect(crashTest(options)).rejects.toThrow(words);
  });
});

describe("the ledger of a game", () => {
  const ids = { toolUseId: "toolu_1", idempotencyKey: "s:toolu_1" };
  const start = { type: "start", ...ids, name: "pay", effects: "once", reconciles: false } as const;
  const committed = { session: "s", seq: 1, at: 0, type: "tool.start", name: "pay", ...ids } as const;

  it("lets a tool that must happen once start once", () => {
    const ledger = createLedger();
    ledger.commit([committed]);
    ledger.answer(start);
    expect(ledger.problems).toEqual([]);
    ledger.answer(start);
    expect(ledger.problems).toMatchObject([
      { kind: "effect_repeated", problem: expect.stringMatching(/started 2 times/) },
    ]);
  });

  it("lets it start again where it found that nothing has happened, or a person said so", () => {
    const asked = {
      ...committed,
      seq: 2,
      type: "tool.check",
      verdict: "ask",
      rule: "unknown_outcome",
    } as const;
    for (const [events, reconciles] of [
      [[committed], true],
      [[committed, asked], false],
    ] as const) {
      const ledger = createLedger();
      ledger.commit(events);
      ledger.answer({ ...start, reconciles });
      ledger.answer({ ...start, reconciles });
      expect(ledger.problems).toEqual([]);
    }
  });

  it("gives an idempotent tool the value that stands", () => {
    const ledger = createLedger();
    ledger.commit([committed]);
    ledger.answer({ ...start, effects: "idempotent" });
    expect(ledger.answer({ type: "find", ...ids })).toEqual({ performed: false });
    expect(ledger.answer({ type: "perform", ...ids, value: 1 })).toBe(1);
    expect(ledger.answer({ type: "perform", ...ids, value: 2 })).toBe(1);
    expect(ledger.answer({ type: "find", ...ids })).toEqual({ performed: true, value: 1 });
    expect(ledger.problems).toEqual([]);
  });
});

describe("kill points", () => {
  it("are every visit of an uninterrupted run, each once, and can be written down", () => {
    const points = allPoints({ "before commit": 3, "after sync": 2, "at ms": 50 }, createRandom(1)).map(
      textOf,
    );
    expect([...points].sort()).toEqual([
      "after sync 1",
      "after sync 2",
      "before commit 1",
      "before commit 2",
      "before commit 3",
    ]);
    expect(points.map(parseKillPoint).map(textOf)).toEqual(points);
  });
});

describe("the crash command", () => {
  const command = fileURLToPath(new URL("../../../scripts/crash.mjs", import.meta.url));
  const play = (...options: string[]) =>
    spawnSync(process.execPath, [command, ...options], { encoding: "utf8" });

  it("ends with its count, and with 0 where all recovered", () => {
    const { status, stdout } = play("--kills", "2");
    expect(stdout).toBe("2 kills, 2 recovered, 0 effects repeated, 0 lost, 0 invalid histories\n");
    expect(status).toBe(0);
  }, 300_000);

  it("ends with 1, and says how to play it again, where something was found", () => {
    const module = fileURLToPath(broken("changes-its-key"));
    const { status, stderr, stdout } = play("--module", module, "--seed", "3", "--at", "at effect 1");
    expect(stderr).toContain('npm run crash -- --seed 3 --at "at effect 1"');
    expect(stdout).toMatch(/^1 kills, 1 recovered, 1 effects repeated, /);
    expect(status).toBe(1);
  }, 300_000);

  it.each([
    ["--kills", "abc"],
    ["--kills", "0"],
    ["--seed", "x"],
    ["--at", "noon"],
    ["--kill", "5"],
  ])("ends with 2 and its usage on %s %s", (...options) => {
    const { status, stderr, stdout } = play(...options);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("Usage: npm run crash -- ");
  });
});
