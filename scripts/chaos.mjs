// Plays as many seeds as one likes: npm run chaos -- --seeds 20000
// They begin at 1, or where --from says. Exit codes: 0 nothing found, 1 findings, 2 wrong usage.
import { parseArgs } from "node:util";
import { chaos } from "@lockstitch/testing";

const usage = "Usage: npm run chaos -- [--seeds 2000] [--from 1]";

function readOptions() {
  const { values } = parseArgs({
    options: { seeds: { type: "string", default: "2000" }, from: { type: "string", default: "1" } },
  });
  return { seeds: wholeNumber("--seeds", values.seeds, 1), from: wholeNumber("--from", values.from, 0) };
}

/** Without this, --seeds abc would play nothing, find nothing and look like a success. */
function wholeNumber(option, text, least) {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= 2 ** 32) return value;
  throw new RangeError(
    `${option} is ${JSON.stringify(text)}. Give a whole number from ${least} to ${2 ** 32}.`,
  );
}

function optionsOrExit() {
  try {
    return readOptions();
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    return process.exit(2);
  }
}

const { runs, recovered, ends, findings } = await chaos(optionsOrExit());

for (const { seed, problem } of findings.slice(0, 50)) console.error(`seed ${seed}: ${problem}`);
const reasons = Object.entries(ends).sort(([, a], [, b]) => b - a);
console.log(reasons.map(([reason, count]) => `${reason} ${count}`).join(", "));
console.log(`${runs} runs, ${recovered} recovered from faults, ${findings.length} findings`);
process.exit(findings.length === 0 ? 0 : 1);
