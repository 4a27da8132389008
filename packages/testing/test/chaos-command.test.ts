import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";

// Processes are started here: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000 });

const command = fileURLToPath(new URL("../../../scripts/chaos.mjs", import.meta.url));

function play(...options: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...options], { encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("the chaos command", () => {
  it("plays as many seeds as it is told, from where it is told", () => {
    const { status, stdout, stderr } = play("--seeds", "3", "--from", "0");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("3 runs, ");
  });

  it.each([
    [["--seeds", "abc"], /^--seeds is "abc"\. Give a whole number from 1/],
    [["--seeds", "0"], /^--seeds is "0"\. Give a whole number from 1/],
    [["--seeds=-5"], /^--seeds is "-5"/],
    [["--seeds", "-5"], /--seeds/],
    [["--seeds="], /^--seeds is ""/],
    [["--seeds", "1", "--from", "x"], /^--from is "x"\. Give a whole number from 0/],
    [["--sedes", "5"], /--sedes/],
  ])("ends with 2 and its usage on %j", (options, message) => {
    const { status, stdout, stderr } = play(...options);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).toContain("Usage: npm run chaos -- ");
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
