// Installs the dependencies when the lockfile has changed since the last install, and only then.
// A newcomer needs Node and npm, nothing else: pnpm itself comes through npx, at a pinned version.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PNPM = "pnpm@12.21.0";
const OLDEST_NODE = [20, 19];

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  console.error(
    `Lockstitch needs Node ${OLDEST_NODE.join(".")} or newer; this is Node ${process.versions.node}. ` +
      "Install a current Node (https://nodejs.org) and run the command again.",
  );
  process.exit(1);
}

const stampFile = join(root, "node_modules", ".lockstitch-install");
const wanted = createHash("sha256")
  .update(readFileSync(join(root, "pnpm-lock.yaml")))
  .digest("hex");
const installed = existsSync(stampFile) ? readFileSync(stampFile, "utf8") : "";

if (installed !== wanted) {
  console.error("Installing dependencies (once, about half a minute) …");
  const install = spawnSync("npx", ["--yes", PNPM, "install", "--frozen-lockfile", "--reporter=silent"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  if (install.status !== 0) {
    console.error(`Could not install the dependencies. Try it by hand: npx ${PNPM} install`);
    process.exit(install.status ?? 1);
  }
  writeFileSync(stampFile, wanted);
}
