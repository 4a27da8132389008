// Runs the worker, which is killed in the middle; runs it again, which goes on; and shows that nothing was booked twice.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const worker = fileURLToPath(new URL("worker.js", import.meta.url));

function work(directory: string, dieAfter: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [worker, directory, dieAfter], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}

const directory = await mkdtemp(join(tmpdir(), "lockstitch-"));
try {
  for (const [name, dieAfter] of [
    ["The first process", "1"],
    ["The second process", "1"],
    ["The third process", ""],
  ] as const) {
    console.log(`${name}:`);
    console.log(`  (${await work(directory, dieAfter)})`);
  }
  const ledger = (await readFile(join(directory, "ledger.txt"), "utf8")).trim().split("\n");
  console.log(`The ledger: ${ledger.join(", ")}`);
  const isRight = ledger.join() === "12A,12B,12C";
  console.log(
    isRight
      ? "Killed twice, and every seat was booked exactly once."
      : "Something was booked twice, or not at all.",
  );
  process.exitCode = isRight ? 0 : 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}
