import { spawnSync } from "node:child_process";
import { expect, it, vi } from "vitest";

// Processes are started here: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000 });

const script = new URL("../../../scripts/ensure-install.mjs", import.meta.url).href;

function ensureInstallOn(version: string) {
  const code = `Object.defineProperty(process.versions, "node", { value: ${JSON.stringify(version)} }); await import(${JSON.stringify(script)});`;
  return spawnSync(process.execPath, ["--input-type=module", "--eval", code], { encoding: "utf8" });
}

it.each(["18.20.8", "20.18.3"])(
  "a Node as old as %s is told what is needed, before anything is installed",
  (version) => {
    const { status, stderr } = ensureInstallOn(version);
    expect(status).toBe(1);
    expect(stderr).toBe(
      `Lockstitch needs Node 20.19 or newer; this is Node ${version}. Install a current Node (https://nodejs.org) and run the command again.\n`,
    );
  },
);

it.each(["20.19.0", "22.13.0", process.versions.node])("Node %s is new enough", (version) => {
  const { status, stderr } = ensureInstallOn(version);
  expect(status).toBe(0);
  expect(stderr).not.toContain("needs Node");
});
