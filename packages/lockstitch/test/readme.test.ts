import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createSimulator } from "@lockstitch/testing";
import { expect, it, vi } from "vitest";

// Processes are started here: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000 });

const root = new URL("../../../", import.meta.url);

/** The README's example, what it says that this prints, and its lines that start the simulator. */
async function readReadme(): Promise<{ example: string; printed: string; withSimulator: string }> {
  const readme = await readFile(new URL("README.md", root), "utf8");
  const [example = "", withSimulator = ""] = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(
    ([, code]) => code,
  );
  const printed = /```text\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  return { example, printed, withSimulator };
}

async function save(name: string, code: string): Promise<string> {
  const folder = new URL("node_modules/.cache/readme/", root);
  await mkdir(folder, { recursive: true });
  const file = new URL(name, folder);
  await writeFile(file, code);
  return fileURLToPath(file);
}

it("the README's example prints what the README says, with nothing but the two environment variables set", async () => {
  const { example, printed } = await readReadme();
  expect(example.trim().split("\n").length).toBeGreaterThan(10);
  const file = await save("example.mjs", example);

  const simulator = await createSimulator();
  try {
    const output = await runNode(file, {
      ANTHROPIC_BASE_URL: simulator.url,
      ANTHROPIC_API_KEY: "any",
    });
    expect(output).toEqual({ code: 0, stdout: printed, stderr: "" });
    expect(simulator.requests).toHaveLength(2);
  } finally {
    await simulator.close();
  }
});

it("with the README's lines for the simulator before it, the example prints the same with nothing set at all", async () => {
  const { example, printed, withSimulator } = await readReadme();
  expect(withSimulator).toContain("createSimulator");
  const file = await save("offline.mjs", `${withSimulator}\n${example}\nawait simulator.close();\n`);
  expect(await runNode(file, {})).toEqual({ code: 0, stdout: printed, stderr: "" });
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

it.each(["core", "tools", "tracing", "testing", "lockstitch"])(
  "npm shows what %s is for, with an example",
  async (folder) => {
    const home = new URL(`packages/${folder}/`, root);
    const { name } = JSON.parse(await readFile(new URL("package.json", home), "utf8")) as { name: string };
    const page = await readFile(new URL("README.md", home), "utf8");
    expect(page).toMatch(new RegExp(`^# ${name}\n`));
    expect(page).toContain("```ts\n");
    expect(page).toMatch(/^npm install .*/m);
    // On npm's page a relative link leads nowhere.
    expect(page).not.toMatch(/\]\((?!https:)/);
  },
);
