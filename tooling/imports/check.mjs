// Checks the direction of imports. Beside a TypeScript it doesn't know, dependency-cruiser finds no modules and calls that
// clean, so this fails on too few modules, and must first find a violation that was planted.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cruise } from "dependency-cruiser";
import { hasFloor, rules } from "./rules.mjs";

const here = dirname(fileURLToPath(import.meta.url));

async function violationsIn(baseDir) {
  const { output } = await cruise(
    ["packages"],
    {
      baseDir,
      ruleSet: rules,
      validate: true,
      tsPreCompilationDeps: true,
      doNotFollow: { path: "node_modules" },
      exclude: { path: "(/dist/|/test/|/node_modules/[^@])" },
      includeOnly: { path: "^packages/[^/]+/src/|^[a-z:_]+$" },
    },
    {
      exportsFields: ["exports"],
      conditionNames: ["source", "import", "default"],
      extensionAlias: { ".js": [".ts", ".js"] },
    },
  );
  const unplaced = output.modules
    .map(({ source }) => source)
    .filter((path) => path.startsWith("packages/core/src/") && !hasFloor(path));
  return { modules: output.summary.totalCruised, violations: output.summary.violations, unplaced };
}

const planted = await violationsIn(join(here, "planted"));
if (!planted.violations.some(({ rule }) => rule.name === "core-imports-only-what-it-may")) {
  console.error("The planted violation was not found: the check of imports does not work.");
  process.exit(1);
}

const { modules, violations, unplaced } = await violationsIn(dirname(dirname(here)));
for (const { rule, from, to } of violations) console.error(`${rule.name}: ${from} -> ${to}`);
for (const path of unplaced) console.error(`${path} stands on no floor of core: give it one in rules.mjs.`);
if (modules < 40) console.error(`Only ${modules} modules were seen: the check of imports does not work.`);
else console.log(`imports: ${modules} modules, ${violations.length} violations`);
process.exit(violations.length > 0 || unplaced.length > 0 || modules < 40 ? 1 : 0);
