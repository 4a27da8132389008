import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createSimulator } from "@lockstitch/testing";
import { expect, it } from "vitest";

const root = new URL("../../../", import.meta.url);

it("the README's example prints what the README says, with nothing but the two environment variables set", async () => {
  const readme = await readFile(new URL("README.md", root), "utf8");
  const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const printed = /```text\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  expect(code.trim().split("\n").length).toBeGreaterThan(10);

  const folder = new URL("node_modules/.cache/readme/", root);
  await mkdir(folder, { recursive: true });
  const file = new URL("example.mjs", folder);
  await writeFile(file, code);

  const simulator = await createSimulator();
  try {
    const output = await runNode(fileURLToPath(file), {
      ANTHROPIC_BASE_URL: simulator.url,
      ANTHROPIC_API_KEY: "any",
    });
    expect(output).toEqual({ code: 0, stdout: printed, stderr: "" });
    expect(simulator.requests).toHaveLength(2);
  } finally {
    await simulator.close();
  }
});

function runNode(
  file: string,
  environment: Record<string, string>,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file], { env: environment, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
