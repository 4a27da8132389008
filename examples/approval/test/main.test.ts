import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, vi } from "vitest";

// Processes are started here: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000 });

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const play = (...words: string[]) => execFileSync(process.execPath, [main, ...words], { encoding: "utf8" });

it("pays what is small, waits for a person with what is large, and goes on once that person has said yes", () => {
  expect(play()).toBe(`$ start
waits for a person: toolu_B2 pay_invoice {"invoice":"B-2","usd":950}
$ approve
approved
$ resume
Done: paid A-1: $40 | paid B-2: $950
`);
});

it("goes on without the payment where that person has said no", () => {
  const directory = mkdtempSync(join(tmpdir(), "lockstitch-"));
  try {
    play("start", directory);
    expect(play("resume", directory)).toContain("waits for a person");
    play("deny", directory);
    expect(play("resume", directory)).toBe(
      "Done: paid A-1: $40 | Denied: pay_invoice was not run. Reason: the boss said no\n",
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
