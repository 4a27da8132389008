import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it, vi } from "vitest";

// Processes are started here: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000 });

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

it("is killed twice, goes on twice, and books every seat exactly once", () => {
  const output = execFileSync(process.execPath, [main], { encoding: "utf8" });
  expect(output).toBe(`The first process:
  booked 12A
  (SIGKILL)
The second process:
  booked 12B
  (SIGKILL)
The third process:
  booked 12C
  All three seats are booked.
  (exit code 0)
The ledger: 12A, 12B, 12C
Killed twice, and every seat was booked exactly once.
`);
});
