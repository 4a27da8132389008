// Plays as many seeds as one likes: npm run chaos -- --seeds 20000
// They begin at 1, or where --from says. Exit codes: 0 nothing found, 1 findings, 2 wrong usage.
import { parseArgs } from "node:util";
import { chaos } from "@lockstitch/testing";
import { optionsOrExit, wholeNumber } from "./options.mjs";

const usage = "Usage: npm run chaos -- [--seeds 2000] [--from 1]";

function readOptions() {
  const { values } = parseArgs({
    options: { seeds: { type: "string", default: "2000" }, from: { type: "string", default: "1" } },
  });
  return { seeds: wholeNumber("--seeds", values.seeds, 1), from: wholeNumber("--from", values.from, 0) };
}

const { runs, recovered, ends, findings } = await chaos(optionsOrExit(readOptions, usage));

for (const { seed, problem } of findings.slice(0, 50)) console.error(`seed ${seed}: ${problem}`);
const reasons = Object.entries(ends).sort(([, a], [, b]) => b - a);
console.log(reasons.map(([reason, count]) => `${reason} ${count}`).join(", "));
console.log(`${runs} runs, ${recovered} recovered from faults, ${findings.length} findings`);
process.exit(findings.length === 0 ? 0 : 1);
