// Everything that holds the house in order but isn't a test. Runs all, then says which failed.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const packages = readdirSync(join(root, "packages")).filter((name) => !name.startsWith("."));

const checks = [
  ["build", ["tsc", "-b"]],
  ["types of the tests", ["tsc", "-p", "tsconfig.test.json"]],
  ["lint and format", ["biome", "ci", "--colors=off", "--error-on-warnings", "."]],
  ["direction of imports", ["node", "tooling/imports/check.mjs"]],
  ["unused files, exports and dependencies", ["knip"]],
  ...packages.map((name) => [
    `package ${name}`,
    ["publint", "--strict", "--pack", "npm", join("packages", name)],
  ]),
];

const failed = checks.filter(([title, [command, ...rest]]) => {
  console.log(`\n— ${title}`);
  const path = `${join(root, "node_modules", ".bin")}:${process.env.PATH}`;
  const { status } = spawnSync(command, rest, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, PATH: path },
  });
  return status !== 0;
});

for (const [title] of failed) console.error(`failed: ${title}`);
console.log(`\nchecks: ${checks.length - failed.length} passed, ${failed.length} failed`);
process.exit(failed.length === 0 ? 0 : 1);
